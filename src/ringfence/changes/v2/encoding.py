"""Changes and states of the v2 store as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringfence.changes.scalars import text
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
from ringfence.changes.v2.etcdctl import commands_v2
from ringfence.model.names import RoleName, UserName
from ringfence.model.v2 import Pattern, StateV2

Json = Any
"""What json.loads yields: its shape is checked by whoever reads it, and a wrong one raises there."""

_OF_PATTERNS: Mapping[str, type[AddRoleV2 | GrantPatterns | RevokePatterns]] = {
    "add-role": AddRoleV2,
    "grant-patterns": GrantPatterns,
    "revoke-patterns": RevokePatterns,
}
_OF_ROLES: Mapping[str, type[AddUserV2 | GrantRolesV2 | RevokeRolesV2]] = {
    "add-user": AddUserV2,
    "grant-roles": GrantRolesV2,
    "revoke-roles": RevokeRolesV2,
}
_SWITCH: Mapping[str, type[EnableAuthV2 | DisableAuthV2]] = {
    "enable-auth": EnableAuthV2,
    "disable-auth": DisableAuthV2,
}
_KIND: Mapping[type[ChangeV2], str] = {
    **{kind: name for kinds in (_OF_PATTERNS, _OF_ROLES, _SWITCH) for name, kind in kinds.items()},
    DeleteUserV2: "delete-user",
    DeleteRoleV2: "delete-role",
}


def encoded_change_v2(change: ChangeV2) -> dict[str, Json]:
    """The change with its kind, its parts and its etcdctl commands; ``"api": "v2"`` tells it from those of v3."""
    return {"api": "v2", "kind": _KIND[type(change)], **_parts(change), "etcdctl": " && ".join(commands_v2(change))}


def decoded_change_v2(data: Mapping[str, Json]) -> ChangeV2:
    """The change that ``encoded_change_v2`` wrote.

    Raises:
        KeyError, ValueError, TypeError: it is no such thing.
    """
    kind = data["kind"]
    if kind in _OF_PATTERNS:
        return _OF_PATTERNS[kind](RoleName(text(data["role"])), _patterns(data["read"]), _patterns(data["write"]))
    if kind in _OF_ROLES:
        return _OF_ROLES[kind](UserName(text(data["user"])), tuple(RoleName(text(role)) for role in data["roles"]))
    if kind == "delete-user":
        return DeleteUserV2(UserName(text(data["user"])))
    if kind == "delete-role":
        return DeleteRoleV2(RoleName(text(data["role"])))
    if kind in _SWITCH:
        return _SWITCH[kind]()
    raise ValueError(f"unknown kind of change {kind!r}")


def encoded_state_v2(state: StateV2) -> dict[str, Json]:
    """The state in a form that is equal where the state is."""
    return {
        "auth_enabled": state.auth_enabled,
        "users": {name: sorted(user.roles) for name, user in state.users.items()},
        "roles": {
            name: [sorted(each.text for each in patterns) for patterns in (role.read, role.write)]
            for name, role in state.roles.items()
        },
    }


def _parts(change: ChangeV2) -> dict[str, Json]:
    match change:
        case AddRoleV2(role, read, write) | GrantPatterns(role, read, write) | RevokePatterns(role, read, write):
            return {"role": role, "read": [each.text for each in read], "write": [each.text for each in write]}
        case AddUserV2(user, roles) | GrantRolesV2(user, roles) | RevokeRolesV2(user, roles):
            return {"user": user, "roles": list(roles)}
        case DeleteUserV2(user):
            return {"user": user}
        case DeleteRoleV2(role):
            return {"role": role}
        case EnableAuthV2() | DisableAuthV2():
            return {}


def _patterns(data: Json) -> tuple[Pattern, ...]:
    return tuple(Pattern(text(each)) for each in data)
