"""The probes that one identity needs.

What it may do is asked over whole spans, because etcd grants a range only if every byte of it is granted. What it
must not do is asked where a mistake would show: right beside each of its spans, one step over each end, and in every
segment that is not its own. Not asked here are the requests that a hole of the server answers wrongly although the
roles are right (a watch to the open end, a nested transaction): those belong to the server, see ``rules.holes``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringfence.keyspace import FIRST_KEY, Span, SpanSet
from ringfence.model.probe import Example, Operation, Probe, Verdict
from ringfence.model.state import Reach

NOTHING = Reach(SpanSet(), SpanSet())
"""The reach of somebody who may do nothing at all."""


def probes(reach: Reach, segments: Iterable[SpanSet], examples: Iterable[Example] = ()) -> tuple[Probe, ...]:
    """What to ask as an identity with this reach.

    Args:
        reach: the keys that it may read and write.
        segments: the keys of each owner, its own included.
        examples: keys for which the answer is known from elsewhere than the reach.

    Returns:
        Each question once, with the answer that shows a fence.
    """
    asked = [*_allowed(reach), *_beside(reach)]
    for segment in segments:
        asked.extend(_elsewhere(reach, segment))
    for example in examples:
        asked.extend(_as_the_program_does(example))
    return tuple(dict.fromkeys(asked))


def refused_at_the_door(segments: Iterable[SpanSet]) -> tuple[Probe, ...]:
    """What to ask without a certificate of the cluster's authority: one read, and TLS must not let it through."""
    first = next((span for segment in segments for span in segment), Span.of_key(FIRST_KEY))
    return (Probe(Operation.READ, first, Verdict.REFUSED_TLS),)


_READS = (Operation.READ, Operation.LIST, Operation.WATCH)
_WRITES = (Operation.WRITE, Operation.DELETE)


def _allowed(reach: Reach) -> Iterator[Probe]:
    for span in reach.read:
        yield from _each(_READS, span, Verdict.ALLOWED)
    for span in reach.write:
        yield from _each(_WRITES, span, Verdict.ALLOWED)


def _elsewhere(reach: Reach, segment: SpanSet) -> Iterator[Probe]:
    for span in segment - reach.read:
        yield from _each(_READS, span, Verdict.DENIED)
    for span in segment - reach.write:
        yield from _each(_WRITES, span, Verdict.DENIED)


def _as_the_program_does(example: Example) -> Iterator[Probe]:
    may_read = example.may is not None and example.may.reads
    may_write = example.may is not None and example.may.writes
    yield from _each(_READS, example.span, Verdict.ALLOWED if may_read else Verdict.DENIED)
    yield from _each(_WRITES, example.span, Verdict.ALLOWED if may_write else Verdict.DENIED)


def _beside(reach: Reach) -> Iterator[Probe]:
    """One key on each side of each span, and each span stretched by that key."""
    for mine, point, whole in ((reach.read, Operation.READ, Operation.LIST), (reach.write, *_WRITES)):
        for span in mine:
            for key in _neighbours(span, mine):
                beside = Span.of_key(key)
                yield Probe(point, beside, Verdict.DENIED)
                yield Probe(whole, _stretched(span, beside), Verdict.DENIED)


def _neighbours(span: Span, mine: SpanSet) -> Iterable[bytes]:
    """The nearest keys outside: the span's end is the first; before its start the nearest that is short."""
    before = _before(span.start)
    found = [key for key in (before, span.end) if key is not None]
    return [key for key in found if key not in mine]


def _before(start: bytes) -> bytes | None:
    """A key just before ``start``: without its last byte if that is 0x00, else with that byte lowered.

    There is no greatest key below another one that does not end in 0x00, so this one is near, not nearest.
    """
    if start[-1] == 0:
        return start[:-1] or None
    return start[:-1] + bytes([start[-1] - 1]) + b"\xff"


def _stretched(span: Span, beside: Span) -> Span:
    end = None if span.end is None or beside.end is None else max(span.end, beside.end)
    return Span(min(span.start, beside.start), end)


def _each(operations: Iterable[Operation], span: Span, expected: Verdict) -> Iterator[Probe]:
    for operation in operations:
        if span.is_key and operation is Operation.LIST:
            continue  # the same request as READ
        yield Probe(operation, span, expected)
