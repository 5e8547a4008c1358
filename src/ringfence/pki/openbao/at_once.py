"""Several requests at a time, but not too many: the server's processors are the limit, and others need them too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 8
"""Requests under way; more bring no higher rate from a server of a few cores."""


async def at_once(
    items: Sequence[T], do: Callable[[T], Awaitable[R]], progress: Callable[[int, int], None] | None = None
) -> tuple[R, ...]:
    """``await do(item)`` for every item, some at a time; the results in the order of the items.

    ``progress`` is told how many are done, and how many there are.

    The first exception ends it: what is under way is cancelled, and the exception raised.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    count = 0

    async def one(item: T) -> R:
        nonlocal count
        async with gate:
            result = await do(item)
        count += 1
        if progress is not None:
            progress(count, len(items))
        return result

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in items]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return tuple(task.result() for task in tasks)
