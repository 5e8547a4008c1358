"""What users must not lose while some places of their roles change: all that both ends allow and nothing else gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from ringfence.changes.order.cells import Cells
from ringfence.changes.order.holders import Holder
from ringfence.changes.order.spots import Spot
from ringfence.model.names import RoleName


@dataclass(frozen=True, slots=True)
class Need:
    """Cells that some of these roles must allow at every moment."""

    mask: int
    roles: frozenset[RoleName]


def needs(
    holders: Iterable[Holder],
    parts: Callable[[RoleName], Sequence[Spot]],
    searched: Collection[Spot],
    restless: Collection[Spot],
    cells: Cells,
) -> tuple[Need, ...]:
    """What the searched places must keep allowing.

    Args:
        holders: the users that hold their roles.
        parts: the places of each role.
        searched: the places that change in an order still to be found; all others gain before and lose after.
        restless: other places that change in between; they keep no more than what they allow in the end.
        cells: the keys of the searched places.
    """
    scene = _Scene(parts, searched, restless, cells)
    found = dict.fromkeys(need for holder in holders if (need := scene.need(holder)).mask)
    return tuple(sorted(found, key=lambda need: (need.mask, sorted(need.roles))))


class _Scene:
    def __init__(
        self,
        parts: Callable[[RoleName], Sequence[Spot]],
        searched: Collection[Spot],
        restless: Collection[Spot],
        cells: Cells,
    ) -> None:
        self._parts, self._searched, self._restless, self._cells = parts, searched, restless, cells
        self._known: dict[RoleName, tuple[int, int, int]] = {}

    def need(self, holder: Holder) -> Need:
        before = after = steady = 0
        for role in holder.meanwhile:
            masks = self._known.get(role)
            if masks is None:
                masks = self._known[role] = self._masks(role)
            before |= masks[0] if role in holder.before else 0
            after |= masks[1] if role in holder.after else 0
            steady |= masks[2]
        return Need(before & after & ~steady, holder.meanwhile)

    def _masks(self, role: RoleName) -> tuple[int, int, int]:
        """What the role allows before, after, and all the while without the searched places."""
        before = after = steady = 0
        for spot in self._parts(role):
            span = spot.span
            before |= self._cells.mask(spot.before, span)
            after |= self._cells.mask(spot.after, span)
            if spot not in self._searched:
                steady |= self._cells.mask(spot.after if spot in self._restless else spot.both, span)
        return before, after, steady
