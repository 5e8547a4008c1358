"""A plan for people: what changes, each with its etcdctl command, and what is left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

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
from ringfence.changes.plan import Plan
from ringfence.changes.v2.change import ChangeV2, DeleteRoleV2, DeleteUserV2, DisableAuthV2
from ringfence.changes.v2.etcdctl import commands_v2
from ringfence.model.permission import Permission
from ringfence.model.text import span_text
from ringfence.proof.agreement import Agreement, View
from ringfence.reports.plan_v2 import left_over, notes_v2, sentence_v2
from ringfence.reports.table import counted


def plan_text(plan: Plan, *, kept: str | None = None) -> str:
    """Every change in order, notes, and one line of summary.

    Args:
        plan: the plan.
        kept: the file in which the password of v2's root will be kept, None where it is thrown away.
    """
    lines = [line for change in plan.changes for line in _lines(change, kept)]
    gaps = [change for change in plan.changes_v3 if isinstance(change, ReplacePermission)]
    lines.extend(
        _note(f"{_keys(gap.permission)} of role {gap.role} is out of reach for one commit in between") for gap in gaps
    )
    if plan.unmanaged.users:
        lines.append(_note(f"left alone, not in the spec: users {', '.join(plan.unmanaged.users)}"))
    if plan.unmanaged.roles:
        lines.append(_note(f"left alone, not in the spec: roles {', '.join(plan.unmanaged.roles)}"))
    lines.extend(_note(each) for each in notes_v2(plan.v2))
    return "\n".join([*lines, summary_line(plan)])


def agreement_text(agreement: Agreement, in_v2: Agreement | None = None) -> str:
    """A line for each thing that a member says otherwise than most, and what to do; empty where all agree."""
    lines = [_note(f"{name}: {each}") for name, sentences in agreement.differences.items() for each in sentences]
    differences = {} if in_v2 is None else in_v2.differences
    lines += [_note(f"{name}, in v2: {each}") for name, sentences in differences.items() for each in sentences]
    if lines:
        lines.append(
            "      apply cannot mend one member: start it, or if that does not help remove it and add it empty"
        )
    return "\n".join(lines)


def alarms_text(alarms: Iterable[str]) -> str:
    """A line for each alarm that is raised."""
    return "\n".join(_note(f"the alarm {name} is raised: until it is over apply refuses") for name in sorted(alarms))


def plan_json(
    plan: Plan, agreement: Agreement, alarms: Iterable[str] = (), in_v2: Agreement | None = None
) -> dict[str, object]:
    """The plan, what each member says of auth, and the alarms; of v2 where the plan is about that, too."""
    members = {"members": _members_json(agreement), **({} if in_v2 is None else {"members_v2": _members_json(in_v2)})}
    return {**plan.to_json(), **members, "alarms": sorted(alarms)}


def _members_json(agreement: Agreement) -> list[dict[str, object]]:
    differences = agreement.differences
    return [
        {
            "name": member.name,
            "endpoint": member.endpoint,
            "auth_enabled": member.view.auth_enabled if isinstance(member.view, View) else None,
            "auth_revision": member.view.auth_revision if isinstance(member.view, View) else None,
            "differences": list(differences.get(member.name, ())),
        }
        for member in agreement.members
    ]


def summary_line(plan: Plan) -> str:
    """``Plan: 3 to add, 1 to change, 0 to take away (4 writes).``, or that there is nothing to do."""
    if not plan.changes:
        return "In sync: nothing to change."
    counts = plan.summary
    calls = len(plan.changes) + sum(isinstance(change, ReplacePermission) for change in plan.changes_v3)
    return (
        f"Plan: {counts.add} to add, {counts.change} to change, {counts.destroy} to take away "
        f"({counted(calls, 'auth write')})."
    )


def destroyed_text(plan: Plan) -> str:
    """One line: what was deleted."""
    counts = Counter(type(change) for change in plan.changes)
    if not counts:
        return "There is nothing of the spec to destroy."
    users, roles = counts[DeleteUser] + counts[DeleteUserV2], counts[DeleteRole] + counts[DeleteRoleV2]
    done = [counted(users, "user"), counted(roles, "role")]
    off = " Auth is OFF: every client may do everything." if counts[DisableAuth] else ""
    off += " v2 auth is OFF: every client may do everything there." if counts[DisableAuthV2] else ""
    return f"Destroyed: {' and '.join(done)}.{off}"


def destroyed_json(plan: Plan) -> dict[str, object]:
    """The plan that was carried out."""
    return {"plan": plan.to_json()}


def _lines(change: Change | ChangeV2, kept: str | None) -> tuple[str, ...]:
    """A sentence and the commands."""
    if isinstance(change, ChangeV2):
        return (sentence_v2(change, kept), *(f"      {each}" for each in commands_v2(change)))
    return _sentence(change), f"      {command(change)}"


def _note(text: str) -> str:
    return f"  ! {text}"


def _sentence(change: Change) -> str:
    match change:
        case AddRole(role):
            return f"  + role {role}"
        case GrantPermission(role, permission, None):
            return f"  + role {role} may {permission.access.value} {_keys(permission)}"
        case GrantPermission(role, permission, was) | ReplacePermission(role, permission, was):
            before = "" if was is None else f", instead of {was.value}"
            return f"  ~ role {role} may {permission.access.value} {_keys(permission)}{before}"
        case RevokePermission(role, permission):
            return f"  - role {role} may no longer {permission.access.value} {_keys(permission)}"
        case AddUser(user, login):
            return f"  + user {user}, by {login.value}" if login.value != "none" else f"  + user {user}"
        case GrantRole(user, role):
            return f"  + user {user} holds role {role}"
        case RevokeRole(user, role):
            return f"  - user {user} no longer holds role {role}"
        case DeleteUser(user):
            return f"  - user {user} is deleted{left_over(user)}"
        case DeleteRole(role, holders):
            losing = f", and taken from {', '.join(holders)}" if holders else ""
            return f"  - role {role} is deleted{losing}"
        case EnableAuth():
            return "  ~ auth is switched on"
        case DisableAuth():
            return "  ~ auth is SWITCHED OFF: every client may do everything"


def _keys(permission: Permission) -> str:
    return span_text(permission.span)
