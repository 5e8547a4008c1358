"""What the guard does: wait for the end of its task, or switch auth off, through any one member that answers.

Once it has fired, auth is off when it ends, whatever ringfence still says: one that was only stopped for a while may
go on and switch auth on, unguarded.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from ringfence.errors import ClusterError, FileError
from ringfence.guard.orders import Lost, Orders
from ringfence.model.guard import GuardRecord, GuardState
from ringfence.ops.execution.journal import FILE, Act, Journal
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.guard_folder import GuardFolder, now
from ringfence.ops.switch.guard_job import GuardJob, Order, Reply
from ringfence.ops.switch.store import V3, Switch

_LOOK_SECONDS = 0.1
_PAUSE_SECONDS = 0.5
_AFTERMATH_SECONDS = 10.0
"""For so long a request to switch auth on may still be under way when ringfence is dead; etcd gives up after 7 s."""

Answer = Callable[[Reply, str], None]


class Watch:
    """One guard's task.

    Args:
        job: what ringfence said.
        target: all members, as root.
        folder: where to write what happens, and where a confirmation comes.
        orders: what ringfence says now.
        answer: answers it.
    """

    def __init__(self, job: GuardJob, target: Target, folder: GuardFolder, orders: Orders, answer: Answer) -> None:
        self._job, self._target, self._folder, self._orders, self._answer = job, target, folder, orders, answer
        self._switches = _switches(job.stores)
        self._id = secrets.token_hex(8)
        self._switched = False
        self._over = False

    def arm(self) -> None:
        """Write down that a guard is here."""
        self._record(GuardState.ARMED)

    async def stand(self) -> None:
        """Stand guard until the task is over."""
        try:
            await self._until_over()
        finally:
            if not self._over:  # a bug of ours: it must not leave a fence that nobody has proved
                await self._fire("the guard itself failed")

    async def _until_over(self) -> None:
        while True:
            match await self._orders.next(self._job.silence_seconds):
                case Order.ALIVE, _:
                    continue
                case Order.SWITCHED, _:
                    self._switched = True
                case Order.CONFIRMED, _:
                    self._end(GuardState.STOOD_DOWN)
                    self._answer(Reply.DONE, "")
                    return
                case Order.HOLD, seconds:
                    await self._hold(seconds)
                    return
                case Lost() as lost:
                    await self._fire(lost.value)
                    if lost is not Lost.ENDED:
                        await self._outlast(lost.value)
                    return

    async def _hold(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        self._note(GuardState.HOLDING, seconds=seconds)
        self._answer(Reply.DONE, "")
        while time.monotonic() < deadline and not self._orders.ending.is_set():
            if self._is_confirmed():
                break
            await asyncio.sleep(_LOOK_SECONDS)
        if self._is_confirmed():
            self._end(GuardState.CONFIRMED)
        elif self._orders.ending.is_set():
            await self._fire(Lost.TOLD_TO_END.value)
        else:
            await self._fire(f"nobody confirmed within {seconds:g} s")

    async def _outlast(self, why: str) -> None:
        """Auth is off, and ringfence is still there: whatever it did meanwhile, auth is off when it ends."""
        while True:
            order = await self._orders.next(None)
            if isinstance(order, Lost) or order[0] in {Order.CONFIRMED, Order.HOLD}:
                await self._fire(why)
                self._answer(Reply.FIRED, why)
                return

    async def _fire(self, why: str) -> None:
        self._note(GuardState.FIRING, why=why)
        deadline = time.monotonic() + self._job.trying_seconds
        while True:
            try:
                for switch in self._switches:
                    await switch.off(self._target)
                break
            except ClusterError as error:
                if time.monotonic() > deadline:
                    self._end(GuardState.FAILED, f"{why}; {error}")
                    self._journal("failed", f"{why}; {error}")
                    return
                await asyncio.sleep(_PAUSE_SECONDS)
        self._end(GuardState.OFF, why)
        self._journal("switched-off", why)
        if not self._switched:
            await self._keep_off()

    async def _keep_off(self) -> None:
        """Ringfence died while auth was being switched on: the request may be slower than ours."""
        deadline = time.monotonic() + _AFTERMATH_SECONDS
        while time.monotonic() < deadline:
            await asyncio.sleep(_PAUSE_SECONDS)
            for switch in self._switches:
                if await switch.is_on_anywhere(self._target):
                    with suppress(ClusterError):
                        await switch.off(self._target)

    def _is_confirmed(self) -> bool:
        with suppress(FileError):
            return self._folder.is_asked_to_confirm(self._id)
        return False

    def _end(self, state: GuardState, why: str | None = None) -> None:
        self._over = True
        self._note(state, why=why)

    def _journal(self, result: str, why: str) -> None:
        """Tell the journal of the spec, afterwards, for that must not keep us from anything."""
        with suppress(FileError), Journal(self._folder.path / FILE).recording(Act(verb="guard")) as outcome:
            outcome.result = result
            outcome.problems.append(why)

    def _note(self, state: GuardState, *, why: str | None = None, seconds: float | None = None) -> None:
        """Write it down where that is possible: a full disk is no reason not to switch auth off."""
        with suppress(FileError):
            self._record(state, why=why, seconds=seconds)

    def _record(self, state: GuardState, *, why: str | None = None, seconds: float | None = None) -> None:
        at = now()
        until = None if seconds is None else at + timedelta(seconds=seconds)
        record = GuardRecord(id=self._id, state=state, at=at, until=until, why=why, stores=self._job.stores)
        self._folder.write(record)


def _switches(stores: tuple[str, ...]) -> tuple[Switch, ...]:
    """What is to be switched off; v2's opens the door to HTTP, which a guard of v3 does not wait for."""
    if "v2" not in stores:
        return (V3,)
    from ringfence.ops.v2.switch import V2

    return tuple(each for each in (V2, V3) if each.api in stores)
