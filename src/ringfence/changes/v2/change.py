"""The single changes that the v2 API knows, as values.

etcd reads a role or a user, changes it and writes it back without looking whether somebody else did so meanwhile (etcd
``server/etcdserver/api/v2auth/auth.go`` UpdateUser, UpdateRole). So each change of one role or user is one value with
everything in it, and two of the same role or user never run at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.names import RoleName, UserName
from ringfence.model.v2 import Pattern


@dataclass(frozen=True, slots=True)
class AddRoleV2:
    """A role with its patterns."""

    role: RoleName
    read: tuple[Pattern, ...] = ()
    write: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantPatterns:
    """More patterns for a role."""

    role: RoleName
    read: tuple[Pattern, ...] = ()
    write: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class RevokePatterns:
    """Fewer patterns for a role; etcd ignores one that the role does not have."""

    role: RoleName
    read: tuple[Pattern, ...] = ()
    write: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class AddUserV2:
    """A user with its roles, and with a password that is thrown away: v2 has no user without one."""

    user: UserName
    roles: tuple[RoleName, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantRolesV2:
    """More roles for a user."""

    user: UserName
    roles: tuple[RoleName, ...]


@dataclass(frozen=True, slots=True)
class RevokeRolesV2:
    """Fewer roles for a user."""

    user: UserName
    roles: tuple[RoleName, ...]


@dataclass(frozen=True, slots=True)
class DeleteUserV2:
    """The user goes; whoever logs in under its name is the guest from then on."""

    user: UserName


@dataclass(frozen=True, slots=True)
class DeleteRoleV2:
    """The role goes. etcd does not take it from users: it would come back to life for them with a role of this name."""

    role: RoleName


@dataclass(frozen=True, slots=True)
class EnableAuthV2:
    """v2 auth on. A guest with access to everything is made with it, unless there is a role guest."""


@dataclass(frozen=True, slots=True)
class DisableAuthV2:
    """v2 auth off: every client may do everything in the v2 store."""


ChangeV2 = (
    AddRoleV2
    | GrantPatterns
    | RevokePatterns
    | AddUserV2
    | GrantRolesV2
    | RevokeRolesV2
    | DeleteUserV2
    | DeleteRoleV2
    | EnableAuthV2
    | DisableAuthV2
)
"""One step of a plan in the v2 store."""
