"""The switch of all stores by hand: ``auth confirm``, ``auth disable``, and the wait for a confirmation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path

from ringfence.changes.change import DisableAuth
from ringfence.changes.v2.change import DisableAuthV2
from ringfence.errors import FileError, GuardError, Problem, RingfenceError
from ringfence.model.guard import GuardRecord, GuardState
from ringfence.ops import auth
from ringfence.ops.execution.journal import Act, Journal
from ringfence.ops.execution.recorded import recorded_act
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.guard_folder import GuardFolder
from ringfence.ops.switch.off import Disabled
from ringfence.ops.telling import Advance, Tell

_ANSWER_SECONDS = 15.0
_LOOK_SECONDS = 0.1
_CHANGES: Mapping[str, DisableAuth | DisableAuthV2] = {"v3": DisableAuth(), "v2": DisableAuthV2()}

_STAYING = """\
apply stays until then: this is a container, and the guard would be killed with its first process. Confirm in here, from
another shell; where apply is told to end before, it switches auth off first."""

Look = Callable[[Sequence[str]], Awaitable[tuple[str, ...]]]
"""Of these stores (``v3``, ``v2``) those whose auth is on."""


async def stores_on(target: Target, stores: Sequence[str]) -> tuple[str, ...]:
    """Of these stores those whose auth is on, on any member that answers.

    Raises:
        ClusterError: none answers.
    """
    return tuple([store for store in stores if await _is_on(store, target)])


async def disable(
    target: Target, spec: Path, stores: Sequence[str], *, verb: str = "auth disable"
) -> dict[str, Disabled]:
    """Switch auth off, with a word in the journal, and end a guard that has nothing left to switch off.

    Args:
        target: as root.
        spec: whose guard and journal.
        stores: ``v3``, ``v2`` or both.
        verb: for the journal.

    Returns:
        What was done, by store.

    Raises:
        FileError: the journal cannot be written.
        ClusterError: etcd did not do it, or a member still says that it is on.
    """

    async def work(advance: Advance) -> dict[str, Disabled]:
        done = {}
        for count, store in enumerate(stores, 1):
            done[store] = await _disable(store, target)
            advance(count, len(stores))
        return done

    act = Act(verb=verb, changes=tuple(_CHANGES[store] for store in stores))
    done = await recorded_act(Journal.beside(spec), act, target, work)
    await _let_go(GuardFolder.beside(spec), target, done, f"switched off by ringfence {verb}")
    return done


async def confirm(spec: Path, look: Look) -> tuple[str, ...]:
    """Let auth stay on: tell the guard that waits for it, or write down in the place of a dead one that it does.

    The guard comes first, for its time may be nearly over; whether there is something left to keep on is asked then.

    Args:
        spec: the spec that was applied.
        look: asks the cluster.

    Returns:
        The stores whose auth is off all the same: somebody switched it off.

    Raises:
        GuardError: no guard waits for that, or it is too late.
        RingfenceError: the cluster cannot be asked; of a guard that lives the error says that it stands down.
    """
    folder = GuardFolder.beside(spec)
    record, lives = folder.standing()
    if record is None or record.is_settled or (lives and record.state is not GuardState.HOLDING):
        raise _nothing_to_confirm(record, lives=lives)
    if not lives:
        on = await look(record.stores)
        if not on:
            what = "nothing is left to confirm: the guard is dead, and auth is off"
            raise GuardError.of(what, hint="apply again")
        folder.settle(GuardState.CONFIRMED, "the guard was dead; ringfence auth confirm vouched for auth")
    else:
        await _ask(folder, record)
        try:
            on = await look(record.stores)
        except RingfenceError as error:
            what = "confirmed, and the guard stands down; whether auth is on could not be seen"
            raise type(error)(*error.problems, Problem(what, hint="see ringfence auth status")) from None
    return tuple(store for store in record.stores if store not in on)


async def staying(spec: Path, target: Target, work: Callable[[], Awaitable[bool]], tell: Tell) -> bool:
    """Do ``work``, which may leave a guard that waits, and wait for its end: it would not outlive us.

    Where we are told to end before, or the guard dies, auth goes off from here (``ops.switch.outliving`` says why).

    Args:
        spec: that is applied.
        target: as root.
        work: applies it, and says whether that succeeded.
        tell: told what it is that we wait for, and that auth went off.

    Returns:
        Whether the work succeeded, and what had to be confirmed was.

    Raises:
        ClusterError: auth could not be switched off.
        RingfenceError: whatever the work raises.
    """
    folder = GuardFolder.beside(spec)
    earlier = folder.read()
    try:
        succeeded = await work()
        record = _ours(folder, earlier)
        if record is None or record.state in {GuardState.ARMED, GuardState.STOOD_DOWN}:  # nothing had to be confirmed
            return succeeded
        tell(_STAYING)
        while folder.is_held:  # noqa: ASYNC110  # by another process: there is no event for it
            await asyncio.sleep(_LOOK_SECONDS)
    except BaseException:  # Ctrl-C, or the end of the container
        await _take_back(spec, target, _ours(folder, earlier), "apply was told to end before anybody confirmed", tell)
        raise
    await _take_back(spec, target, _ours(folder, earlier), "the guard died before anybody confirmed", tell)
    ended = folder.read()
    if ended is None or ended.state is not GuardState.CONFIRMED:
        return False
    return succeeded and await stores_on(target, record.stores) == record.stores  # unless it was `auth disable`


def _ours(folder: GuardFolder, earlier: GuardRecord | None) -> GuardRecord | None:
    """What a guard wrote down that began after ``earlier``."""
    record = folder.read()
    return None if record is None or (earlier is not None and record.id == earlier.id) else record


async def _take_back(spec: Path, target: Target, record: GuardRecord | None, why: str, tell: Tell) -> None:
    if record is not None and record.state in {GuardState.HOLDING, GuardState.FIRING, GuardState.FAILED}:
        try:
            await disable(target, spec, record.stores, verb="apply")
        except FileError:  # a journal that cannot be written is no reason to leave auth on
            for store in record.stores:
                await _disable(store, target)
        tell(f"auth is switched off again: {why}")


async def _let_go(folder: GuardFolder, target: Target, done: Collection[str], why: str) -> None:
    """End the guard, unless it has another store to switch off, which nobody has confirmed either."""
    record = folder.read()
    if record is None or record.is_settled:
        return
    if not await stores_on(target, [store for store in record.stores if store not in done]):
        folder.let_go(why)


async def _ask(folder: GuardFolder, record: GuardRecord) -> None:
    folder.ask_to_confirm(record.id)
    deadline = time.monotonic() + _ANSWER_SECONDS
    while time.monotonic() < deadline:
        now = folder.read()
        if now is not None and now.state is GuardState.CONFIRMED:
            return
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


async def _is_on(store: str, target: Target) -> bool:
    if store == "v3":
        return await auth.is_on(target)
    from ringfence.ops.v2.status import is_on_v2

    return await is_on_v2(target)


async def _disable(store: str, target: Target) -> Disabled:
    if store == "v3":
        return await auth.disable(target)
    from ringfence.ops.v2.status import disable_v2

    return await disable_v2(target)
