"""What a request needs: keys to read and keys to write, flat, in the order in which etcd looks at them. Pure.

Source: etcd ``server/etcdserver/apply_auth.go`` (checkTxnAuth, checkLeasePuts) and ``api/v3rpc/watch.go``. Both
branches of a transaction count, whichever would run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.errors import InputError
from ringfence.keyspace import FIRST_KEY, Span
from ringfence.model.permission import OPEN_END, Access, Permission
from ringfence.model.text import key_text
from ringfence.rules.calls import Call
from ringfence.rules.release import Behaviour, Gap
from ringfence.rules.requests import DeleteRange, OfLease, Put, Range, RangeStream, Request, Txn, Watch


@dataclass(frozen=True, slots=True)
class Need:
    """Keys that must be granted wholly; ``access`` is READ or WRITE."""

    access: Access
    span: Span


_WRITE_ON_LEASE = frozenset({Call.LEASE_REVOKE, Call.LEASE_KEEP_ALIVE})


def needs(request: Request, behaviour: Behaviour) -> Iterator[Need]:
    """The keys that a release wants granted before it does ``request``; nothing for calls that name none.

    Raises:
        InputError: a range in the request holds no key.
    """
    match request:
        case Range() | RangeStream():
            yield _need(Access.READ, request.key, request.range_end)
        case Put():
            yield from _of_put(request, in_txn=False, behaviour=behaviour)
        case DeleteRange():
            yield from _of_deletion(request)
        case Txn():
            yield from _of_txn(request, behaviour)
        case Watch():
            yield _of_watch(request, behaviour)
        case OfLease():
            access = Access.WRITE if request.call in _WRITE_ON_LEASE else Access.READ
            yield from (_need(access, key) for key in request.keys)
        case _:
            return


def _of_put(put: Put, *, in_txn: bool, behaviour: Behaviour) -> Iterator[Need]:
    yield _need(Access.WRITE, put.key)
    if in_txn and Gap.PUT_IN_TXN in behaviour.gaps:
        return
    yield from (_need(Access.WRITE, key) for key in put.lease_keys)
    if put.prev_kv:
        yield _need(Access.READ, put.key)


def _of_deletion(deletion: DeleteRange) -> Iterator[Need]:
    yield _need(Access.WRITE, deletion.key, deletion.range_end)
    if deletion.prev_kv:
        yield _need(Access.READ, deletion.key, deletion.range_end)


def _of_txn(txn: Txn, behaviour: Behaviour) -> Iterator[Need]:
    for compare in txn.compares:
        yield _need(Access.READ, compare.key, compare.range_end)
    for operation in (*txn.success, *txn.failure):
        match operation:
            case Range():
                yield _need(Access.READ, operation.key, operation.range_end)
            case Put():
                yield from _of_put(operation, in_txn=True, behaviour=behaviour)
            case DeleteRange():
                yield from _of_deletion(operation)
            case Txn() if Gap.NESTED not in behaviour.gaps:
                yield from _of_txn(operation, behaviour)


def _of_watch(watch: Watch, behaviour: Behaviour) -> Need:
    key = watch.key or FIRST_KEY
    if watch.range_end == OPEN_END and Gap.OPEN_WATCH in behaviour.gaps:
        return _need(Access.READ, key)
    return _need(Access.READ, key, watch.range_end)


def _need(access: Access, key: bytes, range_end: bytes = b"") -> Need:
    permission = Permission(access, key, range_end)
    if not permission.has_keys:
        what = f"a range that holds no key cannot be judged: [{key_text(key)}, {key_text(range_end)})"
        raise InputError.of(what, hint="a range ends behind its first key, and no key is empty")
    return Need(access, permission.span)
