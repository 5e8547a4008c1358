"""The places of a role, what each allows and is to allow, and on which keys that needs thought.

A place is what etcd tells permissions of a role apart by: key and range end, byte for byte. RoleGrantPermission
replaces the first stored permission whose key is not smaller, if its range end is equal too, and else appends;
RoleRevokePermission takes away every entry with these bytes (etcd ``server/auth/store.go``, every release up to 3.7.1).
So a call has an effect that nobody has to guess, in whatever order etcd stores its entries, only if it revokes, if it
grants a new place or a wider access type, or if it grants over the one entry of its key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringfence.changes.change import GrantPermission, RevokePermission
from ringfence.keyspace import Span
from ringfence.model.names import RoleName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role

Place = tuple[bytes, bytes]
"""Key and range end, byte for byte."""

Knot = tuple["Spot", ...]
"""All places of a role on one key, where they cannot be changed by gains first and losses last."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of a role.

    Args:
        role: whose it is.
        place: where.
        before, after: what it allows, and what it is to allow; None where there is no entry.
        several: whether etcd may store more than one entry here.
    """

    role: RoleName
    place: Place
    before: Access | None = None
    after: Access | None = None
    several: bool = False

    @property
    def key(self) -> bytes:
        """The first of its keys, which etcd looks for."""
        return self.place[0]

    @property
    def group(self) -> tuple[RoleName, bytes]:
        """Which places it shares its key with."""
        return self.role, self.key

    @property
    def span(self) -> Span:
        """The keys that it covers."""
        return Permission(Access.READ, *self.place).span

    @property
    def both(self) -> Access | None:
        """What it allows before or after."""
        return self.after if self.before is None else self.before if self.after is None else self.before | self.after

    @property
    def gains(self) -> bool:
        """Whether it is to allow something more."""
        return self.both != self.before

    @property
    def loses(self) -> bool:
        """Whether something is to go."""
        return self.both != self.after

    @property
    def narrows(self) -> bool:
        """Whether it is to allow less, but still something."""
        return self.loses and self.before is not None and self.after is not None

    def grant(self, before: Access | None, after: Access) -> GrantPermission:
        """The call that grants an access type over another one, or anew."""
        return GrantPermission(self.role, Permission(after, *self.place), before)

    def call(self, before: Access | None, after: Access | None) -> GrantPermission | RevokePermission:
        """The call that leads from one access type to another; nothing after it is a revocation."""
        if after is not None:
            return self.grant(before, after)
        return RevokePermission(self.role, Permission(before or Access.READ, *self.place))


def spots(wanted: Role, observed: Role) -> tuple[Spot, ...]:
    """Every place of a role; those that are wanted come first."""
    before, after = observed.access, wanted.access
    stored = Counter(entry.place for entry in observed.permissions)
    return tuple(
        Spot(wanted.name, place, before.get(place), after.get(place), stored[place] > 1)
        for place in dict.fromkeys((*after, *before))
    )


def knots(places: Iterable[Spot]) -> list[Knot]:
    """The keys of a role on which the order needs thought."""
    return [tuple(group) for _, group in sorted(by_key(places).items()) if _is_knot(group)]


def by_key(places: Iterable[Spot]) -> dict[bytes, list[Spot]]:
    """The places of a role on each of its keys."""
    groups: dict[bytes, list[Spot]] = {}
    for spot in places:
        groups.setdefault(spot.key, []).append(spot)
    return groups


def _is_knot(group: Sequence[Spot]) -> bool:
    """Whether a type is to lose something, and not simply by a grant when all else on the key is gone."""
    narrowed = [spot for spot in group if spot.narrows]
    if not narrowed:
        return False
    wanted = sum(spot.after is not None for spot in group)
    return any(wanted > 1 or spot.several or spot.gains for spot in narrowed)
