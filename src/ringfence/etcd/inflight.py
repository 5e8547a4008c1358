"""Many requests at once, but not too many: enough to keep a member busy, few enough that it does not choke."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

IN_FLIGHT = 64
"""Requests under way on one connection; measured: more than this brings longer waits and no higher rate."""


def batches(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """``items`` in order, ``size`` at a time; the last batch may be smaller."""
    rest = iter(items)
    while batch := tuple(islice(rest, size)):
        yield batch


async def each(items: Iterable[T], do: Callable[[T], Awaitable[R]], limit: int = IN_FLIGHT) -> list[R]:
    """``await do(item)`` for every item, ``limit`` at a time; the results in the order of the items.

    The first exception ends it: what is under way is cancelled, and the exception raised.
    """
    waiting = list(items)
    results: dict[int, R] = {}
    turns = iter(range(len(waiting)))

    async def work() -> None:
        for turn in turns:
            results[turn] = await do(waiting[turn])

    workers = [asyncio.create_task(work()) for _ in range(min(limit, len(waiting)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [results[turn] for turn in range(len(waiting))]
