"""The single changes that etcd knows, as values."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login


@dataclass(frozen=True, slots=True)
class AddRole:
    """RoleAdd: a role without permissions."""

    role: RoleName


@dataclass(frozen=True, slots=True)
class GrantPermission:
    """RoleGrantPermission: a new permission, or with ``was`` another access type for one that is there."""

    role: RoleName
    permission: Permission
    was: Access | None = None


@dataclass(frozen=True, slots=True)
class ReplacePermission:
    """RoleRevokePermission and at once RoleGrantPermission: the way to another access type where etcd would append.

    Between the two calls the role allows nothing at this place: a gap of one commit that plans have to mention.
    """

    role: RoleName
    permission: Permission
    was: Access


@dataclass(frozen=True, slots=True)
class AddUser:
    """UserAdd: by certificate or kept as found, without a password; by password, with one that is thrown away."""

    user: UserName
    login: Login


@dataclass(frozen=True, slots=True)
class GrantRole:
    """UserGrantRole."""

    user: UserName
    role: RoleName


@dataclass(frozen=True, slots=True)
class RevokeRole:
    """UserRevokeRole."""

    user: UserName
    role: RoleName


@dataclass(frozen=True, slots=True)
class RevokePermission:
    """RoleRevokePermission: by the exact bytes of key and range end, whatever the access type."""

    role: RoleName
    permission: Permission


@dataclass(frozen=True, slots=True)
class EnableAuth:
    """AuthEnable: from here on etcd asks who is there."""


@dataclass(frozen=True, slots=True)
class DeleteUser:
    """UserDelete: the user and its memberships; watches that it has open go on."""

    user: UserName


@dataclass(frozen=True, slots=True)
class DeleteRole:
    """RoleDelete: the role with its permissions, taken from everybody.

    ``holders`` are the users that stay and lose it, so that whoever reviews the plan sees them.
    """

    role: RoleName
    holders: tuple[UserName, ...] = ()


@dataclass(frozen=True, slots=True)
class DisableAuth:
    """AuthDisable: from here on etcd lets every client do everything."""


Change = (
    AddRole
    | GrantPermission
    | ReplacePermission
    | AddUser
    | GrantRole
    | RevokeRole
    | RevokePermission
    | DeleteUser
    | DeleteRole
    | EnableAuth
    | DisableAuth
)
"""One step of a plan."""
