"""What must change, and in which order.

The order takes nothing away that both ends of the change allow: what is new is granted before anything is revoked,
and a narrower access type counts as a revocation. Roles and their permissions come before users, because current
etcd rebuilds the permissions of every user at each change of a role (etcd ``server/auth/range_perm_cache.go``), and
auth is switched on last.

What the spec does not name is not touched; ``unmanaged`` lists it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ringfence.changes.change import (
    AddRole,
    AddUser,
    Change,
    EnableAuth,
    GrantPermission,
    GrantRole,
    ReplacePermission,
    RevokePermission,
    RevokeRole,
)
from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State


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
    narrowed: list[Change] = field(default_factory=list)
    revoked: list[Change] = field(default_factory=list)
    switch: list[Change] = field(default_factory=list)

    def __iter__(self) -> Iterator[list[Change]]:
        yield self.roles
        yield self.widened
        yield self.granted
        yield self.users
        yield self.memberships
        yield self.left
        yield self.narrowed
        yield self.revoked
        yield self.switch


def diff(wanted: State, observed: State, protect: frozenset[UserName] = frozenset()) -> tuple[tuple[Change, ...], ...]:
    """The changes that lead from ``observed`` to ``wanted``.

    Args:
        wanted: every user and role that ringfence answers for; others are left alone.
        observed: what is there.
        protect: users that are never stripped of a role.

    Returns:
        Batches in the order in which they must run; the changes of one batch may run together. No batch is empty.
    """
    batches = _Batches()
    for role in wanted.roles.values():
        _diff_role(role, observed.roles.get(role.name), batches)
    for user in wanted.users.values():
        known = observed.users.get(user.name)
        if known is None:
            batches.users.append(AddUser(user.name, user.login))
        held = frozenset[RoleName]() if known is None else known.roles
        batches.memberships.extend(GrantRole(user.name, role) for role in sorted(user.roles - held))
        if user.name not in protect:
            batches.left.extend(RevokeRole(user.name, role) for role in sorted(held - user.roles))
    if wanted.auth_enabled and not observed.auth_enabled:
        batches.switch.append(EnableAuth())
    return tuple(tuple(batch) for batch in batches if batch)


def unmanaged(wanted: State, observed: State) -> Unmanaged:
    """The users and roles that are observed and not wanted, by name."""
    return Unmanaged(
        tuple(sorted(observed.users.keys() - wanted.users.keys())),
        tuple(sorted(observed.roles.keys() - wanted.roles.keys())),
    )


def _diff_role(wanted: Role, observed: Role | None, batches: _Batches) -> None:
    if observed is None:
        batches.roles.append(AddRole(wanted.name))
    if wanted.name == ROOT_ROLE:
        return  # it stores no permissions: etcd lets its holders do everything
    there: Mapping[tuple[bytes, bytes], Access] = {} if observed is None else observed.access
    for place, access in wanted.access.items():
        permission = Permission(access, *place)
        was = there.get(place)
        if was is None:
            batches.granted.append(GrantPermission(wanted.name, permission))
        elif was != access and was | access == access:
            # Where etcd does not find the entry it appends one: both together then allow what is wanted.
            batches.widened.append(GrantPermission(wanted.name, permission, was))
        elif was != access:
            batches.narrowed.append(_narrowed(wanted, observed, permission, was))
    batches.revoked.extend(
        RevokePermission(wanted.name, Permission(access, *place))
        for place, access in there.items()
        if place not in wanted.access
    )


def _narrowed(wanted: Role, observed: Role | None, permission: Permission, was: Access) -> Change:
    """A narrower type: granted over the old one only where etcd is sure to find it.

    RoleGrantPermission replaces the first stored permission whose key is not smaller, if its range end is equal too,
    and else appends, so that the wider entry stays (etcd ``server/auth/store.go``, every release up to 3.7.1).
    """
    stored = [] if observed is None else list(observed.permissions)
    at_key = {entry.place for entry in (*stored, *wanted.permissions) if entry.key == permission.key}
    once = sum(entry.place == permission.place for entry in stored) == 1
    if len(at_key) == 1 and once:
        return GrantPermission(wanted.name, permission, was)
    return ReplacePermission(wanted.name, permission, was)
