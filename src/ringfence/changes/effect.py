"""What a change makes of a state, by the rules by which etcd stores users, roles and permissions.

It tells what must be there after some changes, so that anything else is somebody else's work. Source: etcd
``server/auth/store.go``; ``tests/integration/ops/test_effect.py`` holds it against a real server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from ringfence.changes.change import (
    AddRole,
    AddUser,
    Change,
    DeleteRole,
    DeleteUser,
    DisableAuth,
    EnableAuth,
    GrantPermission,
    GrantRole,
    ReplacePermission,
    RevokePermission,
    RevokeRole,
)
from ringfence.errors import Problem
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Permission
from ringfence.model.state import Role, State, User

N = TypeVar("N", RoleName, UserName)


def after(state: State, changes: Iterable[Change]) -> State:
    """The state after ``changes``, in their order.

    Raises:
        KeyError: a change is about a user or role that is not there.
    """
    for change in changes:
        state = _changed(state, change)
    return state


def differences(expected: State, found: State) -> tuple[Problem, ...]:
    """What is otherwise than expected, a problem for each user and role."""
    problems = [*_otherwise("role", expected.roles, found.roles), *_otherwise("user", expected.users, found.users)]
    if expected.auth_enabled != found.auth_enabled:
        problems.append(Problem(f"auth is {'on' if found.auth_enabled else 'off'}"))
    return tuple(problems)


def granted(permissions: Iterable[Permission], permission: Permission) -> tuple[Permission, ...]:
    """RoleGrantPermission: the first entry whose key is not smaller is replaced if it fits, else appended."""
    entries = sorted(permissions, key=lambda entry: entry.key)
    at = next((i for i, entry in enumerate(entries) if entry.key >= permission.key), len(entries))
    if at < len(entries) and entries[at].place == permission.place:
        entries[at] = permission
    else:
        entries.append(permission)
    return tuple(sorted(entries, key=lambda entry: entry.key))


def revoked(permissions: Iterable[Permission], permission: Permission) -> tuple[Permission, ...]:
    """RoleRevokePermission: every entry with these very bytes goes, whatever its type."""
    return tuple(entry for entry in permissions if entry.place != permission.place)


def _changed(state: State, change: Change) -> State:
    match change:
        case AddRole(role):
            return replace(state, roles={**state.roles, role: Role(role)})
        case GrantPermission(role, permission):
            return _with(state, role, granted(state.roles[role].permissions, permission))
        case ReplacePermission(role, permission):
            left = revoked(state.roles[role].permissions, permission)
            return _with(state, role, granted(left, permission))
        case RevokePermission(role, permission):
            return _with(state, role, revoked(state.roles[role].permissions, permission))
        case AddUser(user, login):
            return replace(state, users={**state.users, user: User(user, login=login)})
        case GrantRole(user, role):
            return _holding(state, replace(state.users[user], roles=state.users[user].roles | {role}))
        case RevokeRole(user, role):
            return _holding(state, replace(state.users[user], roles=state.users[user].roles - {role}))
        case DeleteUser(user):
            return replace(state, users={name: there for name, there in state.users.items() if name != user})
        case DeleteRole(role):
            return _without(state, role)
        case EnableAuth() | DisableAuth():
            return replace(state, auth_enabled=change == EnableAuth())


def _with(state: State, role: RoleName, permissions: tuple[Permission, ...]) -> State:
    return replace(state, roles={**state.roles, role: Role(role, permissions)})


def _without(state: State, role: RoleName) -> State:
    """RoleDelete takes the role from all of its holders."""
    return State(
        state.auth_enabled,
        {name: replace(user, roles=user.roles - {role}) for name, user in state.users.items()},
        {name: there for name, there in state.roles.items() if name != role},
    )


def _holding(state: State, user: User) -> State:
    return replace(state, users={**state.users, user.name: user})


def _otherwise(kind: str, expected: Mapping[N, Role | User], found: Mapping[N, Role | User]) -> Iterator[Problem]:
    for name in sorted(expected.keys() | found.keys(), key=str):
        here, there = expected.get(name), found.get(name)
        if _meaning(here) != _meaning(there):
            yield Problem(f"{kind} {name} {_how(there, here)}")


def _meaning(part: Role | User | None) -> object:
    return part.access if isinstance(part, Role) else part


def _how(found: Role | User | None, expected: Role | User | None) -> str:
    if found is None:
        return "is gone"
    return "was added by somebody else" if expected is None else "was changed by somebody else"
