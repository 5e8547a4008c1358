"""Which knots have to be untied together, because they may help each other or one bridge may serve both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ringfence.changes.order.bridges import comes_back, wider
from ringfence.changes.order.room import Room
from ringfence.changes.order.scene import Scene
from ringfence.changes.order.spots import Knot
from ringfence.keyspace import SpanSet
from ringfence.model.names import RoleName
from ringfence.model.permission import Access


def together(tied: Sequence[Knot], scene: Scene) -> Iterator[list[Knot]]:
    """The knots in sets that have nothing to do with each other.

    Two have to do with each other where the same role is held beside both of their roles, or is one of them, and what
    all these roles allow around them hangs together.
    """
    peers = {role: frozenset(scene.peers(role)) for role in {knot[0].role for knot in tied}}
    zones = [_zone(knot, peers[knot[0].role], scene) for knot in tied]
    for near in _overlapping(zones):
        left = near
        while left:
            found, left = [left[0]], left[1:]
            for index in found:
                held = peers[tied[index][0].role]
                joined = [
                    other
                    for other in left
                    if not held.isdisjoint(peers[tied[other][0].role]) and zones[index] & zones[other]
                ]
                found += joined
                left = [other for other in left if other not in joined]
            yield [tied[index] for index in sorted(found)]


def keys_of(tied: Sequence[Knot]) -> SpanSet:
    """All keys on which some knots allow anything, before or after."""
    return SpanSet(spot.span for knot in tied for spot in knot)


def drawn_in(tied: Sequence[Knot], scene: Scene, room: Room) -> list[Knot]:
    """The knots, and the keys around on which a place might serve as a bridge but takes a search to come back from."""
    found = list(tied)
    roles = sorted({peer for knot in tied for peer in scene.peers(knot[0].role)})
    while True:
        keys, known = keys_of(found), {knot[0].group for knot in found}
        meeting = [spot for role in roles for spot in scene.meeting(role, keys)]
        more = {
            spot.group: scene.beside(spot)
            for spot in meeting
            if spot.group not in known
            and not room.is_spoken_for(*spot.group)
            and not comes_back(spot, scene.beside(spot))
            and wider(spot, scene.most(spot.role))
        }
        if not more:
            return found
        found += more.values()


def _zone(knot: Knot, peers: frozenset[RoleName], scene: Scene) -> SpanSet:
    keys = keys_of([knot])
    both = (Access.READ, Access.WRITE)
    return SpanSet(span for role in peers for access in both for span in scene.around(role, access, keys)) | keys


def _overlapping(zones: Sequence[SpanSet]) -> Iterator[list[int]]:
    """Sets of zones of which none reaches into another set: one pass over them by their first keys."""
    near: list[int] = []
    reached: bytes | None = b""
    for index in sorted(
        (index for index, zone in enumerate(zones) if zone), key=lambda index: zones[index].spans[0].start
    ):
        first, last = zones[index].spans[0].start, zones[index].spans[-1].end
        if near and reached is not None and reached <= first:
            yield near
            near, reached = [], b""
        near.append(index)
        reached = None if reached is None or last is None else max(reached, last)
    if near:
        yield near
    yield from ([index] for index, zone in enumerate(zones) if not zone)
