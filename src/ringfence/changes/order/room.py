"""Where bridges may stand: at unused places of a role, but on no key where they would be in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ringfence.changes.order.spots import Knot, Place, Spot
from ringfence.keyspace import Span
from ringfence.model.names import RoleName
from ringfence.model.permission import Access, Permission


class Room:
    """The places and keys that are in use. It fills up with the bridges that are chosen."""

    def __init__(self, tied: Iterable[Knot], changing: Mapping[RoleName, Sequence[Spot]]) -> None:
        self._tied = {knot[0].group for knot in tied}
        self._bridged: set[tuple[RoleName, bytes]] = set()
        self._places = {(role, spot.place) for role, places in changing.items() for spot in places}
        self._keys = {(role, key) for role, (key, _) in self._places}

    def tie(self, knot: Knot) -> None:
        """These places are searched too."""
        self._tied.add(knot[0].group)

    def is_spoken_for(self, role: RoleName, key: bytes) -> bool:
        """Whether entries on the key are searched, or a bridge is there."""
        return (role, key) in self._tied or (role, key) in self._bridged

    def is_tied(self, role: RoleName, key: bytes) -> bool:
        """Whether entries on the key are to be replaced, for which they must be alone."""
        return (role, key) in self._tied

    def starts(self, role: RoleName, limits: Span) -> Iterator[bytes]:
        """The first key, and where it is in use also the one behind."""
        start = limits.start
        while start in limits:
            yield start
            if (role, start) not in self._keys:
                return
            start += b"\x00"

    def free(self, role: RoleName, start: bytes, ends: Iterable[bytes | None]) -> Place | None:
        """The first unused place from one key to some end; a single key can be said in two ways."""
        for end in ends:
            span = Span(start, end)
            spelled = [Permission.on_span(Access.READ, span).place, (start, start + b"\x00")]
            for place in spelled[: 1 + span.is_key]:
                if (role, place) not in self._places:
                    return place
        return None

    def take(self, spot: Spot) -> None:
        """A bridge stands here."""
        self._bridged.add(spot.group)
        self._places.add((spot.role, spot.place))
        self._keys.add((spot.role, spot.key))
