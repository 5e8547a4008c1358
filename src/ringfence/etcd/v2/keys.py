"""The key space of v2, as far as ringfence needs it: it lists directories, and tests write."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.errors import NotThere
from ringfence.etcd.v2.exchange import Exchange
from ringfence.etcd.v2.refusals import KEY_NOT_FOUND

_KEYS = "/v2/keys"
_NOWHERE = f"{_KEYS}/ringfence-settle"


@dataclass(frozen=True, slots=True)
class Entry:
    """A key or a directory, by its whole path."""

    path: str
    is_directory: bool


class KeysV2:
    """``/v2/keys`` of one member. Every method raises ClusterError, see ``ringfence.errors``.

    Paths are those that follow ``/v2/keys``. etcd hides keys whose last part begins with ``_`` from every listing.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def children(self, path: str = "/") -> tuple[Entry, ...]:
        """What is right below a directory, by path; none where it does not exist. A read by quorum."""
        try:
            answer = await self._exchange.call("GET", f"{_KEYS}{path}", query={"quorum": "true"})
        except NotThere:
            return ()
        nodes = answer.part("node").parts("nodes")
        found = (Entry(node.name("key"), node.content.get("dir") is True) for node in nodes)
        return tuple(sorted(found, key=lambda entry: entry.path))

    async def get(self, path: str) -> str | None:
        """The value of a key, or None. A read by quorum."""
        try:
            answer = await self._exchange.call("GET", f"{_KEYS}{path}", query={"quorum": "true"})
        except NotThere:
            return None
        return answer.part("node").name("value")

    async def put(self, path: str, value: str) -> None:
        """Store a value; directories above it are made."""
        await self._exchange.call("PUT", f"{_KEYS}{path}", query={"value": value})

    async def delete(self, path: str, *, recursive: bool = False) -> None:
        """Delete a key, or with all that is below it a directory. NotThere where it does not exist."""
        await self._exchange.call("DELETE", f"{_KEYS}{path}", query={"recursive": "true"} if recursive else None)

    async def settle(self) -> int:
        """Wait until this member has applied all that the cluster had agreed on; the index of the v2 store.

        One read by quorum, of a key that need not exist. Asked as root on each member before probing it: a member that
        lags behind would else answer from older users and roles.
        """
        answer = await self._exchange.ask("GET", _NOWHERE, query={"quorum": "true"})
        if not answer.is_success and answer.code != KEY_NOT_FOUND:
            raise await self._exchange.error(answer)
        return answer.index or 0
