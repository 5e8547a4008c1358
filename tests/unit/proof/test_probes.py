"""Which questions an identity is asked: a table for a small fence, and properties for any."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringfence.keyspace import Span, SpanSet
from ringfence.model.probe import Operation, Probe, Verdict
from ringfence.model.state import Reach
from ringfence.proof.probes import NOTHING, probes, refused_at_the_door

CALICO, REGISTRY = Span.of_prefix(b"/calico/"), Span.of_prefix(b"/registry/")
SEGMENTS = [SpanSet([REGISTRY]), SpanSet([CALICO])]
YES, NO = Verdict.ALLOWED, Verdict.DENIED
READ, LIST, WRITE, DELETE, WATCH = Operation


def test_the_questions_to_calico() -> None:
    """All of its own keys, the nearest keys on both sides, and nothing of the other segment."""
    before, after = Span.of_key(b"/calico.\xff"), Span.of_key(b"/calico0")
    stretched = [Span(before.start, CALICO.end), Span(CALICO.start, after.end)]
    expected = {
        *(Probe(operation, CALICO, YES) for operation in Operation),
        *(Probe(operation, REGISTRY, NO) for operation in Operation),
        *(Probe(operation, key, NO) for operation in (READ, WRITE) for key in (before, after)),
        *(Probe(operation, span, NO) for operation in (LIST, DELETE) for span in stretched),
    }
    asked = probes(Reach(SpanSet([CALICO]), SpanSet([CALICO])), SEGMENTS)
    assert expected == set(asked)
    assert len(expected) == len(asked)


def test_a_reader_is_asked_whether_it_can_write() -> None:
    """Reading its own segment is expected, writing there is not."""
    asked = probes(Reach(SpanSet([CALICO]), SpanSet()), SEGMENTS)
    assert Probe(READ, CALICO, YES) in asked
    assert Probe(WRITE, CALICO, NO) in asked
    assert Probe(DELETE, CALICO, NO) in asked


def test_an_unknown_name_is_refused_everywhere() -> None:
    """Whoever has no reach is asked everything and must get nothing."""
    assert {Probe(operation, span, NO) for operation in Operation for span in (REGISTRY, CALICO)} == set(
        probes(NOTHING, SEGMENTS)
    )


def test_touching_segments_are_asked_one_by_one() -> None:
    """Two owners side by side are two questions, although their keys make one span."""
    left, right = Span(b"/a", b"/b"), Span(b"/b", b"/c")
    asked = probes(NOTHING, [SpanSet([left]), SpanSet([right])])
    assert {left, right} == {probe.span for probe in asked}


def test_the_door() -> None:
    """Without a certificate one question is enough, and TLS must refuse it."""
    assert (Probe(READ, REGISTRY, Verdict.REFUSED_TLS),) == refused_at_the_door(SEGMENTS)


keys = st.binary(min_size=1, max_size=3)
span_sets = st.lists(st.builds(Span, keys, st.none() | keys), max_size=4).map(SpanSet)


@given(read=span_sets, write=span_sets, segments=st.lists(span_sets, max_size=3))
def test_each_answer_follows_from_the_reach(read: SpanSet, write: SpanSet, segments: list[SpanSet]) -> None:
    """A yes is expected if and only if etcd's containment rule gives one."""
    for probe in probes(Reach(read, write), segments):
        mine = write if probe.operation in (WRITE, DELETE) else read
        asked = Span.of_key(probe.span.start) if probe.operation in (READ, WRITE) else probe.span
        assert (probe.expected is YES) == mine.covers(asked)
        assert probe.span
