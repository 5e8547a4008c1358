"""What must change, and in which order.

The order takes nothing away that both ends of the change allow: what is new is granted before anything is revoked,
and a narrower access type counts as a revocation. Roles and their permissions come before users, because current
etcd rebuilds the permissions of every user at each change of a role (etcd ``server/auth/range_perm_cache.go``), and
auth is switched on last. A role that allows the same keys in other words is left as it is.

What the spec does not name is not touched, and ``unmanaged`` lists it, unless its kind is to be pruned, or it is a
spare key of ours that was left behind by an apply that was cut off.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from ringfence.changes.change import (
    AddRole,
    AddUser,
    Change,
    DeleteRole,
    DeleteUser,
    EnableAuth,
    GrantRole,
    RevokePermission,
    RevokeRole,
)
from ringfence.changes.order.holders import holders
from ringfence.changes.order.retype import Untied, untie
from ringfence.changes.order.spots import Spot, spots
from ringfence.changes.removal import delete_role, roles_of
from ringfence.model.names import ROOT_ROLE, RoleName, UserName, is_spare
from ringfence.model.state import Role, State


class Prune(enum.Enum):
    """A kind of unmanaged things that is deleted instead of left alone."""

    USERS = "users"
    ROLES = "roles"


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """Users and roles that are there and that the spec does not name."""

    users: tuple[UserName, ...] = ()
    roles: tuple[RoleName, ...] = ()


@dataclass(slots=True)
class _Batches:
    """The changes by kind; one kind may run together, and the fields stand in the order in which they must run."""

    roles: list[Change] = field(default_factory=list)
    widened: list[Change] = field(default_factory=list)
    granted: list[Change] = field(default_factory=list)
    users: list[Change] = field(default_factory=list)
    memberships: list[Change] = field(default_factory=list)
    ways: list[list[Change]] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)
    revoked: list[Change] = field(default_factory=list)
    narrowed: list[Change] = field(default_factory=list)
    dropped_users: list[Change] = field(default_factory=list)
    dropped_roles: list[Change] = field(default_factory=list)
    switch: list[Change] = field(default_factory=list)

    def __iter__(self) -> Iterator[list[Change]]:
        yield self.roles
        yield self.widened
        yield self.granted
        yield self.users
        yield self.memberships
        for steps in zip_longest(*self.ways):
            yield [step for step in steps if step is not None]
        yield self.left
        yield self.revoked
        yield self.narrowed
        yield self.dropped_users
        yield self.dropped_roles
        yield self.switch


def diff(
    wanted: State,
    observed: State,
    protect: frozenset[UserName] = frozenset(),
    prune: frozenset[Prune] = frozenset(),
) -> tuple[tuple[Change, ...], ...]:
    """The changes that lead from ``observed`` to ``wanted``.

    Args:
        wanted: every user and role that ringfence answers for; others are left alone.
        observed: what is there.
        protect: users that are never deleted and never stripped of a role.
        prune: kinds of things that are deleted where ``wanted`` does not have them.

    Returns:
        Batches in the order in which they must run; the changes of one batch may run together. No batch is empty.
    """
    batches = _Batches()
    dropped = _drop(unmanaged(wanted, observed), observed, protect, prune, batches)
    gone = frozenset(dropped.roles)
    batches.roles.extend(AddRole(name) for name in wanted.roles if name not in observed.roles)
    changing = {
        role.name: spots(role, observed.roles.get(role.name, Role(role.name))) for role in _changing(wanted, observed)
    }
    stay = holders(wanted, observed, protect, frozenset(dropped.users), gone)
    _change_roles(changing, untie(changing, observed, stay), batches)
    for user in wanted.users.values():
        known = observed.users.get(user.name)
        if known is None:
            batches.users.append(AddUser(user.name, user.login))
        held = frozenset[RoleName]() if known is None else known.roles
        batches.memberships.extend(GrantRole(user.name, role) for role in sorted(user.roles - held))
        if user.name not in protect:
            batches.left.extend(
                RevokeRole(user.name, role) for role in sorted(held - user.roles - frozenset(dropped.roles))
            )
    if wanted.auth_enabled and not observed.auth_enabled:
        batches.switch.append(EnableAuth())
    return tuple(tuple(batch) for batch in batches if batch)


def left_alone(batches: Iterable[Iterable[Change]], unmanaged: Unmanaged) -> Unmanaged:
    """What stays of the unmanaged users and roles when ``batches`` are carried out."""
    changes = {change for batch in batches for change in batch}
    roles = {change.role for change in changes if isinstance(change, DeleteRole)}
    return Unmanaged(
        tuple(user for user in unmanaged.users if DeleteUser(user) not in changes),
        tuple(role for role in unmanaged.roles if role not in roles),
    )


def unmanaged(wanted: State, observed: State) -> Unmanaged:
    """The users and roles that are observed and not wanted, by name."""
    return Unmanaged(
        tuple(sorted(observed.users.keys() - wanted.users.keys())),
        tuple(sorted(observed.roles.keys() - wanted.roles.keys())),
    )


def _drop(
    found: Unmanaged, observed: State, protect: frozenset[UserName], prune: frozenset[Prune], batches: _Batches
) -> Unmanaged:
    """Note the deletions and return them; etcd takes a role from its holders by itself."""
    users = frozenset(name for name in found.users if Prune.USERS in prune or is_spare(name)) - protect
    batches.dropped_users.extend(DeleteUser(name) for name in sorted(users))
    kept = roles_of(protect, observed)
    roles = frozenset(found.roles) - kept if Prune.ROLES in prune else frozenset[RoleName]()
    batches.dropped_roles.extend(delete_role(name, observed, users) for name in sorted(roles))
    return Unmanaged(tuple(users), tuple(roles))


def _changing(wanted: State, observed: State) -> Iterator[Role]:
    """The roles that are to allow other keys than they do; root stores none, and lets its holders do everything."""
    for role in wanted.roles.values():
        there = observed.roles.get(role.name)
        if role.name != ROOT_ROLE and (there is None or there.reach != role.reach):
            yield role


def _change_roles(changing: Mapping[RoleName, Sequence[Spot]], untied: Untied, batches: _Batches) -> None:
    """First all gains, then what was searched, then all losses: what goes before what must be alone on its key."""
    simple = [spot for places in changing.values() for spot in places if spot not in untied.spots]
    gains = (spot.grant(spot.before, spot.both) for spot in simple if spot.gains and spot.both is not None)
    for gain in (*gains, *untied.first):
        (batches.granted if gain.was is None else batches.widened).append(gain)
    batches.ways.extend(untied.ways)
    losses = (spot.call(spot.both, spot.after) for spot in simple if spot.loses)
    for loss in (*losses, *untied.last):
        (batches.revoked if isinstance(loss, RevokePermission) else batches.narrowed).append(loss)
