"""The guard's process: its two pipes, the one signal that it heeds, and the lock that says that it lives."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress

from ringfence.errors import RingfenceError
from ringfence.guard.orders import Orders
from ringfence.guard.watch import Watch
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.switch.guard_folder import GuardFolder
from ringfence.ops.switch.guard_job import GuardJob, Reply

_LONGEST_LINE = 16 * 1024 * 1024


def run() -> None:
    """Read the job, arm, and stand guard until the task is over."""
    asyncio.run(_guard())


async def _guard() -> None:
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    ending = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ending.set)
    try:
        await _serve(reader, ending)
    finally:
        transport.close()


async def _serve(reader: asyncio.StreamReader, ending: asyncio.Event) -> None:
    try:
        job = GuardJob.from_line(await reader.readline())
        folder = GuardFolder(job.folder)
        target = Target(job.endpoints, job.credentials, job.spare)
        with folder.held():
            async with connected(target) as client:
                await client.auth.enabled()
            watch = Watch(job, target, folder, Orders(reader, ending), answer)
            watch.arm()
            answer(Reply.ARMED)
            await watch.stand()
    except RingfenceError as error:
        answer(Reply.NOT_ARMED, str(error))


def answer(reply: Reply, why: str = "") -> None:
    """Answer ringfence, if it is still there."""
    with suppress(OSError):
        os.write(1, reply.to_line(why))
