"""Many requests at once, but not too many: enough to keep a member busy, few enough that it does not choke."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

IN_FLIGHT = 64
"""Requests under way on one connection; measured: more than this brings longer waits and no higher rate."""


SLOW = 1.0
"""Seconds after which an answer tells that too much is under way: etcd gives a request up after five and more."""

PAUSES_WHILE_STALE = tuple(0.005 * turn for turn in range(20))
"""Seconds to wait after each time that etcd refused a request unjudged, because users or roles were changed since it
came in: that tells nothing of who may do what, and the next moment there may be an answer. About a second in all."""


class Window:
    """How many requests may be under way: fewer when answers are slow, more again when they are not.

    A member makes one change of users and roles after the other, and newer releases take the longer for each the more
    users there are. Sent 64 at a time, the last of them waits past etcd's own limit and is given up.
    """

    def __init__(self, most: int = IN_FLIGHT) -> None:
        self.most = most
        self.size = most
        self._until_next = 0

    def answered(self, seconds: float) -> None:
        """Learn from one answer, which took so long. It halves once for all that were under way together."""
        self._until_next -= 1
        if seconds <= SLOW / 2:
            self.size = min(self.most, self.size + 1)
        elif seconds > SLOW and self._until_next <= 0:
            self._until_next = self.size
            self.size = max(1, self.size // 2)


def batches(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """``items`` in order, ``size`` at a time; the last batch may be smaller."""
    rest = iter(items)
    while batch := tuple(islice(rest, size)):
        yield batch


async def each(items: Iterable[T], do: Callable[[T], Awaitable[R]], limit: int | Window = IN_FLIGHT) -> list[R]:
    """``await do(item)`` for every item, ``limit`` at a time; the results in the order of the items.

    The first exception ends it: what is under way is cancelled, and the exception raised.
    """
    waiting = list(items)
    results: dict[int, R] = {}
    turns = deque(range(len(waiting)))
    window = limit if isinstance(limit, Window) else Window(limit)
    learns = window is limit
    loop = asyncio.get_running_loop()

    async def work(number: int) -> None:
        while turns:
            if number >= window.size:  # the first worker never waits here, so there is always one that goes on
                await asyncio.sleep(SLOW / 10)
                continue
            turn, began = turns.popleft(), loop.time()
            results[turn] = await do(waiting[turn])
            if learns:
                window.answered(loop.time() - began)

    workers = [asyncio.create_task(work(number)) for number in range(min(window.most, len(waiting)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [results[turn] for turn in range(len(waiting))]
