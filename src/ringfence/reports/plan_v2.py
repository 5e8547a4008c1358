"""The changes of a plan in the v2 store, a sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.changes.plan import PlanV2
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
from ringfence.model.names import ROOT_USER, UserName, is_spare
from ringfence.model.v2 import Pattern


def sentence_v2(change: ChangeV2, kept: str | None = None) -> str:
    """What a change does.

    Args:
        change: the change.
        kept: the file in which root's password is kept, None where it is not.
    """
    match change:
        case AddRoleV2(role, read, write):
            may = _may(read, write)
            return f"  + v2 role {role}" + (f" may {may}" if may else ", with nothing in it")
        case GrantPatterns(role, read, write):
            return f"  + v2 role {role} may {_may(read, write)}"
        case RevokePatterns(role, read, write):
            return f"  - v2 role {role} may no longer {_may(read, write)}"
        case AddUserV2(user, roles):
            holds = f", who holds {_roles(roles)}" if roles else ""
            end = f"kept in {kept}" if kept is not None and user == ROOT_USER else "thrown away"
            return f"  + v2 user {user}{holds}; its password is random and {end}"
        case GrantRolesV2(user, roles):
            return f"  + v2 user {user} holds {_roles(roles)}"
        case RevokeRolesV2(user, roles):
            return f"  - v2 user {user} no longer holds {_roles(roles)}"
        case DeleteUserV2(user):
            return f"  - v2 user {user} is deleted{left_over(user)}"
        case DeleteRoleV2(role):
            return f"  - v2 role {role} is deleted"
        case EnableAuthV2():
            return "  ~ v2 auth is switched on"
        case DisableAuthV2():
            return "  ~ v2 auth is SWITCHED OFF: every client may do everything in the v2 store"


def left_over(user: UserName) -> str:
    """Why a user is deleted that no spec names and nobody told to prune."""
    return ": a spare key of ringfence, left from an apply that was cut off" if is_spare(user) else ""


def notes_v2(plan: PlanV2 | None) -> Iterator[str]:
    """What is left alone."""
    if plan is None:
        return
    for kind, names in (("users", plan.unmanaged.users), ("roles", plan.unmanaged.roles)):
        if names:
            yield f"left alone in v2, not in the spec: {kind} {', '.join(names)}"


def _may(read: tuple[Pattern, ...], write: tuple[Pattern, ...]) -> str:
    """``readwrite /a /a/*, read /b``."""
    lists = {
        "readwrite": [each.text for each in read if each in write],
        "read": [each.text for each in read if each not in write],
        "write": [each.text for each in write if each not in read],
    }
    return ", ".join(f"{access} {' '.join(patterns)}" for access, patterns in lists.items() if patterns)


def _roles(roles: tuple[str, ...]) -> str:
    return f"role{'s' if len(roles) > 1 else ''} {', '.join(roles)}"
