"""What the guard hears: the next order, or that there will be none."""

from __future__ import annotations

import asyncio
import enum

from ringfence.ops.switch.guard_job import Order, read_order


class Lost(enum.Enum):
    """Why there is no order. The value is the reason as the log has it."""

    ENDED = "ringfence ended before the proof was confirmed"
    SILENT = "nothing was heard of ringfence, which is stopped or stuck"
    TOLD_TO_END = "the guard was told to end (SIGTERM)"


class Orders:
    """The pipe from ringfence.

    Args:
        reader: its end.
        ending: set when this process is asked to end.
    """

    def __init__(self, reader: asyncio.StreamReader, ending: asyncio.Event) -> None:
        self._reader, self.ending = reader, ending

    async def next(self, patience: float | None) -> tuple[Order, float] | Lost:
        """The next order with its seconds.

        Args:
            patience: seconds of silence after which there is none; None waits for the pipe alone.
        """
        line = asyncio.create_task(self._reader.readline())
        ending = asyncio.create_task(self.ending.wait() if patience is not None else asyncio.Event().wait())
        try:
            await asyncio.wait({line, ending}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if line.done():
                return read_order(line.result()) or Lost.ENDED
            return Lost.TOLD_TO_END if ending.done() else Lost.SILENT
        finally:
            line.cancel()
            ending.cancel()
