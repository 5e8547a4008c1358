"""All roles of a change, as the search for one knot asks about them: what stands around some keys, and who holds it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from ringfence.changes.order.holders import Holder
from ringfence.changes.order.spots import Knot, Spot, by_key
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import RoleName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Reach, State

T = TypeVar("T")


class Scene:
    """Roles with their places, and the users that hold them.

    Args:
        changing: all places of the roles that change.
        observed: the other roles.
        users: who holds roles.
    """

    def __init__(self, changing: Mapping[RoleName, Sequence[Spot]], observed: State, users: Iterable[Holder]) -> None:
        self._changing, self._observed = changing, observed
        self._places: dict[RoleName, _Sorted[Spot]] = {}
        self._by_key: dict[RoleName, dict[bytes, list[Spot]]] = {}
        self._most: dict[RoleName, Reach] = {}
        self._stretches: dict[tuple[RoleName, Access], _Sorted[Span]] = {}
        self._holders: dict[RoleName, list[Holder]] = {role: [] for role in changing}
        for holder in users:
            for role in holder.meanwhile & changing.keys():
                self._holders[role].append(holder)

    def holders(self, roles: Iterable[RoleName]) -> set[Holder]:
        """Who holds one of some roles that change."""
        return {holder for role in roles for holder in self._holders[role]}

    def peers(self, role: RoleName) -> list[RoleName]:
        """The roles that change among those that are held together with one that changes, itself included."""
        held = {role}.union(*(holder.meanwhile for holder in self._holders[role]))
        return sorted(held & self._changing.keys())

    def beside(self, spot: Spot) -> Knot:
        """All places on the key of a place of a role that changes."""
        if spot.role not in self._by_key:
            self._by_key[spot.role] = by_key(self._changing[spot.role])
        return tuple(self._by_key[spot.role][spot.key])

    def meeting(self, role: RoleName, keys: SpanSet) -> list[Spot]:
        """The places of any role that share a key with some keys."""
        if role not in self._places:
            spots = self._changing[role] if role in self._changing else self._unchanged(role)
            self._places[role] = _Sorted((spot.span, spot) for spot in spots)
        return self._places[role].meeting(keys)

    def most(self, role: RoleName) -> Reach:
        """What a role that changes allows before or after."""
        if role not in self._most:
            spots = self._changing[role]
            self._most[role] = Reach.of(Permission(spot.both, *spot.place) for spot in spots if spot.both is not None)
        return self._most[role]

    def around(self, role: RoleName, access: Access, keys: SpanSet) -> list[Span]:
        """The unbroken stretches of what a changing role allows before or after that share a key with some keys."""
        if (role, access) not in self._stretches:
            read, write = self.most(role).read, self.most(role).write
            found = {Access.READ: read, Access.WRITE: write, Access.READWRITE: read & write}[access]
            self._stretches[role, access] = _Sorted((span, span) for span in found)
        return self._stretches[role, access].meeting(keys)

    def _unchanged(self, role: RoleName) -> list[Spot]:
        there: Mapping[tuple[bytes, bytes], Access]
        there = self._observed.roles[role].access if role in self._observed.roles else {}
        return [Spot(role, place, access, access) for place, access in there.items()]


class _Sorted(Generic[T]):
    """Things that cover keys, in the order of their first keys, so that few have to be looked at."""

    def __init__(self, things: Iterable[tuple[Span, T]]) -> None:
        self._things = sorted(((span, thing) for span, thing in things if span), key=lambda each: each[0].start)
        self._starts = [span.start for span, _ in self._things]
        self._tops: list[bytes] = []
        """The furthest end so far, up to the first thing without end."""
        top = b""
        for span, _ in self._things:
            if span.end is None:
                break
            top = max(top, span.end)
            self._tops.append(top)

    def meeting(self, keys: SpanSet) -> list[T]:
        found: dict[int, T] = {}
        for asked in keys:
            last = len(self._starts) if asked.end is None else bisect_left(self._starts, asked.end)
            for index in range(bisect_right(self._tops, asked.start), last):
                span, thing = self._things[index]
                if span.overlaps(asked):
                    found[index] = thing
        return list(found.values())
