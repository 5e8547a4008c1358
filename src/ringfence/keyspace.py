"""Spans over etcd's keys: exactly etcd's arithmetic on byte strings, and nothing else.

A span is half open, ``[start, end)``; keys are compared byte by byte, and an open end is infinity. etcd merges the
permissions of all of a user's roles and asks whether a request lies wholly inside the union, so sets of spans are
kept in normal form: sorted, disjoint, and never touching. Pure; it knows nothing of permissions or of a wire format.

Source of the rules: etcd ``client/v3/op.go`` (getPrefix) and ``server/auth/range_perm_cache.go``; the same from
etcd 3.2 to 3.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FIRST_KEY = b"\x00"
"""The smallest key that etcd can hold: the empty key does not exist."""


@dataclass(frozen=True, slots=True)
class Span:
    """The keys from ``start`` (included) to ``end`` (not included; ``None`` is infinity)."""

    start: bytes
    end: bytes | None

    @classmethod
    def of_key(cls, key: bytes) -> Span:
        """The span that holds ``key`` and nothing else."""
        return cls(key, key + b"\x00")

    @classmethod
    def of_prefix(cls, prefix: bytes) -> Span:
        """All keys that start with ``prefix``; the empty prefix is every key."""
        return cls(prefix or FIRST_KEY, prefix_end(prefix))

    def __bool__(self) -> bool:
        """False for a span that ends at or before its start: it holds no key."""
        return self.end is None or self.start < self.end

    def __contains__(self, key: bytes) -> bool:
        return self.start <= key and (self.end is None or key < self.end)

    @property
    def is_key(self) -> bool:
        """Whether the span holds exactly one key."""
        return self.end == self.start + b"\x00"

    @property
    def prefix(self) -> bytes | None:
        """The prefix whose keys are exactly this span, or None; for every key it is the empty prefix."""
        if self.start == FIRST_KEY and self.end is None:
            return b""
        return self.start if self.end is not None and prefix_end(self.start) == self.end else None

    def covers(self, other: Span) -> bool:
        """Whether every key of ``other`` is in this span."""
        if not other:
            return True
        return self.start <= other.start and (self.end is None or (other.end is not None and other.end <= self.end))

    def overlaps(self, other: Span) -> bool:
        """Whether some key is in both spans."""
        return bool(self & other)

    def __and__(self, other: Span) -> Span:
        """The keys that are in both; it may be empty."""
        return Span(max(self.start, other.start), _earlier(self.end, other.end))


def prefix_end(prefix: bytes) -> bytes | None:
    """The first key after all keys that start with ``prefix``; None where there is none (empty, or all 0xff)."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None


class SpanSet:
    """A set of keys as spans in normal form: sorted, disjoint and not touching. Immutable, comparable, hashable."""

    __slots__ = ("spans",)

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self.spans: tuple[Span, ...] = tuple(_merged(spans))

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __eq__(self, other: object) -> bool:
        return self.spans == other.spans if isinstance(other, SpanSet) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.spans)

    def __repr__(self) -> str:
        return f"SpanSet({list(self.spans)!r})"

    def __contains__(self, key: bytes) -> bool:
        return any(key in span for span in self.spans)

    def covers(self, wanted: Span | SpanSet) -> bool:
        """Whether every key of ``wanted`` is in the set: etcd's answer to a range request."""
        if isinstance(wanted, SpanSet):
            return all(self.covers(span) for span in wanted)
        return not wanted or any(span.covers(wanted) for span in self.spans)

    def __or__(self, other: SpanSet) -> SpanSet:
        return SpanSet((*self.spans, *other.spans))

    def __and__(self, other: SpanSet) -> SpanSet:
        """The keys that are in both; one pass over the two sorted lists."""
        return SpanSet(_intersections(self.spans, other.spans))

    def __sub__(self, other: SpanSet) -> SpanSet:
        """The keys of this set that are not in ``other``."""
        return self & ~other

    def __invert__(self) -> SpanSet:
        """Every key that is not in the set."""
        gaps = []
        start = FIRST_KEY
        for span in self.spans:
            gaps.append(Span(start, span.start))
            if span.end is None:
                return SpanSet(gaps)
            start = span.end
        return SpanSet((*gaps, Span(start, None)))


EVERYTHING = Span(FIRST_KEY, None)
"""All keys."""


def _earlier(one: bytes | None, other: bytes | None) -> bytes | None:
    """The smaller of two ends, where None is infinity."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The normal form of any spans, empty ones left out."""
    current: Span | None = None
    for span in sorted((span for span in spans if span), key=lambda span: span.start):
        if current is None:
            current = span
        elif current.end is not None and current.end < span.start:
            yield current
            current = span
        elif current.end is not None and (span.end is None or span.end > current.end):
            current = Span(current.start, span.end)
    if current is not None:
        yield current


def _intersections(left: tuple[Span, ...], right: tuple[Span, ...]) -> Iterator[Span]:
    """The non-empty intersections of two lists in normal form."""
    i = j = 0
    while i < len(left) and j < len(right):
        both = left[i] & right[j]
        if both:
            yield both
        if _earlier(left[i].end, right[j].end) == left[i].end:
            i += 1
        else:
            j += 1
