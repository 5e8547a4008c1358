"""What must change, and in which order.

The order takes nothing away that both ends of the change allow: what is new is granted before anything is revoked,
and a narrower access type counts as a revocation. Roles and their permissions come before users, because current
etcd rebuilds the permissions of every user at each change of a role (etcd ``server/auth/range_perm_cache.go``), and
auth is switched on last. A role that allows the same keys in other words is left as it is.

What the spec does not name is not touched, and ``unmanaged`` lists it, unless its kind is to be pruned.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from ringfence.changes.change import (
    AddRole,
    AddUser,
    Change,
    DeleteRole,
    DeleteUser,
    EnableAuth,
    GrantPermission,
    GrantRole,
    ReplacePermission,
    RevokePermission,
    RevokeRole,
)
from ringfence.changes.removal import delete_role, roles_of
from ringfence.changes.retype import LARGEST, Grant, Place, Step, way
from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Reach, Role, State


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
    left: list[Change] = field(default_factory=list)
    ways: list[list[Change]] = field(default_factory=list)
    narrowed: list[Change] = field(default_factory=list)
    revoked: list[Change] = field(default_factory=list)
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
        yield self.narrowed
        yield self.revoked
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
    searched = {
        role.name: _searched_keys(role, observed.roles[role.name])
        for role in wanted.roles.values()
        if role.name in observed.roles
    }
    # A single role gains and loses on its way as it likes. What one loses another may be about to give, so several of
    # them first gain, all of it, and then lose.
    apart = sum(map(bool, searched.values())) > 1
    for role in wanted.roles.values():
        _diff_role(role, observed.roles.get(role.name), searched.get(role.name, frozenset()), apart, batches)
    for user in wanted.users.values():
        known = observed.users.get(user.name)
        if known is None:
            batches.users.append(AddUser(user.name, user.login))
        held = frozenset[RoleName]() if known is None else known.roles
        batches.memberships.extend(GrantRole(user.name, role) for role in sorted(user.roles - held))
        if user.name not in protect:
            batches.left.extend(RevokeRole(user.name, role) for role in sorted(held - user.roles - dropped))
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
) -> frozenset[RoleName]:
    """Note the deletions; the roles among them, which etcd takes from their holders by itself."""
    users = frozenset(found.users) - protect if Prune.USERS in prune else frozenset[UserName]()
    batches.dropped_users.extend(DeleteUser(name) for name in sorted(users))
    kept = roles_of(protect, observed)
    roles = frozenset(found.roles) - kept if Prune.ROLES in prune else frozenset[RoleName]()
    batches.dropped_roles.extend(delete_role(name, observed, users) for name in sorted(roles))
    return roles


def _diff_role(wanted: Role, observed: Role | None, searched: frozenset[bytes], apart: bool, batches: _Batches) -> None:
    if observed is None:
        batches.roles.append(AddRole(wanted.name))
        observed = Role(wanted.name)
    if wanted.name == ROOT_ROLE:
        return  # it stores no permissions: etcd lets its holders do everything
    if observed.reach == wanted.reach:
        return
    if searched and apart:
        observed = _gained(wanted, observed, searched, batches)
    if searched:
        batches.ways.append(_way(wanted, observed, searched))
    there = observed.access
    for place, access in wanted.access.items():
        permission = Permission(access, *place)
        was = there.get(place)
        if permission.key in searched or was == access:
            continue
        if was is None:
            batches.granted.append(GrantPermission(wanted.name, permission))
        elif was | access == access:
            # Where etcd does not find the entry it appends one: both together then allow what is wanted.
            batches.widened.append(GrantPermission(wanted.name, permission, was))
        else:
            batches.narrowed.append(GrantPermission(wanted.name, permission, was))
    batches.revoked.extend(
        RevokePermission(wanted.name, Permission(access, *place))
        for place, access in there.items()
        if place not in wanted.access and place[0] not in searched
    )


def _gained(wanted: Role, observed: Role, keys: frozenset[bytes], batches: _Batches) -> Role:
    """Note the grants of all that the role is to gain on these keys, and return what it then stores at the most."""
    there, added = observed.access, []
    for place, access in wanted.access.items():
        was = there.get(place)
        if place[0] not in keys or was == access or (was is not None and access | was == was):
            continue
        permission = Permission(access if was is None else access | was, *place)
        (batches.granted if was is None else batches.widened).append(GrantPermission(wanted.name, permission, was))
        added.append(permission)
    return Role(wanted.name, (*observed.permissions, *added))


def _searched_keys(wanted: Role, observed: Role) -> frozenset[bytes]:
    """The keys whose way is searched; see ``retype``.

    On one of them etcd may append instead of replacing, or a type is to gain one thing and lose another.

    In a small role these are all that change, for the shortest way may lead through another key.
    """
    if wanted.name == ROOT_ROLE or observed.reach == wanted.reach:
        return frozenset()
    there = observed.access
    changed = {place for place in there.keys() | wanted.access.keys() if there.get(place) != wanted.access.get(place)}
    narrowed = {
        place for place in changed & there.keys() & wanted.access.keys() if _narrows(there, wanted.access, place)
    }
    doubtful = frozenset(
        place[0]
        for place in narrowed
        if len({other for other in (*there, *wanted.access) if other[0] == place[0]}) > 1
        or sum(entry.place == place for entry in observed.permissions) > 1
        or there[place] | wanted.access[place] != there[place]
    )
    everything = frozenset(place[0] for place in changed)
    small = sum(place[0] in everything for place in there.keys() | wanted.access.keys()) <= LARGEST
    return everything if doubtful and small else doubtful


def _narrows(there: Mapping[Place, Access], wanted: Mapping[Place, Access], place: Place) -> bool:
    return there[place] | wanted[place] != wanted[place]


def _way(wanted: Role, observed: Role, keys: frozenset[bytes]) -> list[Change]:
    """The steps for these keys; the rest of the role is granted before and revoked after."""
    stored = _by_place(entry for entry in observed.permissions if entry.key in keys)
    goal = {place: access for place, access in wanted.access.items() if place[0] in keys}
    outside = Reach.of(entry for entry in (*observed.permissions, *wanted.permissions) if entry.key not in keys)
    steps = way(stored, goal, outside, observed.reach, wanted.reach)
    return _with_gaps(wanted, stored, goal) if steps is None else _as_changes(wanted.name, steps)


def _by_place(entries: Iterable[Permission]) -> dict[Place, tuple[Access, ...]]:
    types: dict[Place, tuple[Access, ...]] = {}
    for entry in entries:
        types[entry.place] = (*types.get(entry.place, ()), entry.access)
    return types


def _as_changes(role: RoleName, steps: Iterable[Step]) -> list[Change]:
    return [
        GrantPermission(role, step.permission, step.was)
        if isinstance(step, Grant)
        else RevokePermission(role, step.permission)
        for step in steps
    ]


def _with_gaps(wanted: Role, stored: Mapping[Place, tuple[Access, ...]], goal: Mapping[Place, Access]) -> list[Change]:
    """Where no other way was found: revoke and grant at once, and say so."""
    changes: list[Change] = []
    there = Role(wanted.name, tuple(Permission(access, *place) for place in stored for access in stored[place])).access
    for place, access in goal.items():
        permission = Permission(access, *place)
        if place not in stored:
            changes.append(GrantPermission(wanted.name, permission))
        elif stored[place] != (access,):
            changes.append(ReplacePermission(wanted.name, permission, there[place]))
    changes += [
        RevokePermission(wanted.name, Permission(access, *place))
        for place, access in there.items()
        if place not in goal
    ]
    return changes
