"""Another access type for permissions whose key stands more than once in its role: the shortest way without a gap.

Where a key stands once, a grant replaces. Where it stands twice, nobody outside knows which entry etcd finds first, so
a narrower type cannot simply be granted: the wider entry might stay. Revoking first would leave a moment in which the
access that both ends of the change allow is gone, unless another permission gives it: of the same role, of another role
that the same users hold, or one that is there only for that moment.

Knots that may help each other, or that one bridge may serve, are untied together. Where that is too much, they first
gain all that they are to gain, and then each is untied by itself. Where a knot has no way, it gets a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ringfence.changes.change import Change, GrantPermission, ReplacePermission, RevokePermission
from ringfence.changes.order.fitting import fitted
from ringfence.changes.order.holders import Holder
from ringfence.changes.order.puzzle import puzzle
from ringfence.changes.order.room import Room
from ringfence.changes.order.scene import Scene
from ringfence.changes.order.search import search
from ringfence.changes.order.spots import Knot, Spot, knots
from ringfence.changes.order.together import drawn_in, together
from ringfence.model.names import RoleName
from ringfence.model.permission import Permission
from ringfence.model.state import State

LARGEST = 10
"""Places that are untied together; more have not been seen outside of tests."""


@dataclass(frozen=True, slots=True)
class Untied:
    """How knots are untied.

    Args:
        first: what places gain before all ways.
        ways: the calls in order; those of different ways may run together.
        last: what places lose after all ways.
        spots: the places whose whole change is told here.
    """

    first: list[GrantPermission] = field(default_factory=list)
    ways: list[list[Change]] = field(default_factory=list)
    last: list[GrantPermission | RevokePermission] = field(default_factory=list)
    spots: set[Spot] = field(default_factory=set)


def untie(changing: Mapping[RoleName, Sequence[Spot]], observed: State, users: Iterable[Holder]) -> Untied:
    """Untie the knots of all roles.

    Args:
        changing: all places of the roles that change.
        observed: the other roles.
        users: who holds roles.
    """
    found = Untied()
    tied = [knot for places in changing.values() for knot in knots(places)]
    if tied:
        scene = Scene(changing, observed, users)
        table = _Table(scene, Room(tied, changing), found)
        for some in together(tied, scene):
            table.untie(some)
    return found


@dataclass(frozen=True, slots=True)
class _Table:
    """Where knots are untied, one set after another."""

    scene: Scene
    room: Room
    found: Untied

    def untie(self, tied: Sequence[Knot]) -> None:
        """Together if that is not too much, else each by itself after all of them have gained."""
        if self._go(drawn_in(tied, self.scene, self.room), ()) or self._go(tied, ()):
            return
        if len(tied) == 1:
            self.found.spots.update(tied[0])
            self.found.ways.append(_with_gaps(tied[0]))
        else:
            self._one_by_one(tied)

    def _one_by_one(self, tied: Sequence[Knot]) -> None:
        """One after the other, for each may rely on what the others allow in the end."""
        begun = len(self.found.ways)
        for knot in tied:
            self.found.spots.update(knot)
            gaining = (spot.grant(spot.before, spot.both) for spot in knot if spot.gains and spot.both is not None)
            self.found.first.extend(gaining)
            others = [spot for other in tied for spot in other if other != knot]
            if not self._go([knot], others):
                self.found.ways.append(_with_gaps(knot, gained=True))
        self.found.ways[begun:] = [[step for way in self.found.ways[begun:] for step in way]]

    def _go(self, tied: Sequence[Knot], restless: Sequence[Spot]) -> bool:
        """Note the shortest way of some knots, if there is one."""
        if sum(map(len, tied)) > LARGEST:
            return False
        what = puzzle(tied, restless, self.scene, self.room)
        way = search(what)
        if way is None:
            return False
        for knot in tied:
            self.room.tie(knot)
            self.found.spots.update(knot)
        way = fitted(way, what, self.room)
        for bridge in way.bridges:
            self.found.spots.add(bridge.spot)
            self.found.first.append(bridge.spot.grant(bridge.spot.before, bridge.access))
            self.found.last.append(bridge.spot.call(bridge.access, bridge.spot.after))
        self.found.ways.append([step.spot.call(step.before, step.after) for step in way.steps])
        return True


def _with_gaps(knot: Knot, *, gained: bool = False) -> list[Change]:
    """Revoke and grant at once, and say so."""
    changes: list[Change] = []
    for spot in knot:
        now = spot.both if gained else spot.before
        if now is not None and spot.after is not None and now != spot.after:
            changes.append(ReplacePermission(spot.role, Permission(spot.after, *spot.place), now))
        elif now != spot.after:
            changes.append(spot.call(now, spot.after))
    return sorted(changes, key=lambda change: isinstance(change, RevokePermission))
