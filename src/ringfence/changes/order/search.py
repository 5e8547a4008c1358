"""The fewest calls from what some places allow to what they are to allow: A* over what they allow in between.

A state is what each place allows, as a number; the lower bound of what is left is what it would cost if nobody held the
roles. So the search walks straight to the goal unless something must be bridged. Bridges that share no key with the
places concerned never stand in the way: they are chosen before the first step, and stay until after the last.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from ringfence.changes.order.bridges import Bridge
from ringfence.changes.order.puzzle import Puzzle
from ringfence.changes.order.spots import Spot
from ringfence.model.permission import Access

MOST = 20_000
"""States that are looked at."""

Allowed = tuple[int, ...]
"""What each place allows: 1 reading, 2 writing, 3 both; 4 more where etcd may store several entries."""

Here = tuple[tuple[int, ...], Allowed]
"""Where the search stands: the bridges that were chosen, by number, and what each place allows."""

_CODE = {None: 0, Access.READ: 1, Access.WRITE: 2, Access.READWRITE: 3}
_ACCESS = {code: access for access, code in _CODE.items()}
_TYPE, _SEVERAL = 3, 4


@dataclass(frozen=True, slots=True)
class Step:
    """One call: what a place allows before and after it; nothing after it is a revocation."""

    spot: Spot
    before: Access | None
    after: Access | None


@dataclass(frozen=True, slots=True)
class Way:
    """Bridges, and the calls between them in order."""

    bridges: tuple[Bridge, ...]
    steps: tuple[Step, ...]


def search(puzzle: Puzzle) -> Way | None:
    """The shortest way, or None where there is none within ``MOST`` states."""
    return _Search(puzzle).way()


class _Search:
    def __init__(self, puzzle: Puzzle) -> None:
        spots = puzzle.spots
        self._puzzle = puzzle
        keys = [spot.group for spot in spots]
        self._groups = [[i for i, key in enumerate(keys) if key == each] for each in dict.fromkeys(keys)]
        self._start = tuple(
            _start(spot, shared=keys.count(key) > 1, gained=puzzle.gained)
            for spot, key in zip(spots, keys, strict=True)
        )
        self._goal = tuple(_CODE[spot.after] for spot in spots)
        self._options = [[_CODE[access] for access in options] for options in puzzle.options]
        self._masks = [[puzzle.cells.mask(_ACCESS[code], spot.span) for code in range(4)] for spot in spots]
        self._bridges = [puzzle.cells.mask(bridge.access, bridge.spot.span) for bridge in puzzle.bridges]
        self._needs = [
            (
                need.mask,
                [i for i, spot in enumerate(spots) if spot.role in need.roles],
                [i for i, bridge in enumerate(puzzle.bridges) if bridge.spot.role in need.roles],
            )
            for need in puzzle.needs
        ]

    def way(self) -> Way | None:
        order = count()
        start: Here = ((), self._start)
        open_ends = [(self._left(self._start), 0, next(order), start)]
        costs, came_from = {start: 0}, {start: start}
        done: set[Here] = set()
        while open_ends and len(done) < MOST:
            _, _, _, here = heapq.heappop(open_ends)
            if self._left(here[1]) == 0:
                return self._told(here, came_from)
            if here in done:
                continue
            done.add(here)
            cost = costs[here]
            for calls, there in self._moves(here):
                if costs.get(there, cost + calls + 1) <= cost + calls or not self._keeps(there):
                    continue
                costs[there], came_from[there] = cost + calls, here
                left = self._left(there[1])
                heapq.heappush(open_ends, (cost + calls + left, left, next(order), there))
        return None

    def _moves(self, here: Here) -> Iterator[tuple[int, Here]]:
        chosen, allowed = here
        if allowed == self._start:
            for i in range(chosen[-1] + 1 if chosen else 0, len(self._bridges)):
                yield self._puzzle.bridges[i].calls, ((*chosen, i), allowed)
        for group in self._groups:
            present = [i for i in group if allowed[i]]
            for i in group:
                for code in self._calls(i, allowed[i], alone=present == [i]):
                    yield 1, (chosen, (*allowed[:i], code, *allowed[i + 1 :]))

    def _calls(self, i: int, code: int, *, alone: bool) -> Iterator[int]:
        """What a place allows after one call whose effect is sure."""
        if code:
            yield 0
        replaces = alone and not code & _SEVERAL
        for option in self._options[i]:
            if not code or (replaces and option != code):
                yield option
            elif option & code == code & _TYPE != option:
                yield option | _SEVERAL

    def _left(self, allowed: Allowed) -> int:
        """The fewest calls that are left where nothing need be kept: what cannot be granted over costs two."""
        return sum(self._left_of([(allowed[i], self._goal[i]) for i in group]) for group in self._groups)

    @staticmethod
    def _left_of(group: Sequence[tuple[int, int]]) -> int:
        wrong = sum(code & _TYPE != goal for code, goal in group)
        narrowed = [code for code, goal in group if code and goal and code & ~goal & _TYPE]
        staying = sum(code != 0 and goal != 0 and not code & ~goal & _TYPE for code, goal in group)
        one_in_place = not staying and any(not code & _SEVERAL for code in narrowed)
        return wrong + len(narrowed) - one_in_place

    def _keeps(self, here: Here) -> bool:
        chosen, allowed = here
        for mask, spots, bridges in self._needs:
            for i in spots:
                mask &= ~self._masks[i][allowed[i] & _TYPE]
            for i in bridges:
                if i in chosen:
                    mask &= ~self._bridges[i]
            if mask:
                return False
        return True

    def _told(self, here: Here, came_from: dict[Here, Here]) -> Way:
        chosen, steps = here[0], []
        while (there := came_from[here]) != here:
            steps += [
                Step(spot, _ACCESS[old & _TYPE], _ACCESS[new & _TYPE])
                for spot, old, new in zip(self._puzzle.spots, there[1], here[1], strict=True)
                if old != new
            ]
            here = there
        return Way(tuple(self._puzzle.bridges[i] for i in chosen), tuple(reversed(steps)))


def _start(spot: Spot, *, shared: bool, gained: bool) -> int:
    several = spot.several or (gained and shared and spot.before is not None and spot.gains)
    return _CODE[spot.both if gained else spot.before] | (_SEVERAL if several else 0)
