"""etcd's auth store in memory, for tests of the diff: ``changes.effect``, and what etcd would refuse fails."""

from __future__ import annotations

from ringfence.changes.change import (
    AddRole,
    AddUser,
    Change,
    DeleteRole,
    DeleteUser,
    GrantRole,
    RevokePermission,
    RevokeRole,
)
from ringfence.changes.effect import after
from ringfence.model.names import ROOT_ROLE, ROOT_USER
from ringfence.model.state import State


class SlowEtcd:
    """Users and roles, changed one call at a time."""

    def __init__(self, state: State) -> None:
        self._state = state

    def state(self) -> State:
        """What is stored now."""
        return self._state

    def carry_out(self, change: Change) -> None:
        """One change, as one or two calls."""
        match change:
            case AddRole(role):
                assert role not in self._state.roles
            case RevokePermission(role, permission):
                assert permission.place in self._state.roles[role].access
            case AddUser(user):
                assert user not in self._state.users
            case GrantRole(user, role):
                assert role not in self._state.users[user].roles
            case RevokeRole(user, role):
                assert role in self._state.users[user].roles
            case DeleteUser(user):
                assert user in self._state.users
                assert user != ROOT_USER or not self._state.auth_enabled
            case DeleteRole(role):
                assert role in self._state.roles
                assert role != ROOT_ROLE or not self._state.auth_enabled
        self._state = after(self._state, [change])
