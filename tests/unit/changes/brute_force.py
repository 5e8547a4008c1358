"""Whether a change can be had for fewer calls: every call on every place is tried.

It shares nothing with the planner but the model. A call counts where its effect is sure, whichever entry of its key
etcd finds first; after a grant that may have been appended, a place may hold two entries. A moment is safe if every
user has what both ends of the change allow, and if no role allows what it allows at neither end. Keys are tried one by
one: the first of each piece into which any place cuts them.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State

Place = tuple[bytes, bytes]
Stored = frozenset[tuple[Place, Access, bool]]
"""What a role allows at each place, and whether there may be several entries."""

Held = frozenset[tuple[UserName, RoleName]]


@dataclass(frozen=True)
class Moment:
    """What a role stores, what it allows, and how many places are not yet as wanted."""

    stored: Stored
    allowed: int
    left: int


class Way:
    """A role on its way: each call, and what becomes of it."""

    def __init__(self, observed: Role, wanted: Role, places: tuple[Place, ...]) -> None:
        spans = [Permission(Access.READ, *place).span for place in places]
        keys = sorted({key for span in spans for key in (span.start, span.end) if key is not None})
        self._masks = {
            (place, access): sum(
                (access.reads << 2 * number) | (access.writes << 2 * number + 1)
                for number, key in enumerate(keys)
                if key in span
            )
            for place, span in zip(places, spans, strict=True)
            for access in Access
        }
        self._places = places
        self._goal = frozenset(wanted.access.items())
        self._moves: dict[Stored, list[Moment]] = {}
        self.after = self._allowed(self._goal)
        entries = Counter(entry.place for entry in observed.permissions)
        stored = ((place, access, entries[place] > 1) for place, access in observed.access.items())
        self.start = self._moment(frozenset(stored))
        self.before = self.start.allowed

    def moves(self, here: Stored) -> list[Moment]:
        """All that one call leads to for sure, what allows too much left out."""
        if here not in self._moves:
            moments = [self._moment(stored) for stored in self._calls(here)]
            self._moves[here] = [each for each in moments if each.allowed & ~(self.before | self.after) == 0]
        return self._moves[here]

    def _calls(self, here: Stored) -> Iterator[Stored]:
        for place in self._places:
            entry = next((entry for entry in here if entry[0] == place), None)
            rest = here - {entry} if entry is not None else here
            if entry is not None:
                yield rest
            alone = all(other[0][0] != place[0] for other in rest)
            for access in Access:
                if entry is None or (alone and not entry[2]):
                    yield rest | {(place, access, False)}
                elif entry[1] | access == access:
                    yield rest | {(place, access, True)}

    def _moment(self, stored: Stored) -> Moment:
        entries = frozenset((place, access) for place, access, _ in stored)
        return Moment(stored, self._allowed(entries), len({place for place, _ in entries ^ self._goal}))

    def _allowed(self, entries: frozenset[tuple[Place, Access]]) -> int:
        mask = 0
        for entry in entries:
            mask |= self._masks[entry]
        return mask


Here = tuple[tuple[Moment, ...], Held]
"""What each role stores, and who holds it."""


class Journey:
    """From one state to another with the same users and roles; a role that allows the same at both ends stays."""

    def __init__(self, observed: State, wanted: State, places: tuple[Place, ...]) -> None:
        self._names = sorted(observed.roles)
        self._same = {name for name in self._names if observed.roles[name].reach == wanted.roles[name].reach}
        ends = [
            (observed.roles[name], (observed if name in self._same else wanted).roles[name]) for name in self._names
        ]
        self._ways = [Way(before, after, places) for before, after in ends]
        self._old, self._new = _held(observed), _held(wanted)
        self._keep = [(user, self._both(user)) for user in observed.users]

    def fewest(self, below: int) -> int | None:
        """The fewest calls of a safe order, or None where that is not less than ``below``."""
        start: Here = (tuple(way.start for way in self._ways), self._old)
        order = count()
        waiting = [(self._left(start), next(order), start)] if self._left(start) < below else []
        calls = {start: 0}
        while waiting:
            least, _, here = heapq.heappop(waiting)
            if not self._left(here):
                return least
            for there in self._nexts(here):
                made, left = calls[here] + 1, self._left(there)
                if made + left < below and made < calls.get(there, below) and self._is_safe(there):
                    calls[there] = made
                    heapq.heappush(waiting, (made + left, next(order), there))
        return None

    def _nexts(self, here: Here) -> Iterator[Here]:
        moments, held = here
        for at, way in enumerate(self._ways):
            if self._names[at] not in self._same:
                for moment in way.moves(moments[at].stored):
                    yield (*moments[:at], moment, *moments[at + 1 :]), held
        for one in self._old ^ self._new:
            yield moments, held ^ {one}

    def _left(self, here: Here) -> int:
        return sum(moment.left for moment in here[0]) + len(here[1] ^ self._new)

    def _is_safe(self, here: Here) -> bool:
        moments, held = here
        for user, keep in self._keep:
            for name, moment in zip(self._names, moments, strict=True):
                keep &= ~moment.allowed if (user, name) in held else -1
            if keep:
                return False
        return True

    def _both(self, user: UserName) -> int:
        """What a user is allowed at both ends."""
        before = after = 0
        for name, way in zip(self._names, self._ways, strict=True):
            before |= way.before if (user, name) in self._old else 0
            after |= way.after if (user, name) in self._new else 0
        return before & after


def _held(state: State) -> Held:
    return frozenset((user.name, role) for user in state.users.values() for role in user.roles)
