"""Makes the bridges of a way as small as they are needed: the search takes the largest, which are fewer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ringfence.changes.order.bridges import Bridge
from ringfence.changes.order.puzzle import Puzzle
from ringfence.changes.order.room import Room
from ringfence.changes.order.search import Step, Way
from ringfence.changes.order.spots import Spot
from ringfence.keyspace import Span
from ringfence.model.permission import Access


def fitted(way: Way, puzzle: Puzzle, room: Room) -> Way:
    """The same way over smaller bridges."""
    for bridge in way.bridges:
        access, span = _hull(way, puzzle, bridge.spot)
        both = bridge.spot.both
        spot = bridge.spot if both is not None else _smallest(bridge.spot, span, puzzle.points, room)
        access = access if both is None else both | access
        room.take(spot)
        smaller = Bridge(spot, access, bridge.calls)
        way = Way(tuple(smaller if each == bridge else each for each in way.bridges), way.steps)
    for spare in {step.spot: None for step in way.steps if step.spot.both is None}:
        access, span = _hull(way, puzzle, spare)
        spot = _smallest(spare, span, puzzle.points, room)
        room.take(spot)
        way = Way(way.bridges, tuple(_at(step, spot, access) if step.spot == spare else step for step in way.steps))
    return way


def _at(step: Step, spot: Spot, access: Access) -> Step:
    return Step(spot, step.before and access, step.after and access)


def _hull(way: Way, puzzle: Puzzle, spot: Spot) -> tuple[Access, Span]:
    """What nothing but this place gives at some moment."""
    needed = 0
    for moment in _moments(way, puzzle):
        if moment.pop(spot, None) is None:
            continue
        for need in puzzle.needs:
            if spot.role in need.roles:
                rest = need.mask
                for other, access in moment.items():
                    if other.role in need.roles:
                        rest &= ~puzzle.cells.mask(access, other.span)
                needed |= rest
    return puzzle.cells.hull(needed)


def _moments(way: Way, puzzle: Puzzle) -> Iterator[dict[Spot, Access | None]]:
    there = {spot: spot.both if puzzle.gained else spot.before for spot in puzzle.spots}
    there.update((bridge.spot, bridge.access) for bridge in way.bridges)
    yield dict(there)
    for step in way.steps:
        there[step.spot] = step.after
        yield dict(there)


def _smallest(spot: Spot, needed: Span, points: Sequence[bytes], room: Room) -> Spot:
    """A place within that of ``spot`` that covers what is needed, with as little beside it as can be."""
    within = spot.span
    inside = [point for point in points if point in within]
    starts = [start for start in reversed(inside) if start <= needed.start and not room.is_tied(spot.role, start)]
    ends = [end for end in inside if needed.end is not None and end >= needed.end]
    for start in [spot.key] if room.is_tied(*spot.group) else [*starts, spot.key]:
        place = room.free(spot.role, start, [*ends, within.end])
        if place is not None:
            return replace(spot, place=place)
    return spot
