"""What must change in the v2 store, and in which order.

Root comes first, what is new before what goes (``order`` has the exact promise), and auth is switched on last, when the
guest's role is there and has nothing in it. What the spec does not name is not touched unless its kind is to be pruned,
or it is a spare key of ours that was left. A role counts by its patterns as they are written; etcd's own role root is
what it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ringfence.changes.diff import Prune, Unmanaged
from ringfence.changes.v2.change import (
    AddRoleV2,
    AddUserV2,
    ChangeV2,
    DeleteRoleV2,
    DeleteUserV2,
    EnableAuthV2,
    GrantPatterns,
    GrantRolesV2,
    RevokePatterns,
    RevokeRolesV2,
)
from ringfence.changes.v2.order import in_order
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName, is_spare
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2


def diff_v2(
    wanted: StateV2,
    observed: StateV2,
    protect: frozenset[UserName] = frozenset(),
    prune: frozenset[Prune] = frozenset(),
) -> tuple[tuple[ChangeV2, ...], ...]:
    """The changes that lead from ``observed`` to ``wanted``.

    Args:
        wanted: every user and role that ringfence answers for; others are left alone.
        observed: what is there.
        protect: users that are never deleted and never stripped of a role.
        prune: kinds of things that are deleted where ``wanted`` does not have them.

    Returns:
        Batches in the order in which they must run; the changes of one batch may run together. No batch is empty.
    """
    protected = protect | {ROOT_USER}
    dropped = _dropped(wanted, observed, protected, prune)
    root = AddUserV2(ROOT_USER, (ROOT_ROLE,))
    changes = [
        *_roles(wanted, observed),
        *_users(wanted, observed, protected, dropped),
        *(DeleteUserV2(name) for name in dropped.users),
        *(DeleteRoleV2(name) for name in dropped.roles),
    ]
    batches = in_order(observed, [change for change in changes if change != root])
    first = ((root,),) if root in changes else ()
    last = ((EnableAuthV2(),),) if wanted.auth_enabled and not observed.auth_enabled else ()
    return (*first, *batches, *last)


def unmanaged_v2(wanted: StateV2, observed: StateV2) -> Unmanaged:
    """The users and roles that are observed and not wanted, by name; root and guest are etcd's own."""
    own = {ROOT_ROLE, GUEST_ROLE}
    return Unmanaged(
        tuple(sorted(observed.users.keys() - wanted.users.keys() - {ROOT_USER})),
        tuple(sorted(observed.roles.keys() - wanted.roles.keys() - own)),
    )


def left_alone_v2(batches: Iterable[Iterable[ChangeV2]], unmanaged: Unmanaged) -> Unmanaged:
    """What stays of the unmanaged users and roles when ``batches`` are carried out."""
    changes = {change for batch in batches for change in batch}
    return Unmanaged(
        tuple(user for user in unmanaged.users if DeleteUserV2(user) not in changes),
        tuple(role for role in unmanaged.roles if DeleteRoleV2(role) not in changes),
    )


def _dropped(wanted: StateV2, observed: StateV2, protected: frozenset[UserName], prune: frozenset[Prune]) -> Unmanaged:
    found = unmanaged_v2(wanted, observed)
    kept = {role for name in protected if name in observed.users for role in observed.users[name].roles}
    return Unmanaged(
        tuple(name for name in found.users if name not in protected and (Prune.USERS in prune or is_spare(name))),
        tuple(name for name in found.roles if name not in kept) if Prune.ROLES in prune else (),
    )


def _roles(wanted: StateV2, observed: StateV2) -> Iterator[ChangeV2]:
    for role in wanted.roles.values():
        there = observed.roles.get(role.name)
        if role.name == ROOT_ROLE:
            continue
        if there is None:
            yield AddRoleV2(role.name, _sorted(role.read), _sorted(role.write))
            continue
        more, fewer = _beyond(role, there), _beyond(there, role)
        if any(more):
            yield GrantPatterns(role.name, *more)
        if any(fewer):
            yield RevokePatterns(role.name, *fewer)


def _users(
    wanted: StateV2, observed: StateV2, protected: frozenset[UserName], dropped: Unmanaged
) -> Iterator[ChangeV2]:
    for user in wanted.users.values():
        there = observed.users.get(user.name)
        if there is None:
            yield AddUserV2(user.name, _named(user.roles))
            continue
        if more := user.roles - there.roles:
            yield GrantRolesV2(user.name, _named(more))
        if user.name not in protected and (fewer := there.roles - user.roles):
            yield RevokeRolesV2(user.name, _named(fewer))
    for there in observed.users.values():
        if there.name not in wanted.users and there.name not in dropped.users:
            gone = there.roles & frozenset(dropped.roles)
            if gone:
                yield RevokeRolesV2(there.name, _named(gone))


def _beyond(role: PatternRole, other: PatternRole) -> tuple[tuple[Pattern, ...], tuple[Pattern, ...]]:
    """What ``role`` has, to read and to write, and ``other`` has not."""
    return _sorted(role.read - other.read), _sorted(role.write - other.write)


def _sorted(patterns: Collection[Pattern]) -> tuple[Pattern, ...]:
    return tuple(sorted(patterns))


def _named(roles: Collection[RoleName]) -> tuple[RoleName, ...]:
    return tuple(sorted(roles))
