"""Permissions that are there only for a while, so that nobody loses what it is to keep.

Of all permissions that could be granted for a while only the largest are of interest: on all keys around that the role
allows before or after. What is larger covers more and costs the same. It may stand in the way in one case alone: on a
key on which another entry is to be replaced by a grant, which works only where that entry is alone. So a bridge starts
at another key if it can, just behind; and where the very first of these keys must be covered, it stands there and is
searched like the places that it stands beside. What was found is made as small as it is needed, in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ringfence.changes.order.cells import Cells
from ringfence.changes.order.needs import Need
from ringfence.changes.order.room import Room
from ringfence.changes.order.scene import Scene
from ringfence.changes.order.spots import Spot
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import RoleName
from ringfence.model.permission import Access
from ringfence.model.state import Reach

_WIDEST_FIRST = (Access.READWRITE, Access.READ, Access.WRITE)


@dataclass(frozen=True, slots=True)
class Bridge:
    """A permission that is granted before the others change and taken away after.

    Args:
        spot: where; what it is to allow in the end is what stays.
        access: what it allows meanwhile.
        calls: how many calls it costs more.
    """

    spot: Spot
    access: Access
    calls: int


def modest(spot: Spot, most: Reach) -> tuple[Access, ...]:
    """What may be granted at a place for a while: nothing that its role allows at neither end."""
    reads, writes = most.read.covers(spot.span), most.write.covers(spot.span)
    return tuple(each for each in _WIDEST_FIRST if (reads or not each.reads) and (writes or not each.writes))


def detours(role: RoleName, keys: SpanSet, scene: Scene) -> Iterator[Bridge]:
    """Places that change without a search or not at all: each may allow more meanwhile than it is to keep."""
    for spot in scene.meeting(role, keys):
        if comes_back(spot, scene.beside(spot)):
            for access in wider(spot, scene.most(role)):
                yield Bridge(spot, access, 1 if spot.before != spot.after else 2)


def wider(spot: Spot, most: Reach) -> tuple[Access, ...]:
    """What a place may allow for a while beyond what it allows before or after."""
    both = spot.both
    allowed = modest(spot, most)
    return allowed if both is None else tuple(each for each in allowed if each != both and each | both == each)


def comes_back(spot: Spot, beside: Sequence[Spot]) -> bool:
    """Whether one call brings it from a wider type to what is wanted, when all that is to go is gone.

    Args:
        spot: the place.
        beside: the places on its key, itself among them.
    """
    if spot.after is None:
        return True
    others = [other for other in beside if other != spot]
    stored = spot.before is not None and any(other.before is not None for other in others)
    return not spot.several and not stored and all(other.after is None for other in others)


def fresh(role: RoleName, keys: SpanSet, points: Sequence[bytes], scene: Scene, room: Room) -> Iterator[Bridge]:
    """The largest new places around some keys; ``points`` are where they may end."""
    for access in _WIDEST_FIRST:
        for limits in scene.around(role, access, keys):
            yield from _largest(role, access, limits, points, room)


def _largest(role: RoleName, access: Access, limits: Span, points: Sequence[bytes], room: Room) -> Iterator[Bridge]:
    for start in room.starts(role, limits):
        ends = (point for point in reversed(points) if start < point and point in limits)
        place = room.free(role, start, (limits.end, *ends))
        if place is not None:
            yield Bridge(Spot(role, place), access, 2)


def best(bridges: Iterable[Bridge], needs: Sequence[Need], cells: Cells) -> list[Bridge]:
    """Those that give something needed, and more or for fewer calls than any other of the same role."""
    needed: dict[RoleName, int] = {}
    for need in needs:
        for role in need.roles:
            needed[role] = needed.get(role, 0) | need.mask
    kept: list[tuple[int, Bridge]] = []
    for bridge in sorted(bridges, key=lambda bridge: bridge.calls):
        role = bridge.spot.role
        mask = cells.mask(bridge.access, bridge.spot.span) & needed.get(role, 0)
        if mask and not any(mask & ~other == 0 for other, better in kept if better.spot.role == role):
            kept.append((mask, bridge))
    dominated = [
        one
        for mask, one in kept
        if any(
            mask & ~other == 0 and mask != other and better.calls <= one.calls and better.spot.role == one.spot.role
            for other, better in kept
        )
    ]
    return [bridge for _, bridge in kept if bridge not in dominated]
