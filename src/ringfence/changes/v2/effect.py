"""What a change makes of a state, by the rules by which etcd stores users and roles of v2.

Source: etcd ``server/etcdserver/api/v2auth/auth.go`` merge, Grant, Revoke, DeleteRole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ringfence.changes.v2.change import (
    AddRoleV2,
    AddUserV2,
    ChangeV2,
    DeleteRoleV2,
    DeleteUserV2,
    DisableAuthV2,
    EnableAuthV2,
    GrantPatterns,
    GrantRolesV2,
    RevokePatterns,
    RevokeRolesV2,
)
from ringfence.errors import Problem
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2

N = TypeVar("N", RoleName, UserName)

_OPEN = PatternRole(GUEST_ROLE, frozenset({Pattern("/*")}), frozenset({Pattern("/*")}))
"""The guest that etcd makes where there is none."""


@dataclass(slots=True)
class Working:
    """A state that is changed in place, for whoever tries out many changes."""

    auth_enabled: bool
    users: dict[UserName, User]
    roles: dict[RoleName, PatternRole]

    @classmethod
    def of(cls, state: StateV2) -> Working:
        """A copy of ``state``."""
        return cls(state.auth_enabled, dict(state.users), dict(state.roles))

    @property
    def state(self) -> StateV2:
        """What it is now."""
        return StateV2(self.auth_enabled, dict(self.users), dict(self.roles))

    def make(self, change: ChangeV2) -> None:
        """Change it.

        Raises:
            KeyError: the change is about a user or role that is not there.
        """
        match change:
            case AddRoleV2(role, read, write):
                self.roles[role] = PatternRole(role, frozenset(read), frozenset(write))
            case GrantPatterns(role, read, write):
                there = self.roles[role]
                self.roles[role] = replace(there, read=there.read | {*read}, write=there.write | {*write})
            case RevokePatterns(role, read, write):
                there = self.roles[role]
                self.roles[role] = replace(there, read=there.read - {*read}, write=there.write - {*write})
            case AddUserV2(user, roles):
                held = frozenset(roles) | ({ROOT_ROLE} if user == ROOT_USER else frozenset())
                self.users[user] = User(user, held)
            case GrantRolesV2(user, roles):
                self.users[user] = replace(self.users[user], roles=self.users[user].roles | {*roles})
            case RevokeRolesV2(user, roles):
                self.users[user] = replace(self.users[user], roles=self.users[user].roles - {*roles})
            case DeleteUserV2(user):
                del self.users[user]
            case DeleteRoleV2(role):
                del self.roles[role]
            case EnableAuthV2():
                self.auth_enabled = True
                self.roles.setdefault(GUEST_ROLE, _OPEN)
            case DisableAuthV2():
                self.auth_enabled = False


def after_v2(state: StateV2, changes: Iterable[ChangeV2]) -> StateV2:
    """The state after ``changes``, in their order.

    Raises:
        KeyError: a change is about a user or role that is not there.
    """
    working = Working.of(state)
    for change in changes:
        working.make(change)
    return working.state


def differences_v2(expected: StateV2, found: StateV2) -> tuple[Problem, ...]:
    """What is otherwise than expected, a problem for each user and role."""
    problems = [
        *_otherwise("v2 role", expected.roles, found.roles),
        *_otherwise("v2 user", expected.users, found.users),
    ]
    if expected.auth_enabled != found.auth_enabled:
        problems.append(Problem(f"v2 auth is {'on' if found.auth_enabled else 'off'}"))
    return tuple(problems)


def _otherwise(
    kind: str, expected: Mapping[N, PatternRole | User], found: Mapping[N, PatternRole | User]
) -> Iterator[Problem]:
    for name in sorted(expected.keys() | found.keys(), key=str):
        here, there = expected.get(name), found.get(name)
        if here != there:
            how = "is gone" if there is None else "was added" if here is None else "was changed"
            yield Problem(f"{kind} {name} {how}" + ("" if there is None else " by somebody else"))
