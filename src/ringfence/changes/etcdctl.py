"""Each change as the etcdctl command that an operator would type. No secret ever stands in one."""

from __future__ import annotations

import shlex

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
from ringfence.keyspace import prefix_end
from ringfence.model.permission import OPEN_END, Permission
from ringfence.model.state import Login


def command(change: Change) -> str:
    """The command, ready for a shell; two joined by ``&&`` where one change takes two calls."""
    match change:
        case AddRole(role):
            return _line("role add", role)
        case GrantPermission(role, permission):
            return _grant(role, permission)
        case ReplacePermission(role, permission):
            return f"{_revoke(role, permission)} && {_grant(role, permission)}"
        case RevokePermission(role, permission):
            return _revoke(role, permission)
        case AddUser(user, Login.PASSWORD):
            return _line("user add", user)  # it asks for the password on the terminal
        case AddUser(user):
            return _line("user add", user, "--no-password")
        case GrantRole(user, role):
            return _line("user grant-role", user, role)
        case RevokeRole(user, role):
            return _line("user revoke-role", user, role)
        case DeleteUser(user):
            return _line("user delete", user)
        case DeleteRole(role):
            return _line("role delete", role)
        case EnableAuth() | DisableAuth():
            return f"etcdctl auth {'enable' if change == EnableAuth() else 'disable'}"


def _grant(role: str, permission: Permission) -> str:
    return _line("role grant-permission", role, permission.access.value) + _reach(permission)


def _revoke(role: str, permission: Permission) -> str:
    return _line("role revoke-permission", role) + _reach(permission)


def _line(verb: str, *words: str) -> str:
    return " ".join(["etcdctl", verb, *(_quoted(word.encode()) for word in words)])


def _reach(permission: Permission) -> str:
    key, end = permission.place
    if not end:
        return f" {_quoted(key)}"
    if end == OPEN_END:
        # etcdctl turns an empty key into the first one since 3.3 (etcdctl/ctlv3/command/role_command.go).
        return f" --from-key {_quoted(b'' if key == OPEN_END else key)}"
    if prefix_end(key) == end:
        return f" --prefix {_quoted(key)}"
    return f" {_quoted(key)} {_quoted(end)}"


def _quoted(word: bytes) -> str:
    """A shell word. A NUL byte is shown as ``\\x00`` although no command line can carry it: then use ``apply``."""
    if all(0x20 <= byte <= 0x7E for byte in word):
        return shlex.quote(word.decode())
    return "$'" + "".join(_shell_escaped(byte) for byte in word) + "'"


def _shell_escaped(byte: int) -> str:
    return chr(byte) if 0x20 <= byte <= 0x7E and byte not in b"'\\" else f"\\x{byte:02x}"
