"""The switch of the v2 store, step by step; ``ops.switch.on`` says in which order and with which way back.

A member that takes no names from certificates makes root's certificate the guest, and only a password switches v2 auth
off again. So here too a user with the role root and a random password is there for the moment of the switch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from ringfence.errors import AccessDenied, AlreadyThere, ClusterError, Interference, LockOut, NotThere, Problem, Refused
from ringfence.etcd.v2.client import ClientV2
from ringfence.model.credentials import SpareKey
from ringfence.model.names import ROOT_ROLE
from ringfence.model.v2 import GUEST_ROLE
from ringfence.ops.reach.members import ReachedMember
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.off import any_says, through_any
from ringfence.ops.v2.reach import connected_v2


class SwitchV2:
    """That of v2; see ``ops.switch.store.Switch``."""

    name = "v2 auth"
    api = "v2"

    async def hand_in(self, target: Target, key: SpareKey) -> None:
        """Make the user of the spare key, while auth is off."""
        async with connected_v2(target) as client:
            try:
                is_on = await client.auth.enabled()
                if not is_on:
                    await client.auth.add_user(key.user, key.password, (ROOT_ROLE,))
            except AlreadyThere:
                is_on = True
        if is_on:
            what = "somebody else is switching v2 auth on, or has done so while the plan was carried out"
            raise Interference.of(what, hint="see ringfence auth status; run plan to see what is left to do")

    async def enable(self, target: Target) -> None:
        """Switch v2 auth on."""
        async with connected_v2(target) as client:
            await client.auth.enable()

    async def check_root(self, members: Iterable[ReachedMember], target: Target) -> None:
        """With v2 auth on: that root's certificate is root on every member, and the guest there may do nothing.

        Raises:
            LockOut: it is not, or the guest may do something, on the members that are named.
        """
        found = await asyncio.gather(*(_problems(member, target) for member in members))
        problems = [problem for each in found for problem in each]
        if problems:
            raise LockOut(*problems)

    async def take_back(self, target: Target, key: SpareKey) -> None:
        """Delete the user of the spare key, if it is there."""
        async with connected_v2(target) as client:
            with suppress(NotThere):
                await client.auth.delete_user(key.user)

    async def off(self, target: Target) -> str:
        """Switch v2 auth off through any endpoint; nothing happens where it is off.

        Returns:
            The endpoint that did it.

        Raises:
            ClusterError: none did; a problem for each.
        """
        return await through_any(target, lambda endpoint: _off_through(endpoint, target))

    async def is_on_anywhere(self, target: Target) -> bool:
        """Whether some member that answers says that v2 auth is on."""

        async def enabled(endpoint: str) -> bool:
            async with ClientV2(endpoint, target.credentials) as client:
                return await client.auth.enabled()

        return await any_says(target, enabled)


V2 = SwitchV2()


async def _off_through(endpoint: str, target: Target) -> None:
    try:
        async with ClientV2(endpoint, target.credentials) as client:
            await client.auth.disable()
    except (AccessDenied, Refused):
        if target.spare is None:
            raise
        async with ClientV2(endpoint, target.credentials, login=target.spare) as client:
            await client.auth.disable()
    if target.spare is not None:
        async with ClientV2(endpoint, target.credentials) as client:
            with suppress(NotThere):
                await client.auth.delete_user(target.spare.user)


async def _problems(member: ReachedMember, target: Target) -> list[Problem]:
    try:
        async with ClientV2(member.endpoint, target.credentials) as client:
            await client.keys.settle()
            await client.auth.users()
            guest = await client.auth.role(GUEST_ROLE)
    except NotThere:  # a guest without a role may do nothing either
        return []
    except ClusterError as error:
        why = "; ".join(problem.what for problem in error.problems)
        what = f"with v2 auth on, root's certificate is not root on member {member.name}: {why}"
        hint = "start it with --client-cert-auth: --trusted-ca-file alone ignores the names in certificates"
        return [Problem(what, hint=hint)]
    if guest.read or guest.write:
        return [Problem(f"the guest may do something on member {member.name}", hint="plan again: the plan closes it")]
    return []
