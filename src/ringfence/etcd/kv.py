"""The key space, as far as ringfence needs it: it counts, and tests write. It never reads values for itself."""

from __future__ import annotations

from ringfence.etcd import rpcs
from ringfence.etcd.channel import Channel
from ringfence.etcd.failure import Failure
from ringfence.etcd.refusals import is_denial
from ringfence.etcd.schema import new
from ringfence.keyspace import Span
from ringfence.model.permission import Access, Permission

_NEVER = 1 << 62
"""A revision that no store reaches: compacting up to it is refused as one of the future, after the permission."""


class KeyValues:
    """etcd's KV service on one channel. Every method raises ClusterError, see ``ringfence.errors``."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def count(self, span: Span) -> int:
        """How many keys there are in a span."""
        key, range_end = wire(span)
        request = new("RangeRequest", key=key, range_end=range_end, count_only=True)
        return (await self._channel.call(rpcs.RANGE, request)).count

    async def get(self, key: bytes) -> bytes | None:
        """The value of one key, or None."""
        found = (await self._channel.call(rpcs.RANGE, new("RangeRequest", key=key))).kvs
        return found[0].value if found else None

    async def put(self, key: bytes, value: bytes) -> None:
        """Store a value."""
        await self._channel.call(rpcs.PUT, new("PutRequest", key=key, value=value))

    async def delete(self, span: Span) -> None:
        """Delete every key of a span."""
        key, range_end = wire(span)
        await self._channel.call(rpcs.DELETE_RANGE, new("DeleteRangeRequest", key=key, range_end=range_end))

    async def may_compact(self) -> bool:
        """Whether this identity may compact the history; asked with a revision that never comes, so nothing happens.

        Raises:
            ClusterError: the answer is neither yes nor no.
        """
        answer = await self._channel.ask(rpcs.COMPACT, new("CompactionRequest", revision=_NEVER))
        if not isinstance(answer, Failure) or "future revision" in answer.text:
            return True
        if is_denial(answer):
            return False
        raise await self._channel.error(answer)

    async def was_compacted(self) -> bool:
        """Whether the history was compacted at least once: its first revision is gone then."""
        answer = await self._channel.ask(rpcs.RANGE, new("RangeRequest", key=b"\x00", revision=1, count_only=True))
        return isinstance(answer, Failure) and answer.text.endswith("has been compacted")

    async def settle(self) -> int:
        """Wait until this member has applied all that the cluster had agreed on; returns the store's revision.

        One linearizable read of a key that needs no value. Asked as root on each member before probing it: a member
        that lags behind would else answer from an older auth store.
        """
        request = new("RangeRequest", key=b"\x00", count_only=True)
        return (await self._channel.call(rpcs.RANGE, request)).header.revision


def wire(span: Span) -> tuple[bytes, bytes]:
    """``key`` and ``range_end`` of a span in a request: the same form as in a permission."""
    return Permission.on_span(Access.READ, span).place
