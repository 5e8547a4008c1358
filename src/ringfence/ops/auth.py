"""``auth confirm`` and ``auth disable``: the switch by hand."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ringfence.errors import ClusterError, GuardError, Problem, Refused
from ringfence.etcd.client import Client
from ringfence.model.guard import GuardRecord, GuardState
from ringfence.ops.reach.members import ReachedMember, find_members
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.guard_folder import GuardFolder
from ringfence.ops.switch.off import switch_off

_ANSWER_SECONDS = 15.0
_LOOK_SECONDS = 0.1


async def confirm(spec: Path) -> GuardRecord:
    """Let auth stay on: tell the guard that waits for it.

    Args:
        spec: the spec that was applied with ``--confirm-within``.

    Raises:
        GuardError: no guard waits for that, or it is too late.
    """
    folder = GuardFolder.beside(spec)
    record = folder.read()
    if record is None or record.state is not GuardState.HOLDING or not folder.is_held:
        raise _nothing_to_confirm(record, lives=folder.is_held)
    folder.ask_to_confirm(record.id)
    deadline = time.monotonic() + _ANSWER_SECONDS
    while time.monotonic() < deadline:
        now = folder.read()
        if now is not None and now.state is GuardState.CONFIRMED:
            return now
        if now is None or now.state is not GuardState.HOLDING:
            raise _nothing_to_confirm(now, lives=True)
        await asyncio.sleep(_LOOK_SECONDS)
    raise GuardError.of("the guard does not answer", hint="see ringfence auth status, and ask again")


def _nothing_to_confirm(record: GuardRecord | None, *, lives: bool) -> GuardError:
    if record is not None and lives and record.state is GuardState.ARMED:
        return GuardError.of("the proof is still under way", hint="confirm when apply has ended")
    if record is not None and record.state in {GuardState.FIRING, GuardState.OFF}:
        what = f"too late: auth was switched off at {record.at:%H:%M:%S} UTC: {record.why}"
        return GuardError.of(what, hint="apply again")
    if record is not None and record.state is GuardState.FAILED:
        what = f"too late, and auth could not be switched off: {record.why}"
        return GuardError.of(what, hint="see ringfence auth status")
    return GuardError.of("nothing waits for a confirmation", hint="apply --confirm-within T makes it wait")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disabled:
    """What ``auth disable`` did.

    Args:
        through: the endpoint that did it.
        off: the members that were seen with auth off, by name.
        unseen: the members that do not answer; they follow when they are back.
    """

    through: str
    off: tuple[str, ...]
    unseen: tuple[str, ...]


async def is_on(target: Target) -> bool:
    """Whether auth is on, on any member that answers.

    Raises:
        ClusterError: none answers.
    """
    found, _ = await find_members(target)
    return any(await asyncio.gather(*(_enabled(member, target) for member in found)))


async def disable(target: Target, spec: Path) -> Disabled:
    """Switch auth off, see it on every member that answers, and let a guard go that waits.

    Args:
        target: as root.
        spec: beside which a guard may wait.

    Raises:
        ClusterError: etcd did not do it, or a member still says that it is on.
    """
    through = await switch_off(target)
    found, missing = await find_members(target)
    on = [member.name for member in found if await _enabled(member, target)]
    if on:
        what = f"auth was switched off through {through} and is still on, on {', '.join(on)}"
        raise Refused(Problem(what, hint="that member's auth store is not the cluster's: see ringfence auth status"))
    let_guard_go(spec)
    return Disabled(
        through=through,
        off=tuple(member.name for member in found),
        unseen=tuple(member.name for member in missing),
    )


def let_guard_go(spec: Path) -> None:
    """End a guard that waits, when auth is off: it would fire into a later try."""
    folder = GuardFolder.beside(spec)
    record = folder.read()
    if record is not None and record.state is GuardState.HOLDING and folder.is_held:
        folder.ask_to_confirm(record.id)


async def _enabled(member: ReachedMember, target: Target) -> bool:
    async with Client(member.endpoint, target.credentials) as client:
        with suppress(ClusterError):  # it may refuse the read and still tell
            await client.keys.settle()
        return await client.auth.enabled()
