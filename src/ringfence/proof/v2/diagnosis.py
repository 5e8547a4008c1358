"""From what each member says of v2 auth to the condition that it is, beside that of v3. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ringfence.model.auth_status import Finding, Kind, MemberAuthV2
from ringfence.proof.diagnosis import left_spare_keys

_ABOUT_MEMBERS = {Kind.ROOT_CERTIFICATE, Kind.SILENT_MEMBER, Kind.ALARM, Kind.OTHER_CLUSTER}


def diagnose_v2(members: Sequence[MemberAuthV2], told: Collection[str] = ()) -> tuple[Finding, ...]:
    """All that is wrong with v2 auth, the gravest first; ``HEALTHY`` alone where nothing is.

    Args:
        members: what each said.
        told: the names of members that say nothing of v3 either, and are told of with it.
    """
    silent = [member for member in members if member.name not in told]
    answered = [member for member in members if member.problem is None]
    found = (
        *_silent(silent),
        *_served(answered),
        *_guest(answered),
        *_root(answered),
        *_switch(answered),
        *_differ(answered),
        *left_spare_keys("v2 ", answered),
    )
    if found:
        return found
    what = f"v2 auth is on, on each of the {len(members)} members, and its guest may do nothing"
    return (Finding(Kind.HEALTHY, what),)


def about_members(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What is left of v3's findings where a spec is about v2 alone."""
    return tuple(finding for finding in findings if finding.kind in _ABOUT_MEMBERS)


def both(of_v3: Sequence[Finding], of_v2: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings of both stores as one list, which is ``HEALTHY`` alone only where both are."""
    wrong = tuple(finding for finding in (*of_v3, *of_v2) if finding.kind is not Kind.HEALTHY)
    return wrong or (Finding(Kind.HEALTHY, "; ".join(finding.what for finding in (*of_v3, *of_v2))),)


def _silent(members: Sequence[MemberAuthV2]) -> Iterator[Finding]:
    for member in members:
        if member.problem is not None:
            what = f"v2 of member {member.name} cannot be asked: {member.problem}"
            yield Finding(Kind.SILENT_MEMBER, what, member.problem.hint)


def _served(members: Sequence[MemberAuthV2]) -> Iterator[Finding]:
    mute = [member for member in members if member.serves is False]
    if mute:
        what = f"the v2 API is not served by {_names(mute)}"
        yield Finding(
            Kind.V2_NOT_SERVED, what, "start it with --enable-v2; etcd 3.6 has none: take v2 out of cluster.api"
        )


def _guest(members: Sequence[MemberAuthV2]) -> Iterator[Finding]:
    wide = [member for member in members if member.enabled and member.guest_open]
    if wide:
        what = f"v2's guest may do something on {_names(wide)}: so may every client without a name that v2 knows"
        yield Finding(Kind.V2_GUEST_OPEN, what, "`ringfence apply` closes it")


def _root(members: Sequence[MemberAuthV2]) -> Iterator[Finding]:
    populated = [member for member in members if member.users or member.enabled]
    unknown = [member for member in populated if member.root_user is False or member.knows_root is False]
    if unknown:
        what = f"v2 on {_names(unknown)} does not know root's certificate as root: the user root is missing, or names"
        hint = "is it started with --client-cert-auth? `ringfence apply` adds root while v2 auth is off"
        yield Finding(Kind.V2_ROOT_MISSING, f"{what} in certificates are ignored", hint)


def _switch(members: Sequence[MemberAuthV2]) -> Iterator[Finding]:
    off = [member for member in members if member.enabled is False]
    if not off:
        return
    if any(member.enabled for member in members):
        what = f"v2 auth is off on {_names(off)}, and on elsewhere: there everybody may do everything"
        yield Finding(Kind.V2_OFF_ON_MEMBER, what, "that member lags behind, or its store is not the cluster's")
    elif any(member.users for member in off):
        what = "v2 auth is off: everybody may do everything in the v2 store, whatever users and roles there are"
        yield Finding(Kind.V2_OFF, what, "`ringfence apply` proves the way in and switches it on")
    else:
        yield Finding(Kind.V2_NOTHING_YET, "v2 auth is off, and v2 has no users", "`ringfence apply` begins")


def _differ(members: Sequence[MemberAuthV2]) -> Iterator[Finding]:
    if len({(member.users, member.roles) for member in members if member.users is not None}) > 1:
        what = "the members do not tell the same of v2's users and roles, although each has caught up"
        yield Finding(Kind.V2_MEMBERS_DIFFER, what, "the table shows which")


def _names(members: Sequence[MemberAuthV2]) -> str:
    return ", ".join(member.name for member in members)
