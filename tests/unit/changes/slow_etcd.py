"""etcd's auth store as a small model in memory: the rules by which it stores users, roles and permissions.

Only for tests of the diff. It follows etcd ``server/auth/store.go`` and is itself held against a real server in
``tests/integration/test_auth_rules.py``.
"""

from __future__ import annotations

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
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Permission
from ringfence.model.state import Role, State, User


class SlowEtcd:
    """Users and roles, changed one call at a time."""

    def __init__(self, state: State) -> None:
        self._auth = state.auth_enabled
        self._users = {name: set(user.roles) for name, user in state.users.items()}
        self._roles = {name: list(role.permissions) for name, role in state.roles.items()}

    def state(self) -> State:
        """What is stored now."""
        users = [User(name, frozenset(roles)) for name, roles in self._users.items()]
        roles = [Role(name, tuple(entries)) for name, entries in self._roles.items()]
        return State.of(users, roles, auth_enabled=self._auth)

    def carry_out(self, change: Change) -> None:
        """One change, as one or two calls; what etcd would refuse fails here too."""
        match change:
            case AddRole(role):
                assert role not in self._roles
                self._roles[role] = []
            case GrantPermission(role, permission):
                self._grant(role, permission)
            case ReplacePermission(role, permission):
                self._revoke(role, permission)
                self._grant(role, permission)
            case RevokePermission(role, permission):
                self._revoke(role, permission)
            case AddUser(user):
                assert user not in self._users
                self._users[user] = set()
            case GrantRole(user, role):
                assert role not in self._users[user]
                self._users[user].add(role)
            case RevokeRole(user, role):
                self._users[UserName(user)].remove(role)
            case EnableAuth():
                self._auth = True

    def _grant(self, role: RoleName, permission: Permission) -> None:
        entries = self._roles[role]
        entries.sort(key=lambda entry: entry.key)
        at = next((i for i, entry in enumerate(entries) if entry.key >= permission.key), len(entries))
        if at < len(entries) and entries[at].place == permission.place:
            entries[at] = permission
        else:
            entries.append(permission)
            entries.sort(key=lambda entry: entry.key)

    def _revoke(self, role: RoleName, permission: Permission) -> None:
        left = [entry for entry in self._roles[role] if entry.place != permission.place]
        assert len(left) < len(self._roles[role])
        self._roles[role] = left
