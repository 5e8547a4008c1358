"""The switch of one store, in the steps that switching on safely takes: one for v3, one for v2 (``ops.v2.switch``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ringfence.model.credentials import SpareKey
from ringfence.ops.reach.members import ReachedMember
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.switch.off import is_on_anywhere, switch_off
from ringfence.ops.switch.spare_key import check_root_gets_in, hand_in, take_back


class Switch(Protocol):
    """What ``switch_on`` does to a store. All methods raise ClusterError; ``hand_in`` also Interference."""

    @property
    def name(self) -> str:
        """As in a sentence: ``auth``."""

    @property
    def api(self) -> str:
        """``v3`` or ``v2``."""

    async def hand_in(self, target: Target, key: SpareKey) -> None:
        """Make the user of the spare key, while auth is off."""

    async def enable(self, target: Target) -> None:
        """Switch auth on."""

    async def check_root(self, members: Iterable[ReachedMember], target: Target) -> None:
        """With auth on: that root's certificate is root on every member; raises LockOut where it is not."""

    async def take_back(self, target: Target, key: SpareKey) -> None:
        """Delete the user of the spare key."""

    async def off(self, target: Target) -> str:
        """Switch auth off through any endpoint, with the spare key where root's certificate does not do; which did."""

    async def is_on_anywhere(self, target: Target) -> bool:
        """Whether some member that answers says that auth is on."""


class SwitchV3:
    """That of v3."""

    name = "auth"
    api = "v3"

    async def hand_in(self, target: Target, key: SpareKey) -> None:
        """Make the user of the spare key."""
        await hand_in(target, key)

    async def enable(self, target: Target) -> None:
        """Switch auth on."""
        async with connected(target) as client:
            await client.auth.enable()

    async def check_root(self, members: Iterable[ReachedMember], target: Target) -> None:
        """That root's certificate is root on every member."""
        await check_root_gets_in(members, target)

    async def take_back(self, target: Target, key: SpareKey) -> None:
        """Delete the user of the spare key."""
        async with connected(target) as client:
            await take_back(client, key)

    async def off(self, target: Target) -> str:
        """Switch auth off."""
        return await switch_off(target)

    async def is_on_anywhere(self, target: Target) -> bool:
        """Whether auth is on somewhere."""
        return await is_on_anywhere(target)


V3 = SwitchV3()
