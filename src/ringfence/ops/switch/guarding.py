"""Starting the guard and speaking to it; what it does then is in ``ringfence.guard``.

The guard is a process of its own in a session of its own, with nothing of our environment that it does not need. It
learns of our end by the end of the pipe, so there is nothing that a killed ringfence would still have to do.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from typing import IO

from ringfence.errors import GuardError
from ringfence.ops.switch.guard_folder import GuardFolder, now
from ringfence.ops.switch.guard_job import GuardJob, Order, Reply, read_reply

_ANSWER_SECONDS = 30.0
_PULSE_SECONDS = 5.0
_PATIENCE_SECONDS = 20.0
"""For an earlier guard whose ringfence was killed, and that is about to end."""
_KEPT = frozenset({"PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "GRPC_VERBOSITY"})
"""Variables that the guard needs; a passphrase that stands in another one is not its business."""


class Guard:
    """An armed guard. What needs an answer raises GuardError where the guard has fired."""

    def __init__(self, orders: IO[bytes], replies: asyncio.StreamReader) -> None:
        self._orders, self._replies = orders, replies

    def switched(self) -> None:
        """Tell it that etcd has acknowledged that auth is on."""
        self._send(Order.SWITCHED.to_line())

    async def stand_down(self) -> bool:
        """End its task: auth is off again, or what was proved counts as confirmed.

        Returns:
            Whether it was there to hear it; where not, nobody does anything.
        """
        return await self._command(Order.CONFIRMED.to_line())

    async def hold(self, seconds: float) -> datetime:
        """Let it wait so long for ``auth confirm``, however we end; returns when that is over."""
        until = now() + timedelta(seconds=seconds)
        if not await self._command(Order.HOLD.to_line(seconds)):
            raise GuardError.of("the guard is gone, and nobody would switch auth off later", hint="apply again")
        return until

    @contextmanager
    def pulse(self) -> Iterator[None]:
        """Tell it again and again that we are alive.

        From a thread: a proof that computes for long is alive, and a process that is stopped stops its threads too.
        """
        over = threading.Event()

        def beat() -> None:
            while not over.wait(_PULSE_SECONDS):
                self._send(Order.ALIVE.to_line())

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    async def arm(self, job: GuardJob) -> None:
        """Give it its job, and wait until it has reached a member itself."""
        await asyncio.to_thread(self._send, job.to_line())
        reply, why = await self._answer() or (None, "it did not start")
        if reply is not Reply.ARMED:
            raise GuardError.of(f"the guard that could switch auth off again cannot be armed: {why}", hint=_NOTHING)

    def _send(self, line: bytes) -> None:
        with suppress(OSError):  # a guard that is gone is noticed where an answer is needed
            self._orders.write(line)

    async def _command(self, line: bytes) -> bool:
        self._send(line)
        answer = await self._answer()
        if answer is not None and answer[0] is not Reply.DONE:
            raise GuardError.of(f"the guard has switched auth off: {answer[1]}", hint="see ringfence auth status")
        return answer is not None

    async def _answer(self) -> tuple[Reply, str] | None:
        """What it answers; None where it is gone."""
        try:
            return read_reply(await asyncio.wait_for(self._replies.readline(), _ANSWER_SECONDS))
        except TimeoutError:
            return None


_NOTHING = "nothing was switched on; users and roles are in place: apply again"


@asynccontextmanager
async def guarded(job: GuardJob) -> AsyncIterator[Guard]:
    """A guard that is armed. Leaving without ``stand_down`` or ``hold`` makes it switch auth off.

    Raises:
        GuardError: it cannot be armed.
        FileError: its folder cannot be used.
    """
    await asyncio.to_thread(_check_folder, GuardFolder(job.folder))
    environ = {name: value for name, value in os.environ.items() if name in _KEPT}
    process = subprocess.Popen(  # noqa: ASYNC220  # asyncio would kill it when the loop ends, and it ends at once
        [sys.executable, "-P", "-m", "ringfence.guard"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
        env=environ,
        bufsize=0,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    replies = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(replies), process.stdout
    )
    try:
        guard = Guard(process.stdin, replies)
        await guard.arm(job)
        os.set_blocking(process.stdin.fileno(), False)
        with guard.pulse():
            yield guard
    finally:
        with suppress(OSError):
            process.stdin.close()
        transport.close()
        process.wait()  # it has forked at once, so that it is no child of ours: this does not wait for the guard


def _check_folder(folder: GuardFolder) -> None:
    """So that what is wrong with the folder is told by its own error."""
    with folder.held(_PATIENCE_SECONDS):
        pass
