"""Trying known holes of etcd on a live member, in forms that read nothing and change nothing.

Each probe asks, as an identity that must be denied, for something that would do nothing if it were allowed: a nested
transaction in a branch that does not run, a watch from a revision that never comes, a compaction of the future. Before,
the same thing is asked in the plain way, so that a role other than the expected one is not taken for a hole. Holes for
which no such form exists are left to their release: filling a database, raising an alarm or taking over somebody else's
lease is not tried.

Sources: the advisories in ``ringfence.rules.holes``; each probe is run against releases on both sides of its fix by
the integration tests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from google.protobuf.message import Message

from ringfence.errors import Refused
from ringfence.etcd import rpcs
from ringfence.etcd.channel import Channel
from ringfence.etcd.failure import Failure
from ringfence.etcd.kv import wire
from ringfence.etcd.questions import Kind, Question
from ringfence.etcd.refusals import is_denial, refusal
from ringfence.etcd.schema import new
from ringfence.etcd.watches import ask_watches
from ringfence.keyspace import Span
from ringfence.model.permission import OPEN_END
from ringfence.model.state import Reach

_FAR_FUTURE = 2**62

Probe = Callable[[Channel, Reach], Awaitable[bool | None]]
"""True: the hole is there. False: etcd denied it. None: this identity cannot tell, or etcd answered something else."""


async def _nested(channel: Channel, reach: Reach) -> bool | None:
    """A read of a key that must not be read, inside a transaction inside the branch that does not run."""
    forbidden = next(iter(~reach.read), None)
    if forbidden is None or await _judged(channel, _reading(Span.of_key(forbidden.start))) is not False:
        return None
    inner = new("TxnRequest", success=[_reading(Span.of_key(forbidden.start))])
    return await _judged(channel, new("RequestOp", request_txn=inner))


async def _compaction(channel: Channel, _reach: Reach) -> bool | None:
    """A compaction up to a revision that does not exist yet; etcd says so where it does not ask who wants it."""
    if _verdict(await channel.ask(rpcs.USER_LIST, new("Empty"))) is not False:
        return None
    return _verdict(await channel.ask(rpcs.COMPACT, new("CompactionRequest", revision=_FAR_FUTURE)))


async def _open_watch(channel: Channel, reach: Reach) -> bool | None:
    """A watch without end, from a readable key on, of a revision that never comes."""
    first = next((span.start for span in reach.read if not reach.read.covers(Span(span.start, None))), None)
    if first is None or await _judged(channel, _reading(Span.of_key(first))) is not True:
        return None
    if await _judged(channel, _reading(Span(first, None))) is not False:
        return None
    question = Question(Kind.WATCH, first, OPEN_END)
    failure = (await ask_watches(channel, [question]))[question]
    return _verdict(failure if failure is not None else new("Empty"))


async def _put_in_txn(channel: Channel, reach: Reach) -> bool | None:
    """A put that asks for the old value of a key that may only be written, in the branch that does not run."""
    blind = next(iter(reach.write - reach.read), None)
    if blind is None or await _judged(channel, _reading(Span.of_key(blind.start))) is not False:
        return None
    return await _judged(channel, new("RequestOp", request_put=new("PutRequest", key=blind.start, prev_kv=True)))


PROBES: Mapping[str, Probe] = {
    "CVE-2026-33343": _nested,
    "CVE-2026-33413": _compaction,
    "GHSA-xg4h-6gfc-h4m8": _open_watch,
    "CVE-2026-44283": _put_in_txn,
}
"""The holes that can be tried without harm, by their ids."""

LOGGED = frozenset({"CVE-2026-33413", "CVE-2026-44283"})
"""Those whose probe costs an entry in etcd's raft log, as every request to write does."""


def _reading(span: Span) -> Message:
    key, range_end = wire(span)
    reading = new("RangeRequest", key=key, range_end=range_end, serializable=True, keys_only=True, limit=1)
    return new("RequestOp", request_range=reading)


async def _judged(channel: Channel, operation: Message) -> bool | None:
    """Whether an operation is allowed, asked in the branch that does not run."""
    return _verdict(await channel.ask(rpcs.TXN, new("TxnRequest", failure=[operation])))


def _verdict(answer: object) -> bool | None:
    if not isinstance(answer, Failure):
        return True
    if is_denial(answer):
        return False
    found = refusal(answer)
    # "required revision is a future revision" and the like: etcd looked at the request, not at who asks.
    return True if found is not None and found.error is Refused else None
