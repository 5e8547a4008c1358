"""Clock and room of a member, at their limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ringfence.etcd.metrics import MemberMetrics
from ringfence.ops.reach.fitness import clock_problems, room_problems

BEGAN = datetime(2026, 1, 1, 12, 0, 0, 900000, tzinfo=UTC)
ENDED = BEGAN + timedelta(seconds=2)


def told(*, clock: datetime | None = None, quota: int | None = None) -> MemberMetrics:
    """A member's metrics."""
    return MemberMetrics(member_id=1, watchers=0, watch_streams=0, quota_bytes=quota, clock=clock)


@pytest.mark.parametrize(
    ("clock", "off"),
    [
        (BEGAN.replace(microsecond=0), None),
        (ENDED, None),
        (ENDED + timedelta(seconds=60), None),
        (ENDED + timedelta(seconds=61), "61 s"),
        (BEGAN - timedelta(seconds=61), None),
        (BEGAN - timedelta(seconds=63), "62 s"),
        (None, None),
    ],
)
def test_clock(clock: datetime | None, off: str | None) -> None:
    """A minute either way is borne, the whole second that HTTP cuts off included."""
    expected = [] if off is None else [f"the clock of member m is {off} off ours"]
    assert expected == [problem.what for problem in clock_problems("m", told(clock=clock), BEGAN, ENDED)]


@pytest.mark.parametrize(
    ("size", "quota", "refused"), [(80, 100, False), (81, 100, True), (81, None, False), (1, 0, False)]
)
def test_room(size: int, quota: int | None, refused: bool) -> None:
    """More than 80 per cent of a known quota is too near to the end."""
    assert refused == bool(room_problems("m", size, told(quota=quota)))
