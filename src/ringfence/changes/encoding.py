"""Changes and states as JSON and back. Keys are bytes: plain text where it is text, else ``{"hex": "..."}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
from ringfence.changes.etcdctl import command
from ringfence.changes.scalars import text
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login, State

Json = Any
"""What json.loads yields: its shape is checked by whoever reads it, and a wrong one raises there."""


def encoded_change(change: Change) -> dict[str, Json]:
    """The change with its kind, its parts and its etcdctl command."""
    return {"kind": _KIND[type(change)], **_parts(change), "etcdctl": command(change)}


def decoded_change(data: Mapping[str, Json]) -> Change:
    """The change that ``encoded_change`` wrote.

    Raises:
        KeyError, ValueError, TypeError: it is no such thing.
    """
    role, user = RoleName(text(data.get("role", ""))), UserName(text(data.get("user", "")))
    match data["kind"]:
        case "add-role":
            return AddRole(role)
        case "grant-permission":
            return GrantPermission(role, _permission(data), Access(data["was"]) if "was" in data else None)
        case "replace-permission":
            return ReplacePermission(role, _permission(data), Access(data["was"]))
        case "add-user":
            return AddUser(user, Login(data["auth"]))
        case "grant-role":
            return GrantRole(user, role)
        case "revoke-role":
            return RevokeRole(user, role)
        case "revoke-permission":
            return RevokePermission(role, _permission(data))
        case "delete-user":
            return DeleteUser(user)
        case "delete-role":
            return DeleteRole(role, tuple(UserName(text(name)) for name in data["holders"]))
        case "enable-auth":
            return EnableAuth()
        case "disable-auth":
            return DisableAuth()
        case kind:
            raise ValueError(f"unknown kind of change {kind!r}")


def encoded_state(state: State) -> dict[str, Json]:
    """The state in a form that is equal where the state is."""
    return {
        "auth_enabled": state.auth_enabled,
        "users": {name: sorted(user.roles) for name, user in state.users.items()},
        "roles": {
            name: [[entry.access.value, entry.key.hex(), entry.range_end.hex()] for entry in role.permissions]
            for name, role in state.roles.items()
        },
    }


_KIND: Mapping[type[Change], str] = {
    AddRole: "add-role",
    GrantPermission: "grant-permission",
    ReplacePermission: "replace-permission",
    AddUser: "add-user",
    GrantRole: "grant-role",
    RevokeRole: "revoke-role",
    RevokePermission: "revoke-permission",
    DeleteUser: "delete-user",
    DeleteRole: "delete-role",
    EnableAuth: "enable-auth",
    DisableAuth: "disable-auth",
}


def _parts(change: Change) -> dict[str, Json]:
    match change:
        case AddRole(role):
            return {"role": role}
        case RevokePermission(role, permission):
            return {"role": role, **_encoded(permission)}
        case GrantPermission(role, permission, was) | ReplacePermission(role, permission, was):
            return {"role": role, **_encoded(permission), **({} if was is None else {"was": was.value})}
        case AddUser(user, login):
            return {"user": user, "auth": login.value}
        case GrantRole(user, role) | RevokeRole(user, role):
            return {"user": user, "role": role}
        case DeleteUser(user):
            return {"user": user}
        case DeleteRole(role, holders):
            return {"role": role, "holders": list(holders)}
        case EnableAuth() | DisableAuth():
            return {}


def _encoded(permission: Permission) -> dict[str, Json]:
    key, end = _key(permission.key), _key(permission.range_end)
    return {"access": permission.access.value, "key": key, "range_end": end}


def _permission(data: Mapping[str, Json]) -> Permission:
    return Permission(Access(data["access"]), _bytes(data["key"]), _bytes(data["range_end"]))


def _key(key: bytes) -> Json:
    return key.decode() if all(0x20 <= byte <= 0x7E for byte in key) else {"hex": key.hex()}


def _bytes(data: Json) -> bytes:
    return bytes.fromhex(data["hex"]) if isinstance(data, dict) else data.encode()
