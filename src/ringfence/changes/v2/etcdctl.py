"""Each change of the v2 store as commands of etcdctl, whose API 2 etcd had until 3.5. No secret ever stands in one."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

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
from ringfence.model.names import ROOT_ROLE, ROOT_USER
from ringfence.model.v2 import Pattern


def commands_v2(change: ChangeV2) -> tuple[str, ...]:
    """The commands, each ready for a shell; those that make a user ask for its password on the terminal."""
    return tuple(f"ETCDCTL_API=2 etcdctl {line}" for line in _lines(change))


def _lines(change: ChangeV2) -> Iterator[str]:
    match change:
        case AddRoleV2(role, read, write):
            yield f"role add {shlex.quote(role)}"
            yield from _patterns("grant", role, read, write)
        case GrantPatterns(role, read, write):
            yield from _patterns("grant", role, read, write)
        case RevokePatterns(role, read, write):
            yield from _patterns("revoke", role, read, write)
        case AddUserV2(user, roles):
            yield f"user add {shlex.quote(user)}"
            given = [role for role in roles if (user, role) != (ROOT_USER, ROOT_ROLE)]  # root has it by itself
            if given:
                yield f"user grant {shlex.quote(user)} --roles {shlex.quote(','.join(given))}"
        case GrantRolesV2(user, roles) | RevokeRolesV2(user, roles):
            verb = "grant" if isinstance(change, GrantRolesV2) else "revoke"
            yield f"user {verb} {shlex.quote(user)} --roles {shlex.quote(','.join(roles))}"
        case DeleteUserV2(user):
            yield f"user remove {shlex.quote(user)}"
        case DeleteRoleV2(role):
            yield f"role remove {shlex.quote(role)}"
        case EnableAuthV2():
            yield "auth enable"
        case DisableAuthV2():
            yield "auth disable"


def _patterns(verb: str, role: str, read: tuple[Pattern, ...], write: tuple[Pattern, ...]) -> Iterator[str]:
    for pattern in dict.fromkeys((*read, *write)):
        access = "--readwrite" if pattern in read and pattern in write else "--read" if pattern in read else "--write"
        yield f"role {verb} {shlex.quote(role)} --path {shlex.quote(pattern.text)} {access}"
