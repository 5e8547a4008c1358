"""Whether all members say the same of auth: each is asked itself.

Users, roles and the switch are one state in theory. A member that lost its auth store at a restart, or was restored
from before, answers by rules of its own, and only its own clients notice. What is asked goes through consensus and is
answered by the member's own store (etcd ``server/etcdserver/v3_server.go``: UserGet and RoleGet are raft requests), so
none can merely lag behind. It is cheap where each member tells its auth revision: that and the names, not every user
and role. Where one does not (before 3.5), every user and role is read from each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator

from ringfence.errors import AccessDenied, ClusterError, MembersDiffer, NotThere, Problem
from ringfence.etcd.client import Client
from ringfence.etcd.cluster import ListedMember
from ringfence.etcd.inflight import each as of_each
from ringfence.model.state import Role, User
from ringfence.model.text import span_text
from ringfence.ops.reach.target import Target
from ringfence.proof.agreement import Agreement, MemberView, View, agree

_TRIES = 3
"""Auth writes that go on meanwhile make members look different; then they are asked again."""

_HINT = "nothing was changed, for no change mends it: see ringfence auth status, and docs/runbook.md, chapter 3"


async def agreement(target: Target, listed: Collection[ListedMember]) -> Agreement:
    """What each member says of auth.

    Args:
        target: as whom; its endpoints are tried for members that do not answer at the URLs that they list.
        listed: the members, as the cluster lists them.
    """
    views: list[MemberView] = []
    whole = False
    for _ in range(_TRIES):
        views = await asyncio.gather(*(_asked(member, target, whole=whole) for member in listed))
        if not whole and any(isinstance(each.view, View) and each.view.auth_revision is None for each in views):
            whole = True
            views = await asyncio.gather(*(_asked(member, target, whole=True) for member in listed))
        if agree(views):
            break
    return Agreement(tuple(views))


def check_agreement(found: Agreement) -> None:
    """Refuse to change anything while members that answer do not have the same users, roles and switch.

    A member applies each change to its own store, so a change on top of different stores drives them further apart:
    what one makes, another refuses, their auth revisions never meet again, and clients of one of them are refused for
    good (``revision of auth store is old``). Nothing that ``apply`` does mends that. A member that is silent is
    another thing: it has all of it to come when it is back.

    Raises:
        MembersDiffer: with what each member says otherwise than most.
    """
    answered = {member.name for member in found.members if isinstance(member.view, View) or member.knows_nobody}
    problems = [
        Problem(f"member {name}: {sentence}", hint=_HINT)
        for name, sentences in found.differences.items()
        if name in answered
        for sentence in sentences
    ]
    if problems:
        raise MembersDiffer(*problems)


async def _asked(member: ListedMember, target: Target, *, whole: bool) -> MemberView:
    name = member.name or format(member.member_id, "x")
    urls = [url for url in member.client_urls if url.startswith("https://")]
    why = "it does not answer: " + (", ".join(member.client_urls) or "it lists no client URL")
    for url in dict.fromkeys((*urls, *target.endpoints)):
        async with Client(url, target.credentials) as client:
            try:
                if url not in urls and (await client.cluster.status()).member_id != member.member_id:
                    continue
                return MemberView(name, url, await _view(client, whole=whole))
            except (AccessDenied, NotThere) as error:  # NotThere: the Common Name in use is no user there
                if url in urls:
                    what = f"it does not know root as root: {error.problems[0].what}"
                    return MemberView(name, url, what, knows_nobody=True)
            except ClusterError as error:
                if url in urls:
                    why = f"it does not answer: {error.problems[0].what}"
    return MemberView(name, ", ".join(member.client_urls), why)


async def _view(client: Client, *, whole: bool) -> View:
    users, roles = await client.auth.users(), await client.auth.roles()
    grants: set[str] | None = None
    if whole:
        grants = {told for user in await of_each(users, client.auth.user) for told in _memberships(user)}
        grants |= {told for role in await of_each(roles, client.auth.role) for told in _permissions(role)}
    return View(
        auth_enabled=await client.auth.enabled(),
        auth_revision=await client.auth.revision(),
        users=frozenset(users),
        roles=frozenset(roles),
        grants=None if grants is None else frozenset(grants),
    )


def _memberships(user: User) -> Iterator[str]:
    return (f"user {user.name} holds role {role}" for role in user.roles)


def _permissions(role: Role) -> Iterator[str]:
    return (f"role {role.name} may {one.access.value} {span_text(one.span)}" for one in role.permissions)
