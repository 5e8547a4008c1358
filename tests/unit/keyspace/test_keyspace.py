"""Spans against a slow model: sets of short keys, counted out one by one."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.keyspace import EVERYTHING, Span, SpanSet, prefix_end

ALPHABET = (0x00, 0x01, 0x61, 0xFE, 0xFF)
UNIVERSE = [bytes(key) for length in range(1, 4) for key in product(ALPHABET, repeat=length)]
"""Every key of up to three bytes over an alphabet that has both edges of a byte."""

keys = st.lists(st.sampled_from(ALPHABET), min_size=1, max_size=3).map(bytes)
spans = st.builds(Span, keys, st.none() | keys)
span_sets = st.lists(spans, max_size=5).map(SpanSet)


def members(spans: SpanSet | Span) -> set[bytes]:
    """The keys of the universe that are in it."""
    return {key for key in UNIVERSE if key in spans}


@pytest.mark.parametrize(
    ("prefix", "end"),
    [
        (b"/calico/", b"/calico0"),
        (b"/registry", b"/registrz"),
        (b"a\xff", b"b"),
        (b"a\xff\xff", b"b"),
        (b"\x00", b"\x01"),
        (b"\xff", None),
        (b"\xff\xff", None),
        (b"", None),
    ],
)
def test_prefix_end_is_etcds(prefix: bytes, end: bytes | None) -> None:
    """The end of a prefix is what getPrefix in etcd's client/v3/op.go computes."""
    assert end == prefix_end(prefix)


@given(prefix=keys)
def test_a_prefix_covers_exactly_the_keys_that_start_with_it(prefix: bytes) -> None:
    """The span of a prefix holds each key with that start and no other."""
    assert {key for key in UNIVERSE if key.startswith(prefix)} == members(Span.of_prefix(prefix))


@given(key=keys)
def test_the_span_of_a_key_holds_that_key_alone(key: bytes) -> None:
    """One key is one key, not those that it is a prefix of."""
    assert {key} == members(Span.of_key(key))
    assert Span.of_key(key).is_key


@given(prefix=keys)
def test_a_span_knows_the_prefix_that_it_was_made_of(prefix: bytes) -> None:
    """A prefix survives the way to a span and back, except where several name the same keys."""
    found = Span.of_prefix(prefix).prefix
    if prefix_end(prefix) is None:
        assert found is None or Span.of_prefix(found) == Span.of_prefix(prefix)
    else:
        assert prefix == found


def test_the_empty_prefix_is_everything() -> None:
    """Everything starts at the smallest key, because the empty key does not exist."""
    assert EVERYTHING == Span.of_prefix(b"")
    assert EVERYTHING.prefix == b""


@given(one=spans, other=spans)
def test_overlap_is_a_shared_key(one: Span, other: Span) -> None:
    """Two spans overlap where some key is in both; keys longer than the universe's may be the only ones."""
    if members(one) & members(other):
        assert one.overlaps(other)
    assert members(one) & members(other) == members(one & other)


@given(one=span_sets, other=span_sets)
def test_set_operations_are_those_of_sets(one: SpanSet, other: SpanSet) -> None:
    """Union, intersection, difference and complement agree with Python's sets of keys."""
    assert members(one) | members(other) == members(one | other)
    assert members(one) & members(other) == members(one & other)
    assert members(one) - members(other) == members(one - other)
    assert set(UNIVERSE) - members(one) == members(~one)


@given(some=st.lists(spans, max_size=6))
def test_the_normal_form_is_sorted_and_never_touches(some: list[Span]) -> None:
    """Between two neighbours of a set there is always a key that is in neither."""
    normal = SpanSet(some).spans
    for left, right in pairwise(normal):
        assert left.end is not None
        assert left.end < right.start
    assert all(normal)


@given(some=st.lists(spans, max_size=6), seed=st.randoms(use_true_random=False))
def test_the_normal_form_does_not_depend_on_order(some: list[Span], seed: object) -> None:
    """The same spans in any order are the same set."""
    shuffled = list(some)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types it as Random only since later
    assert SpanSet(some) == SpanSet(shuffled)
    assert hash(SpanSet(some)) == hash(SpanSet(shuffled))


@given(one=span_sets)
def test_the_complement_of_the_complement_is_the_set(one: SpanSet) -> None:
    """Nothing is lost on the way there and back."""
    assert one == ~~one


@given(one=span_sets, wanted=spans)
def test_covers_is_containment(one: SpanSet, wanted: Span) -> None:
    """A range is covered if and only if nothing of it is left over."""
    assert (not SpanSet([wanted]) - one) == one.covers(wanted)


def test_adjacent_spans_cover_what_spans_them() -> None:
    """etcd merges neighbouring permissions, and one missing byte denies it all."""
    left, right = Span(b"/u/a", b"/u/b"), Span(b"/u/b", b"/u/c")
    assert SpanSet([left, right]).covers(Span(b"/u/a", b"/u/c"))
    assert not SpanSet([left, Span(b"/u/b\x00", b"/u/c")]).covers(Span(b"/u/a", b"/u/c"))
