"""The answers of ``can-i --api v2`` and ``who-can --api v2``, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ringfence.model.names import UserName
from ringfence.model.permission import Access
from ringfence.model.v2 import GUEST
from ringfence.reports.table import counted, table
from ringfence.rules.v2.decisions import Ground
from ringfence.rules.v2.requests import Request2
from ringfence.wanted.answers.v2 import AnsweredV2, SourceV2, grounds_v2
from ringfence.yamlio.dump import Plain

_UNLISTED = "etcd lists no users whose names begin with _, so they are not among these: can-i --live --as _NAME asks\n"
_VERBS = {Access.READ: "read", Access.WRITE: "write"}


def can_v2_json(found: AnsweredV2) -> dict[str, Plain]:
    """``{"api": "v2", "allowed", "because": [...], "user", "path", "access", "recursive", "allowed_with_slash"}``."""
    return {"api": "v2", **_who(found), **_asked(found.request), "allowed_with_slash": found.by_slash}


def can_v2_text(found: AnsweredV2) -> str:
    """Yes or no, and why."""
    decision = found.decision
    where = "in the cluster" if found.source.live else "by the spec"
    verdict = f"{found.name} may{'' if decision.allowed else ' not'} do that in etcd v2, {where}"
    lines = [f"{'yes' if decision.allowed else 'no'}: {verdict}", *(f"  {reason}" for reason in _reasons(found))]
    if found.by_slash:
        lines.append(f"  with a slash at its end it would be allowed: {found.request.path}/")
    return "\n".join(lines) + "\n"


def who_v2_json(found: Sequence[AnsweredV2], request: Request2) -> dict[str, Plain]:
    """``{"api": "v2", "users": [{"user", "allowed", "because"}], "path", "access", "recursive"}``.

    Who has a part of a tree alone is in it, too: not ``allowed``, and ``because`` has the patterns of that part.
    """
    return {"api": "v2", "users": [_who(one) for one in found], **_asked(request)}


def who_v2_text(found: Sequence[AnsweredV2]) -> str:
    """A row for each who may, or may do a part of it."""
    if not found:
        return "nobody\n"
    rows = [("USER", "MAY", "BECAUSE"), *((one.name, _extent(one), "; ".join(_grounds(one))) for one in found)]
    users = [one for one in found if one.user is not None]
    allowed = sum(one.decision.allowed for one in users)
    in_part = f", {counted(len(users) - allowed, 'user')} in part" if found[0].request.recursive else ""
    guest = "".join(
        f", and the guest{'' if one.decision.allowed else ' in part'}: everybody who is no user"
        for one in found
        if one.user is None
    )
    unlisted = _UNLISTED if found[0].source.live else ""
    return f"{table(rows)}\n\n{counted(allowed, 'user')} may{in_part}{guest}\n{unlisted}"


def list_v2_json(user: UserName | None, source: SourceV2) -> dict[str, Plain]:
    """``{"api": "v2", "user", "root", "auth", "grants": [{"role", "access", "pattern", "file", "line"}]}``."""
    return {
        "api": "v2",
        "user": user or GUEST,
        "root": user is not None and source.state.is_root(user),
        "auth": source.state.auth_enabled,
        "grants": [_ground(ground, source) for ground in grounds_v2(source, user)],
    }


def list_v2_text(user: UserName | None, source: SourceV2) -> str:
    """Every pattern that somebody has, and what goes beyond patterns."""
    grounds = list(grounds_v2(source, user))
    rows = [("ROLE", "GRANTS", "PATTERN", "WRITTEN AT")]
    rows += [(str(each.role), _VERBS[each.access], str(each.pattern), _place(each, source)) for each in grounds]
    lines = [table(rows)] if grounds else []
    if user is not None and source.state.is_root(user):
        lines.append(f"{user} holds the role root, which may do everything")
    elif not grounds:
        lines.append(f"{user or GUEST} has no patterns")
    if not source.state.auth_enabled:
        lines.append("v2 auth is off: everybody may do everything")
    return "\n".join(lines) + "\n"


def _who(found: AnsweredV2) -> dict[str, Plain]:
    because: list[Plain] = [_ground(ground, found.source) for ground in found.decision.grounds]
    if found.decision.rule:
        because.append({"rule": found.decision.rule})
    return {"user": found.name, "allowed": found.decision.allowed, "because": because}


def _asked(request: Request2) -> dict[str, Plain]:
    return {"path": request.path, "access": request.access.value, "recursive": request.recursive}


def _extent(found: AnsweredV2) -> str:
    if found.decision.allowed:
        return "yes"
    return f"only {' '.join(dict.fromkeys(ground.pattern.text for ground in found.decision.grounds))}"


def _reasons(found: AnsweredV2) -> Iterator[str]:
    yield from _grounds(found)
    if not found.decision.allowed and not found.decision.rule:
        star = ", and a recursive request needs one that ends in a star" if found.request.recursive else ""
        yield f"no pattern to {_VERBS[found.request.access]} matches that{star if found.user is not None else ''}"


def _grounds(found: AnsweredV2) -> Iterator[str]:
    if found.decision.rule:
        yield found.decision.rule
    for ground in found.decision.grounds:
        place = _place(ground, found.source)
        yield f"role {ground.role} grants {_VERBS[ground.access]} on {ground.pattern}" + (
            f" ({place})" if place else ""
        )


def _ground(ground: Ground, source: SourceV2) -> Plain:
    place = source.place(ground)
    return {
        "role": ground.role,
        "access": ground.access.value,
        "pattern": str(ground.pattern),
        "file": None if place is None else place.file,
        "line": None if place is None else place.line,
    }


def _place(ground: Ground, source: SourceV2) -> str:
    place = source.place(ground)
    return "" if place is None else str(place)
