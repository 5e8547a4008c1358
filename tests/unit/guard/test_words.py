"""What ringfence and guard say to each other: there and back, and what is cut off is no order."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.errors import InputError
from ringfence.model.credentials import Credentials, SpareKey
from ringfence.model.names import UserName
from ringfence.ops.switch.guard_job import GuardJob, Order, Reply, read_order, read_reply

JOB = GuardJob(
    endpoints=("https://a:1", "https://b:1"),
    credentials=Credentials(b"ca", b"cert\xff", b"key\x00"),
    spare=SpareKey(UserName("spare"), "secret"),
    folder=Path("/x"),
    stores=("v2", "v3"),
)


def test_a_job_there_and_back() -> None:
    """Nothing is lost, and its line is one line."""
    assert JOB == GuardJob.from_line(JOB.to_line())
    assert 1 == JOB.to_line().count(b"\n")


def test_a_job_does_not_show_its_key() -> None:
    """Not in its repr, and so in no message."""
    assert "key\\x00" not in repr(JOB)
    assert "secret" not in repr(JOB)
    assert "password" not in repr(JOB)


@pytest.mark.parametrize("line", [b"", b"{}", b"[]\n", JOB.to_line()[:40], b"\xff\n", b'{"credentials": ["a"]}\n'])
def test_no_job(line: bytes) -> None:
    """What is no job is refused without showing it."""
    with pytest.raises(InputError, match="this is no job for a guard"):
        GuardJob.from_line(line)


@pytest.mark.parametrize("order", list(Order))
def test_orders(order: Order) -> None:
    """Each order is itself with its end of line, and nothing without: a killed writer confirms nothing."""
    assert (order, 2.5) == read_order(order.to_line(2.5))
    for cut in range(len(order.to_line(2.5))):
        assert read_order(order.to_line(2.5)[:cut]) is None


def test_replies() -> None:
    """With their reason; a guard that is gone says nothing."""
    assert (Reply.FIRED, "why") == read_reply(Reply.FIRED.to_line("why"))
    assert read_reply(b"") is None
