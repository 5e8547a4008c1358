"""Probes as requests: the right bytes, nothing that runs, and packs that etcd takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.etcd.questions import OPERATIONS_IN_A_TXN, Kind, Question, judged, packed
from ringfence.etcd.schema import CLASSES
from ringfence.keyspace import EVERYTHING, Span
from ringfence.model.probe import Operation, Probe, Verdict

PREFIX, KEY, OPEN = Span.of_prefix(b"/a/"), Span.of_key(b"/k"), Span(b"/o", None)

FORMS = [
    (Operation.READ, PREFIX, Kind.RANGE, b"/a/", b""),
    (Operation.LIST, PREFIX, Kind.RANGE, b"/a/", b"/a0"),
    (Operation.WRITE, PREFIX, Kind.PUT, b"/a/", b""),
    (Operation.DELETE, PREFIX, Kind.DELETE, b"/a/", b"/a0"),
    (Operation.WATCH, PREFIX, Kind.WATCH, b"/a/", b"/a0"),
    (Operation.LIST, KEY, Kind.RANGE, b"/k", b""),
    (Operation.LIST, OPEN, Kind.RANGE, b"/o", b"\x00"),
    (Operation.DELETE, EVERYTHING, Kind.DELETE, b"\x00", b"\x00"),
    (Operation.READ, EVERYTHING, Kind.RANGE, b"\x00", b""),
]


@pytest.mark.parametrize(("operation", "span", "kind", "key", "range_end"), FORMS)
def test_a_probe_has_its_form_on_the_wire(
    operation: Operation, span: Span, kind: Kind, key: bytes, range_end: bytes
) -> None:
    """READ and WRITE take the first key, the others the whole span; an open end is one zero byte."""
    assert Question(kind, key, range_end) == Question.of(Probe(operation, span, Verdict.DENIED))


def test_a_transaction_holds_its_operations_where_they_never_run() -> None:
    """No comparison and an empty branch for success: what is judged stands in the other branch, reads serializable."""
    txn = judged([Question(Kind.RANGE, b"a", b"b"), Question(Kind.RANGE, b"c", b"")])
    wire = CLASSES["TxnRequest"].FromString(txn.SerializeToString())
    fields = {field.name: value for field, value in wire.ListFields()}
    assert {"failure"} == fields.keys()
    assert [(b"a", b"b", True), (b"c", b"", True)] == [
        (one.request_range.key, one.request_range.range_end, one.request_range.serializable)
        for one in fields["failure"]
    ]


@pytest.mark.parametrize(
    ("kind", "field"),
    [(Kind.RANGE, "request_range"), (Kind.PUT, "request_put"), (Kind.DELETE, "request_delete_range")],
)
def test_each_kind_is_one_operation(kind: Kind, field: str) -> None:
    """A put carries neither value nor lease, and none asks for what was there before."""
    ((found, inner),) = Question(kind, b"k", b"").operation.ListFields()
    assert field == found.name
    assert {"key"} <= {one.name for one, _ in inner.ListFields()} <= {"key", "serializable", "keys_only", "limit"}


keys = st.binary(min_size=1, max_size=2)
questions = st.builds(Question, st.sampled_from(Kind), keys, st.just(b"")) | st.builds(
    Question, st.sampled_from([Kind.RANGE, Kind.DELETE]), keys, keys
)


@given(st.lists(questions, max_size=400))
def test_packs_hold_every_question_once_and_nothing_that_etcd_refuses(asked: list[Question]) -> None:
    """Watches apart, each different question is in one pack of one kind and at most 128; no two puts share a key."""
    packs = list(packed(asked))
    assert sorted(map(repr, {one for one in asked if one.kind is not Kind.WATCH})) == sorted(
        repr(one) for pack in packs for one in pack
    )
    for pack in packs:
        assert 1 <= len(pack) <= OPERATIONS_IN_A_TXN
        assert 1 == len({one.kind for one in pack})


def test_packs_are_as_few_as_they_can_be() -> None:
    """257 reads are three transactions, however often each is asked."""
    asked = [Question(Kind.RANGE, b"%d" % number, b"") for number in range(257)]
    assert [128, 128, 1] == [len(pack) for pack in packed(asked * 2)]
