"""Bounded concurrency."""

from __future__ import annotations

import asyncio

import pytest

from ringfence.etcd.inflight import SLOW, Window, batches, each


def test_results_come_in_the_order_of_the_items_and_never_too_many_run() -> None:
    """Whatever finishes first, order stays; at no time are more than the limit under way."""
    running = 0
    most = 0

    async def work(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(item % 3):
            await asyncio.sleep(0)
        running -= 1
        return item * item

    assert [item * item for item in range(50)] == asyncio.run(each(range(50), work, limit=7))
    assert 7 == most


def test_the_first_exception_stops_the_rest() -> None:
    """What is under way is cancelled, what waits is not begun, and the exception itself is raised."""
    begun = []

    async def work(item: int) -> None:
        begun.append(item)
        if item == 1:
            raise KeyError(item)
        await asyncio.Event().wait()

    with pytest.raises(KeyError):
        asyncio.run(each(range(100), work, limit=3))
    assert len(begun) <= 3


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_batches(count: int, expected: list[int]) -> None:
    """Full batches and one rest."""
    assert expected == [len(batch) for batch in batches(range(count), 3)]


def test_the_window_follows_the_answers() -> None:
    """Slow answers halve it once for all that were under way together; quick ones open it again; one always remains."""
    window = Window(8)
    for _ in range(4):
        window.answered(SLOW * 2)
    assert 4 == window.size
    window.answered(SLOW * 0.75)
    assert 4 == window.size
    for _ in range(9):
        window.answered(SLOW * 2)
    assert 1 == window.size
    for _ in range(20):
        window.answered(SLOW / 10)
    assert 8 == window.size


def test_everything_is_done_through_a_window_that_closes() -> None:
    """Workers that have to wait keep no item from those that go on, and end when there is nothing left."""
    window = Window(4)

    async def work(item: int) -> int:
        if item == 0:
            window.size = 1
        await asyncio.sleep(0)
        return item

    assert list(range(12)) == asyncio.run(asyncio.wait_for(each(range(12), work, window), 10))
