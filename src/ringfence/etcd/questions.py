"""A probe as etcd is asked it, in a form that can neither read nor change anything. Pure.

etcd compares, then picks a branch, but checks the permissions of both branches before it does either. A transaction
without a comparison always takes the branch ``success``; so what stands in ``failure`` is judged and never run (etcd
``server/etcdserver/apply_auth.go`` and ``txn/txn.go``; measured on 3.4 and 3.5: no key, value or revision changes). A
probe of a write still costs an entry in the raft log, also when it is denied.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from google.protobuf.message import Message

from ringfence.etcd.inflight import batches
from ringfence.etcd.kv import wire
from ringfence.etcd.schema import new
from ringfence.keyspace import Span
from ringfence.model.probe import Operation, Probe

OPERATIONS_IN_A_TXN = 128
"""The most operations that a branch may hold unless etcd is told otherwise (``max-txn-ops``)."""


class Kind(enum.Enum):
    """The request that is judged."""

    RANGE = enum.auto()
    PUT = enum.auto()
    DELETE = enum.auto()
    WATCH = enum.auto()


_KINDS = {
    Operation.READ: Kind.RANGE,
    Operation.LIST: Kind.RANGE,
    Operation.WRITE: Kind.PUT,
    Operation.DELETE: Kind.DELETE,
    Operation.WATCH: Kind.WATCH,
}
_FIRST_KEY_ONLY = frozenset({Operation.READ, Operation.WRITE})


@dataclass(frozen=True, slots=True)
class Question:
    """What goes over the wire; probes that come to the same question are asked once."""

    kind: Kind
    key: bytes
    range_end: bytes

    @classmethod
    def of(cls, probe: Probe) -> Question:
        """The question that a probe asks."""
        span = Span.of_key(probe.span.start) if probe.operation in _FIRST_KEY_ONLY else probe.span
        return cls(_KINDS[probe.operation], *wire(span))

    @property
    def operation(self) -> Message:
        """The operation to be judged in a transaction.

        Reads are serializable, so that this very member answers from its own auth store, with or without a quorum.
        """
        if self.kind is Kind.PUT:
            return new("RequestOp", request_put=new("PutRequest", key=self.key))
        if self.kind is Kind.DELETE:
            deletion = new("DeleteRangeRequest", key=self.key, range_end=self.range_end)
            return new("RequestOp", request_delete_range=deletion)
        assert self.kind is Kind.RANGE
        reading = new(
            "RangeRequest", key=self.key, range_end=self.range_end, serializable=True, keys_only=True, limit=1
        )
        return new("RequestOp", request_range=reading)


def judged(questions: Iterable[Question]) -> Message:
    """The transaction in which these are judged and not run."""
    return new("TxnRequest", failure=[question.operation for question in questions])


def packed(questions: Iterable[Question]) -> Iterator[tuple[Question, ...]]:
    """Different questions in as few transactions as etcd takes; watches are left out, they have no transaction.

    Puts and deletes never share one, because etcd refuses a put whose key is deleted beside it ("duplicate key").
    """
    waiting = list(dict.fromkeys(questions))
    for kind in (Kind.RANGE, Kind.PUT, Kind.DELETE):
        yield from batches([one for one in waiting if one.kind is kind], OPERATIONS_IN_A_TXN)
