"""Which names stand for many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringfence.proof.sampling import MOST, sample


def test_a_few_are_all_taken() -> None:
    """Up to the limit nobody is left out."""
    names = [f"n{number}" for number in range(MOST)]
    assert tuple(names) == sample(names)


def test_the_ends_and_those_that_begin_alike() -> None:
    """First, last, shortest and longest, then pairs of which one begins with the other."""
    names = ["m-first", *(f"m{number:04}" for number in range(100)), "m0007-b", "x", "m" * 60, "m-last"]
    chosen = sample(names)
    assert {"m-first", "m-last", "x", "m" * 60, "m0007", "m0007-b"} <= set(chosen)
    assert MOST == len(chosen)


@given(st.lists(st.text(alphabet="ab.", min_size=1, max_size=5), unique=True), st.integers(4, 12))
def test_in_order_and_never_more(names: list[str], most: int) -> None:
    """Just so many where there are enough, in their order, the first and the last always."""
    chosen = sample(names, most)
    assert min(len(names), most) == len(chosen)
    assert list(chosen) == [name for name in names if name in chosen]
    assert not names or {names[0], names[-1]} <= set(chosen)
