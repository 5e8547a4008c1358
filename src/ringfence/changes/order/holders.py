"""Users as a change of roles sees them: which roles they hold at its two ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.state import State


@dataclass(frozen=True, slots=True)
class Holder:
    """Users that hold the same roles before, and the same after; in between they hold all of them."""

    before: frozenset[RoleName]
    after: frozenset[RoleName]

    @property
    def meanwhile(self) -> frozenset[RoleName]:
        """Memberships are given before a role loses anything, and taken when it has."""
        return self.before | self.after


def holders(
    wanted: State,
    observed: State,
    protect: frozenset[UserName],
    dropped_users: frozenset[UserName],
    dropped_roles: frozenset[RoleName],
) -> frozenset[Holder]:
    """Whoever may lose something that it is to keep: users that are there and stay, but for those that hold root."""
    return frozenset(_holders(wanted, observed, protect, dropped_users, dropped_roles))


def _holders(
    wanted: State,
    observed: State,
    protect: frozenset[UserName],
    dropped_users: frozenset[UserName],
    dropped_roles: frozenset[RoleName],
) -> Iterator[Holder]:
    for name, user in observed.users.items():
        if not user.roles or name in dropped_users:
            continue
        after = wanted.users.get(name, user).roles
        if name in protect:
            after |= user.roles
        holder = Holder(user.roles, after - dropped_roles)
        if ROOT_ROLE not in holder.meanwhile:
            yield holder
