"""``auth status`` and ``auth disable`` of the v2 store: each member is asked itself."""

from __future__ import annotations

import asyncio

from ringfence.errors import AccessDenied, ClusterError, NotThere, NoV2, Problem, Refused
from ringfence.etcd.v2.client import ClientV2
from ringfence.model.auth_status import MemberAuthV2
from ringfence.model.credentials import Credentials
from ringfence.model.names import ROOT_USER, is_spare
from ringfence.model.v2 import GUEST_ROLE
from ringfence.ops.reach.members import find_members
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.off import Disabled
from ringfence.ops.v2.switch import V2
from ringfence.spec.shape import Spec


async def ask_all_v2(spec: Spec, target: Target, *, is_root: bool) -> tuple[MemberAuthV2, ...]:
    """What each member says, by name; a member that does not answer says why."""
    names = {member.client: member.name for member in spec.cluster.members}
    try:
        found, missing = await find_members(target)
    except ClusterError:
        asked = (_ask(names.get(url, url), url, target.credentials, is_root=is_root) for url in target.endpoints)
        return tuple(await asyncio.gather(*asked))
    answers = await asyncio.gather(
        *(_ask(member.name, member.endpoint, target.credentials, is_root=is_root) for member in found)
    )
    silent = (MemberAuthV2(name=each.name, problem=each.problem) for each in missing)
    return tuple(sorted((*answers, *silent), key=lambda member: member.name))


async def is_on_v2(target: Target) -> bool:
    """Whether v2 auth is on, on any member that answers.

    Raises:
        ClusterError: none answers.
    """
    await find_members(target)
    return await V2.is_on_anywhere(target)


async def disable_v2(target: Target) -> Disabled:
    """Switch v2 auth off as root, and see it on every member that answers.

    Raises:
        ClusterError: etcd did not do it, or a member still says that it is on.
    """
    through = await V2.off(target)
    found, missing = await find_members(target)
    enabled = await asyncio.gather(*(_enabled(member.endpoint, target) for member in found))
    on = [member.name for member, is_on in zip(found, enabled, strict=True) if is_on]
    if on:
        what = f"v2 auth was switched off through {through} and is still on, on {', '.join(on)}"
        raise Refused(Problem(what, hint="that member's v2 store is not the cluster's: see ringfence auth status"))
    return Disabled(
        through=through,
        off=tuple(member.name for member in found),
        unseen=tuple(member.name for member in missing),
    )


async def _enabled(endpoint: str, target: Target) -> bool:
    async with ClientV2(endpoint, target.credentials) as client:
        try:
            await client.keys.settle()
        except AccessDenied:
            pass  # it may refuse the read and still tell
        except NoV2:
            return False
        return await client.auth.enabled()


async def _ask(name: str, endpoint: str, credentials: Credentials, *, is_root: bool) -> MemberAuthV2:
    """What this member has itself, after it has caught up with the others."""
    async with ClientV2(endpoint, credentials) as client:
        enabled: bool | None = None
        try:
            enabled = await client.auth.enabled()
            if not is_root:
                return MemberAuthV2(name=name, serves=True, enabled=enabled)
            await client.keys.settle()
            users, roles = await client.auth.users(), await client.auth.roles()
            is_open = await _guest_is_open(client)
        except NoV2:
            return MemberAuthV2(name=name, serves=False)
        except AccessDenied:
            return MemberAuthV2(name=name, serves=True, enabled=enabled, knows_root=False)
        except ClusterError as error:
            return MemberAuthV2(name=name, enabled=enabled, problem=error.problems[0])
    return MemberAuthV2(
        name=name,
        serves=True,
        enabled=enabled,
        users=len(users),
        roles=len(roles),
        root_user=ROOT_USER in users,
        guest_open=is_open,
        knows_root=True,
        spare_keys=tuple(sorted(filter(is_spare, users))),
    )


async def _guest_is_open(client: ClientV2) -> bool:
    """With auth off a guest without a role counts as open: it is what switching auth on would make of it."""
    try:
        guest = await client.auth.role(GUEST_ROLE)
    except NotThere:
        return not await client.auth.enabled()
    return bool(guest.read or guest.write)
