"""Whether all members say the same of auth: each is asked itself.

Users, roles and the switch are one state in theory. A member that lost its auth store at a restart, or was restored
from before, answers by rules of its own, and only its own clients notice. What is asked goes through consensus and is
answered by the member's own store, so none can merely lag behind. It is cheap: names and the auth revision, not every
user and role; where etcd tells no revision (before 3.5), a role that differs in its permissions alone is not seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from ringfence.errors import AccessDenied, ClusterError, NotThere
from ringfence.etcd.client import Client
from ringfence.etcd.cluster import ListedMember
from ringfence.ops.reach.target import Target
from ringfence.proof.agreement import Agreement, MemberView, View, agree

_TRIES = 3
"""Auth writes that go on meanwhile make members look different; then they are asked again."""


async def agreement(target: Target, listed: Collection[ListedMember]) -> Agreement:
    """What each member says of auth.

    Args:
        target: as whom; its endpoints are tried for members that do not answer at the URLs that they list.
        listed: the members, as the cluster lists them.
    """
    views: list[MemberView] = []
    for _ in range(_TRIES):
        views = await asyncio.gather(*(_asked(member, target) for member in listed))
        if agree(views):
            break
    return Agreement(tuple(views))


async def _asked(member: ListedMember, target: Target) -> MemberView:
    name = member.name or format(member.member_id, "x")
    urls = [url for url in member.client_urls if url.startswith("https://")]
    why = "it does not answer: " + (", ".join(member.client_urls) or "it lists no client URL")
    for url in dict.fromkeys((*urls, *target.endpoints)):
        async with Client(url, target.credentials) as client:
            try:
                if url not in urls and (await client.cluster.status()).member_id != member.member_id:
                    continue
                return MemberView(name, url, await _view(client))
            except (AccessDenied, NotThere) as error:  # NotThere: the Common Name in use is no user there
                if url in urls:
                    return MemberView(name, url, f"it does not know root as root: {error.problems[0].what}")
            except ClusterError as error:
                if url in urls:
                    why = f"it does not answer: {error.problems[0].what}"
    return MemberView(name, ", ".join(member.client_urls), why)


async def _view(client: Client) -> View:
    return View(
        auth_enabled=await client.auth.enabled(),
        auth_revision=await client.auth.revision(),
        users=frozenset(await client.auth.users()),
        roles=frozenset(await client.auth.roles()),
    )
