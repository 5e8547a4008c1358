"""What is searched for some knots: places, what may be granted there, bridges, and what must be kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ringfence.changes.order.bridges import Bridge, best, detours, fresh, modest
from ringfence.changes.order.cells import Cells
from ringfence.changes.order.needs import Need, needs
from ringfence.changes.order.room import Room
from ringfence.changes.order.scene import Scene
from ringfence.changes.order.spots import Knot, Spot
from ringfence.changes.order.together import keys_of
from ringfence.model.permission import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Puzzle:
    """What is searched.

    Args:
        spots: the places of the knots, and unused ones on the same keys for bridges.
        options: the access types that each may be granted in between.
        bridges: what may be granted before and taken away after.
        needs: what must be allowed at every moment.
        cells: the keys of the knots.
        points: where keys were cut, in order.
        gained: whether the places have gained already what they are to gain.
    """

    spots: tuple[Spot, ...]
    options: tuple[tuple[Access, ...], ...]
    bridges: tuple[Bridge, ...]
    needs: tuple[Need, ...]
    cells: Cells
    points: Sequence[bytes]
    gained: bool


def puzzle(tied: Sequence[Knot], restless: Collection[Spot], scene: Scene, room: Room) -> Puzzle:
    """The puzzle of some knots.

    Args:
        tied: the knots.
        restless: places of other knots, if each is untied by itself: all have gained, and lose meanwhile.
        scene: the roles around.
        room: where bridges may stand.
    """
    keys, searched = keys_of(tied), frozenset(spot for knot in tied for spot in knot)
    roles = sorted({spot.role for spot in searched})
    users = scene.holders(roles)
    around = set(roles).union(*(holder.meanwhile for holder in users))
    spans = {spot.span for role in around for spot in scene.meeting(role, keys)}
    ends = {point for span in spans for point in (span.start, span.end) if point is not None}
    points = sorted(ends | {point + b"\x00" for point in ends})
    cells = Cells(keys, points)
    kept = needs(users, lambda role: scene.meeting(role, keys), searched, frozenset(restless), cells)
    peers = sorted({peer for role in roles for peer in scene.peers(role)})
    new = [bridge for role in peers for bridge in fresh(role, keys, points, scene, room)]
    own = {spot.group for spot in searched}
    beside = {bridge.spot for bridge in new if bridge.spot.group in own}
    free = [each for each in new if not room.is_tied(*each.spot.group)]
    free += (each for role in peers for each in detours(role, keys, scene) if not room.is_spoken_for(*each.spot.group))
    free = [each for each in free if each.spot.group not in own]
    spots = tuple(sorted((*searched, *beside), key=lambda spot: (spot.role, spot.place)))
    return Puzzle(
        spots=spots,
        options=tuple(modest(spot, scene.most(spot.role)) for spot in spots),
        bridges=tuple(best(free, kept, cells)),
        needs=kept,
        cells=cells,
        points=points,
        gained=bool(restless),
    )
