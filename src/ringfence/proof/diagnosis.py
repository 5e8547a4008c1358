"""From what each member says of auth to the condition that it is. Pure.

What can be wrong with the store follows from etcd ``server/auth/store.go``; that it was lost or half-written after a
restart is known of etcd below 3.4.21 and 3.5.5.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ringfence.errors import Problem
from ringfence.model.auth_status import Finding, Kind, LastSeen, MemberAuth, MemberAuthV2
from ringfence.model.guard import GuardRecord, GuardState
from ringfence.model.version import Version

_RUNBOOK = "docs/runbook.md"
_UNCONFIRMED = {
    GuardState.ARMED: "the guard died during the proof",
    GuardState.HOLDING: "the guard died while it waited for a confirmation",
    GuardState.FIRING: "the guard died when it was about to switch auth off again",
    GuardState.FAILED: "the guard could not switch auth off again",
}
_LOSES_ITS_STORE = {(3, 4): 21, (3, 5): 5}


def diagnose(
    members: Sequence[MemberAuth],
    last: LastSeen | None,
    certificate: Sequence[Problem] = (),
    alarms: Sequence[Problem] = (),
) -> tuple[Finding, ...]:
    """All that is wrong, the gravest first; ``HEALTHY`` alone where nothing is.

    Args:
        members: what each said; none where nobody could be asked.
        last: what was there when ringfence was last done.
        certificate: why root's certificate cannot be used.
        alarms: that etcd has raised, and what they mean.
    """
    found = (
        *(_root_certificate(problem) for problem in certificate),
        *_silent(members),
        *_lost(members, last),
        *_restored(members, last),
        *_root(members),
        *_switch(members, last),
        *_differ(members),
        *left_spare_keys("", members),
        *(Finding(Kind.ALARM, alarm.what, alarm.hint) for alarm in alarms),
    )
    if found:
        return found
    return (Finding(Kind.HEALTHY, f"auth is on, on each of the {len(members)} members, and all tell the same"),)


def unconfirmed(record: GuardRecord | None, *, lives: bool, on: Collection[str]) -> tuple[Finding, ...]:
    """That auth is on, unproved or unconfirmed, and the guard that was to switch it off again is not there any more.

    Args:
        record: what the last guard wrote down, None where there was none.
        lives: whether it is at work.
        on: the stores whose auth is on, ``v3`` and ``v2``, on some member at least.
    """
    if record is None or record.is_settled or lives or not set(on).intersection(record.stores):
        return ()
    reason = "" if record.why is None else f": {record.why}"
    what = (
        f"auth is on, and nobody vouches for it: {_UNCONFIRMED[record.state]}{reason} ({record.at:%Y-%m-%d %H:%M} UTC)"
    )
    keep = "`ringfence verify`; then `ringfence auth confirm` keeps it on, or `ringfence auth disable` switches it off"
    return (Finding(Kind.UNCONFIRMED, what, f"{keep}; see {_RUNBOOK}"),)


def _root_certificate(problem: Problem) -> Finding:
    hint = f"`ringfence certs issue` makes it anew with the authority's key; see {_RUNBOOK}"
    return Finding(Kind.ROOT_CERTIFICATE, f"root's certificate cannot be used: {problem}", hint)


def _silent(members: Sequence[MemberAuth]) -> Iterator[Finding]:
    for member in members:
        if member.problem is not None:
            what = f"member {member.name} cannot be asked: {member.problem}"
            yield Finding(Kind.SILENT_MEMBER, what, member.problem.hint)


def _lost(members: Sequence[MemberAuth], last: LastSeen | None) -> Iterator[Finding]:
    empty = [member for member in members if member.users == 0 and member.roles == 0]
    others = any(member.users for member in members)
    known = last is not None and last.has_users
    if not empty or not (others or known or any(member.enabled for member in members)):
        return
    where = "on every member" if len(empty) == len(members) else f"on {_names(empty)}"
    why = "its etcd is of a release that is known for losing it after a restart (below 3.4.21 and 3.5.5), "
    suspects = why if any(_loses_its_store(member) for member in empty) else ""
    hint = (
        f"restart that member with an empty data-dir, as a new member; see {_RUNBOOK}"
        if others
        else f"`ringfence apply` brings users and roles back; see {_RUNBOOK}"
    )
    what = f"the auth store is empty {where}: {suspects}or it was restored from a snapshot from before"
    yield Finding(Kind.STORE_LOST, what, hint)


def _loses_its_store(member: MemberAuth) -> bool:
    version = Version.parse(member.version or "")
    return version is not None and (version.patch or 0) < _LOSES_ITS_STORE.get(version.line, 0)


def _restored(members: Sequence[MemberAuth], last: LastSeen | None) -> Iterator[Finding]:
    if last is None:
        return
    known = last.cluster_id is not None
    if known and any(member.cluster_id not in {None, last.cluster_id} for member in members):
        what = f"this is another cluster than the one that ringfence changed on {last.at:%Y-%m-%d %H:%M} UTC"
        yield Finding(Kind.OTHER_CLUSTER, what, "a restored snapshot makes one; else check the endpoints")
    then = last.auth_revision
    told = [member.revision for member in members if member.revision is not None]
    if then is not None and told and max(told) < then:
        what = (
            f"the auth revision is {max(told)}, and was {then} on {last.at:%Y-%m-%d %H:%M} UTC: "
            "a snapshot from before was restored"
        )
        yield Finding(Kind.RESTORED, what, f"`ringfence plan` shows what is missing, apply brings it back; {_RUNBOOK}")


def _root(members: Sequence[MemberAuth]) -> Iterator[Finding]:
    populated = [member for member in members if member.users or member.roles or member.enabled]
    no_user = [member for member in populated if member.root_user is False]
    no_role = [member for member in populated if member.root_user and member.root_role is False]
    unknown = [member for member in members if member.enabled and member.knows_root is False and not member.root_user]
    if no_user:
        what = f"the user root is missing on {_names(no_user)}"
        yield Finding(Kind.ROOT_USER_MISSING, what, f"`ringfence apply` adds it while auth is off; else {_RUNBOOK}")
    if no_role:
        what = f"the user root does not hold the role root on {_names(no_role)}"
        yield Finding(Kind.ROOT_ROLE_MISSING, what, f"`ringfence apply` grants it while auth is off; else {_RUNBOOK}")
    if unknown and not no_user:
        what = f"{_names(unknown)} does not know root's certificate as root: the user root or its role is missing"
        yield Finding(Kind.ROOT_USER_MISSING, what, f"the auth store is half-written; see {_RUNBOOK}")


def _switch(members: Sequence[MemberAuth], last: LastSeen | None) -> Iterator[Finding]:
    off = [member for member in members if member.enabled is False]
    if not off:
        return
    if any(member.enabled for member in members):
        what = f"auth is off on {_names(off)}, and on elsewhere: there everybody may do everything"
        yield Finding(Kind.OFF_ON_MEMBER, what, f"that member's auth store is not the cluster's; see {_RUNBOOK}")
    elif any(member.users != 0 or member.roles != 0 for member in off):
        what = "auth is off: everybody may do everything, whatever users and roles there are"
        yield Finding(Kind.OFF, what, "`ringfence apply` proves the way in and switches it on")
    elif last is None or not last.has_users:
        yield Finding(Kind.NOTHING_YET, "auth is off, and there are no users", "`ringfence apply` begins")


def _differ(members: Sequence[MemberAuth]) -> Iterator[Finding]:
    told = [member for member in members if member.problem is None and member.users is not None]
    counts = {(member.users, member.roles) for member in told}
    revisions = {member.revision for member in told} - {None}  # before 3.5 a member tells none
    if len(counts) > 1 or len(revisions) > 1:
        what = "the members do not tell the same of users and roles, although each has caught up"
        yield Finding(Kind.MEMBERS_DIFFER, what, f"the table shows which; see {_RUNBOOK}")


def left_spare_keys(where: str, members: Sequence[MemberAuth] | Sequence[MemberAuthV2]) -> Iterator[Finding]:
    """The spare keys that some member has: an apply is at the switch just now, or was cut off there.

    Args:
        where: what stands before ``user``: nothing, or ``v2 ``.
        members: what each said.
    """
    for user in sorted({user for member in members for user in member.spare_keys}):
        what = f"the {where}user {user} is a spare key of ringfence, left from an apply that was cut off"
        yield Finding(
            Kind.SPARE_KEY,
            f"{what}: it may hold the role root",
            "unless an apply is at work just now: `ringfence apply` deletes it",
        )


def _names(members: Sequence[MemberAuth]) -> str:
    return ", ".join(member.name for member in members)
