"""The switch of v3 by hand; ``auth_by_hand`` joins it with that of v2."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ringfence.errors import ClusterError, Problem, Refused
from ringfence.etcd.client import Client
from ringfence.ops.reach.members import ReachedMember, find_members
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.off import Disabled, switch_off


async def is_on(target: Target) -> bool:
    """Whether auth is on, on any member that answers.

    Raises:
        ClusterError: none answers.
    """
    found, _ = await find_members(target)
    return any(await asyncio.gather(*(_enabled(member, target) for member in found)))


async def disable(target: Target) -> Disabled:
    """Switch auth off as root, and see it on every member that answers.

    Raises:
        ClusterError: etcd did not do it, or a member still says that it is on.
    """
    through = await switch_off(target)
    found, missing = await find_members(target)
    on = [member.name for member in found if await _enabled(member, target)]
    if on:
        what = f"auth was switched off through {through} and is still on, on {', '.join(on)}"
        raise Refused(Problem(what, hint="that member's auth store is not the cluster's: see ringfence auth status"))
    return Disabled(
        through=through,
        off=tuple(member.name for member in found),
        unseen=tuple(member.name for member in missing),
    )


async def _enabled(member: ReachedMember, target: Target) -> bool:
    async with Client(member.endpoint, target.credentials) as client:
        with suppress(ClusterError):  # it may refuse the read and still tell
            await client.keys.settle()
        return await client.auth.enabled()
