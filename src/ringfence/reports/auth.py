"""The switch for people and for programs: what each member says, and which condition that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from ringfence.errors import Problem
from ringfence.model.auth_status import AuthStatus, Finding, MemberAuth, MemberAuthV2, OldWatches
from ringfence.model.guard import GuardRecord, GuardState
from ringfence.reports.table import counted, table


def status_json(status: AuthStatus) -> dict[str, object]:
    """The JSON contract of ``auth status``; null is: not told."""
    return {
        "healthy": status.is_healthy,
        "findings": [{"kind": each.kind.value, "what": each.what, "hint": each.hint} for each in status.findings],
        "members": [
            {
                "name": each.name,
                "etcd": each.version,
                "enabled": each.enabled,
                "auth_revision": each.revision,
                "users": each.users,
                "roles": each.roles,
                "watchers": each.watchers,
                "watch_streams": each.watch_streams,
                "problem": _problem(each.problem),
            }
            for each in status.members
        ],
        **({} if status.members_v2 is None else {"members_v2": [_json_v2(each) for each in status.members_v2]}),
        "guard": _guard_json(status.guard, lives=status.guard_lives),
    }


def status_text(status: AuthStatus) -> str:
    """A line for each member, the guard, and what is to be made of it."""
    parts = []
    if status.members:
        rows = [["MEMBER", "ETCD", "AUTH", "REVISION", "USERS", "ROLES", "OPEN WATCHES", "WATCH STREAMS"]]
        parts.append(table([*rows, *(_row(member) for member in status.members)]))
    if status.members_v2:
        rows = [["MEMBER", "V2 AUTH", "USERS", "ROLES", "GUEST"]]
        parts.append(table([*rows, *(_row_v2(member) for member in status.members_v2)]))
    if status.guard is not None:
        parts.append(_guard_line(status.guard, lives=status.guard_lives))
    parts.extend(_finding(finding) for finding in status.findings)
    return "\n\n".join(parts)


def watches_text(watches: OldWatches) -> str:
    """What was connected before auth was switched on, and must be restarted."""
    lines = ["Watches that were open before auth was switched on go on as before, whatever the roles say."]
    names = sorted({*watches.before, *watches.after})
    if names:
        counts = (
            f"{name} {_told(watches.before.get(name))} before, {_told(watches.after.get(name))} now" for name in names
        )
        lines.append(f"Open watches: {'; '.join(counts)}.")
    else:
        lines.append("How many are open is not known: no member's metrics can be reached from here.")
    lines.append(f"Restart, so that the roles hold for them: {', '.join(watches.restart) or 'every client'}.")
    return "\n".join(lines)


def confirm_text(until: datetime) -> str:
    """That auth is on for a time only."""
    return f"Auth goes OFF AGAIN at {until.astimezone():%H:%M:%S %Z} unless you say before then: ringfence auth confirm"


def _finding(finding: Finding) -> str:
    return f"{finding.kind.value}: {finding.what}" + (f"\n  hint: {finding.hint}" if finding.hint else "")


def _row(member: MemberAuth) -> list[str]:
    auth = {True: "on", False: "OFF", None: "?"}[member.enabled]
    numbers = (member.revision, member.users, member.roles, member.watchers, member.watch_streams)
    return [member.name, member.version or "?", auth, *(_told(number) for number in numbers)]


def _row_v2(member: MemberAuthV2) -> list[str]:
    auth = "not served" if member.serves is False else {True: "on", False: "OFF", None: "?"}[member.enabled]
    guest = {True: "OPEN", False: "closed", None: "?"}[member.guest_open]
    return [member.name, auth, _told(member.users), _told(member.roles), guest]


def _json_v2(member: MemberAuthV2) -> dict[str, object]:
    return {
        "name": member.name,
        "serves": member.serves,
        "enabled": member.enabled,
        "users": member.users,
        "roles": member.roles,
        "guest_open": member.guest_open,
        "problem": _problem(member.problem),
    }


def _problem(problem: Problem | None) -> str | None:
    return None if problem is None else str(problem)


def _told(number: int | None) -> str:
    return "?" if number is None else str(number)


def _guard_json(record: GuardRecord | None, *, lives: bool) -> dict[str, object] | None:
    if record is None:
        return None
    return {
        "state": record.state.value,
        "alive": lives,
        "at": record.at.isoformat(timespec="seconds"),
        "until": record.until.isoformat(timespec="seconds") if record.until else None,
        "why": record.why,
        "stores": list(record.stores),
    }


def _guard_line(record: GuardRecord, *, lives: bool) -> str:
    at = f"{record.at:%Y-%m-%d %H:%M:%S} UTC"
    if lives and record.state is GuardState.HOLDING and record.until is not None:
        return f"Guard: switches auth off at {record.until:%H:%M:%S} UTC unless: ringfence auth confirm"
    if lives:
        return f"Guard: at work, {record.state.value} since {at}"
    if not record.is_settled and record.state is not GuardState.FAILED:
        return f"Guard: DEAD without an end, {record.state.value} at {at}: nobody will switch auth off"
    why = f": {record.why}" if record.why else ""
    return f"Guard: none; the last one ended {record.state.value} at {at}{why}"


def confirmed_json(off: Iterable[str]) -> dict[str, object]:
    """What ``auth confirm`` did; ``off`` are the stores whose auth somebody switched off before."""
    return {"confirmed": not (off := list(off)), "off": off}


def confirmed_text(off: Collection[str]) -> str:
    """The same in words."""
    if not off:
        return "Confirmed: auth stays on."
    names = " and ".join({"v3": "auth", "v2": "v2 auth"}[each] for each in off)
    verb = "are" if len(off) > 1 else "is"
    return f"The guard stands down, and {names} {verb} OFF: somebody switched it off; ringfence apply switches it on."


def disabled_json(through: str | None, off: Iterable[str], unseen: Iterable[str]) -> dict[str, object]:
    """What ``auth disable`` did; ``through`` is null where auth was off before."""
    return {"through": through, "off": list(off), "unseen": list(unseen)}


def disabled_text(through: str | None, off: tuple[str, ...], unseen: tuple[str, ...], *, name: str = "Auth") -> str:
    """The same in words."""
    if through is None:
        return f"{name} is off already."
    lines = [f"{name} is OFF on {counted(len(off), 'member')} ({', '.join(off)}), switched off through {through}."]
    if unseen:
        lines.append(f"Not seen, since they do not answer: {', '.join(unseen)}; they follow when they are back.")
    lines.append("Users and roles are as they were; ringfence apply switches it on again.")
    return "\n".join(lines)
