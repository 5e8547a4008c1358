"""The answers of ``can-i`` and ``who-can``, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ringfence.keyspace import SpanSet
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.text import key_text, span_text
from ringfence.reports.spans import spans_json
from ringfence.reports.table import counted, table
from ringfence.rules.answer import Answer
from ringfence.rules.evaluate import Part, Reason, Rule
from ringfence.rules.holes import REVIEWED, Hole, holes
from ringfence.wanted.answers.v3 import Answered, CallAnswered, Source
from ringfence.yamlio.dump import Plain


def can_json(found: Answered) -> dict[str, Plain]:
    """``{"allowed", "because": [...], "user", "by_rules", "parts": [...], "holes": [...], "around": [...], ...}``.

    ``allowed`` is what the server answers, ``by_rules`` what it would answer without the holes that ``holes`` names;
    ``around`` are holes that give the same by another request.
    """
    return {**_one(found), **_releases(found.source)}


def _one(found: Answered) -> dict[str, Plain]:
    return {
        "allowed": found.answer.allowed,
        "because": [_reason(reason, found.source) for reason in found.answer.because],
        "user": found.user,
        "by_rules": found.answer.by_rules.allowed,
        "parts": [_part(part) for part in found.answer.decision.parts],
        "holes": [_hole(hole, found.source) for hole in found.answer.holes],
        "around": [_hole(hole, found.source) for hole in found.answer.around],
    }


def can_text(found: Answered) -> str:
    """Yes or no, why, which part of a range, and what the server makes of it."""
    answer = found.answer
    lines = [f"{'yes' if answer.allowed else 'no'}: {_verdict(found)}"]
    lines += [f"  {line}" for line in _reasons(answer, found.source)]
    if not answer.allowed:
        lines += [f"  {line}" for part in answer.decision.parts for line in _shares(part)]
    lines += [f"  {line}" for line in (*_grounds(found.source), *_broken(answer, found.source))]
    lines += [
        f"  etcd {_having(hole, found.source)} has a way around this answer: {_hole_line(hole)}"
        for hole in answer.around
    ]
    return "\n".join(lines) + "\n"


def who_json(found: Sequence[Answered], source: Source, others: Sequence[Hole]) -> dict[str, Plain]:
    """``{"users": [{"user", "allowed", "by_rules", ...}], "not_counted": [...], "etcd": [...], "unreviewed": [...]}``.

    ``not_counted`` are the holes in ``others``, by which more than these users can have it.
    """
    return {
        "users": [_one(one) for one in found],
        "not_counted": [_hole(hole, source) for hole in others],
        **_releases(source),
    }


def who_text(found: Sequence[Answered], source: Source, others: Sequence[Hole]) -> str:
    """A row for each user who gets all of it or a part, and the holes by which others can have it."""
    rows = [("USER", "MAY", "BECAUSE")]
    rows += [(str(one.user), _extent(one.answer), "; ".join(_reasons(one.answer, source))) for one in found]
    allowed = sum(one.answer.allowed for one in found)
    counts = f"{counted(allowed, 'user')} may, {counted(len(found) - allowed, 'user')} in part"
    lines = [table(rows), "", counts] if found else ["nobody"]
    lines += _grounds(source)
    lines += dict.fromkeys(line for one in found for line in _broken(one.answer, source))
    lines += _not_counted("others can have it all the same", others, source)
    return "\n".join(lines) + "\n"


def list_json(user: UserName, calls: Sequence[CallAnswered], source: Source, more: Sequence[Hole]) -> dict[str, Plain]:
    """``{"user", "root", "grants", "read", "write", "calls": {...}, "calls_on": {...}, "holes", "not_counted", ...}``.

    ``calls_on`` names the releases of the members for those calls that only they allow, ``holes`` are those that give
    calls, and ``not_counted`` those in ``more``, by which the user can have more.
    """
    reach = source.holdings.state.reach(user)
    return {
        "user": user,
        "root": source.holdings.is_root(user),
        "grants": [_grant(role, permission, source) for role, permission in _held(user, source)],
        "read": spans_json(reach.read),
        "write": spans_json(reach.write),
        "calls": {one.call.value: one.answer.allowed for one in calls},
        "calls_on": {one.call.value: [str(version) for version in one.alone] for one in calls if one.alone},
        "holes": [_hole(hole, source) for hole in _giving(calls)],
        "not_counted": [_hole(hole, source) for hole in more],
        **_releases(source),
    }


def list_text(user: UserName, calls: Sequence[CallAnswered], source: Source, more: Sequence[Hole]) -> str:
    """Everything that a user may do: its grants, what they come to, open calls, and the holes that give it more."""
    reach = source.holdings.state.reach(user)
    rows = [("ROLE", "GRANTS", "KEYS", "WRITTEN AT")]
    for role, permission in _held(user, source):
        rows.append((str(role), permission.access.value, _granted(permission), _written(role, permission, source)))
    lines = [table(rows), ""] if len(rows) > 1 else []
    if source.holdings.is_root(user):
        lines.append(f"{user} holds the role root, which may do everything")
    lines += [f"may read: {_keys(reach.read)}", f"may write: {_keys(reach.write)}"]
    lines.append(f"may call: {', '.join(_call(one) for one in calls if one.answer.allowed) or 'nothing else'}")
    lines += _grounds(source)
    lines += [f"etcd {_having(hole, source)}: {_hole_line(hole)}" for hole in _giving(calls)]
    lines += _not_counted(f"{user} can have more than this", more, source)
    return "\n".join(lines) + "\n"


def _verdict(found: Answered) -> str:
    if found.answer.allowed and not found.answer.by_rules.allowed:
        return f"the server lets {found.user} do that, although the rules do not"
    where = "in the cluster" if found.source.live else "by the spec"
    return f"{found.user} may{'' if found.answer.allowed else ' not'} do that, {where}"


def _reasons(answer: Answer, source: Source) -> Iterator[str]:
    for reason in answer.because:
        if isinstance(reason, Rule):
            yield reason.text
        else:
            permission = reason.permission
            place = _written(reason.role, permission, source)
            yield f"role {reason.role} grants {permission.access.value} on {span_text(permission.span)}" + (
                f" ({place})" if place else ""
            )


def _shares(part: Part) -> Iterator[str]:
    access = "read" if part.need.access is Access.READ else "write"
    if part.allowed and part.denied:
        yield f"may {access}: {_keys(part.allowed)}"
        yield f"may not {access}: {_keys(part.denied)}"


def _grounds(source: Source) -> Iterator[str]:
    """By which release it was judged, where there is something to say of that."""
    if not source.versions:
        yield "by the rules alone: the spec does not name the release of etcd (cluster.etcd, or --etcd VERSION)"
    for version in source.unreviewed:
        yield f"etcd {version} is newer than what was reviewed ({REVIEWED}): its rules and holes may be others"


def _broken(answer: Answer, source: Source) -> Iterator[str]:
    for hole in answer.holes:
        yield f"etcd {_having(hole, source)} does not keep its rules here: {_hole_line(hole)}"


def _not_counted(what: str, found: Sequence[Hole], source: Source) -> Iterator[str]:
    """A block of a line for each hole, or nothing."""
    if found:
        yield ""
        yield f"not counted: on this etcd {what}, by"
    for hole in found:
        yield f"  {hole.id} of etcd {_having(hole, source)}: {hole.consequence}; {_fixed(hole)}"


def _giving(calls: Sequence[CallAnswered]) -> tuple[Hole, ...]:
    """The holes that give calls, each once."""
    return tuple({hole.id: hole for one in calls for hole in one.answer.holes}.values())


def _having(hole: Hole, source: Source) -> str:
    """The releases in use that have the hole."""
    return ", ".join(str(version) for version in source.versions if hole in holes(version))


def _call(one: CallAnswered) -> str:
    on = ", ".join(str(version) for version in one.alone)
    return f"{one.call.value} (on etcd {on} alone)" if on else one.call.value


def _hole_line(hole: Hole) -> str:
    return f"{hole.id}: {hole.title}; {_fixed(hole)}"


def _fixed(hole: Hole) -> str:
    releases = ", ".join(str(version) for version in hole.fixed_in) or "no release"
    return f"fixed in {releases} ({hole.source})"


def _extent(answer: Answer) -> str:
    if answer.allowed:
        return "yes" if answer.by_rules.allowed else "yes, by a hole"
    parts = answer.decision.parts
    if len({part.need.access for part in parts}) == 1:
        return f"only {_keys(SpanSet(span for part in parts for span in part.allowed))}"
    return "only " + ", ".join(f"{part.need.access.value} {_keys(part.allowed)}" for part in parts if part.allowed)


_SHOWN = 4


def _keys(keys: SpanSet) -> str:
    spans = [span_text(span) for span in keys]
    more = f" and {len(spans) - _SHOWN} more" if len(spans) > _SHOWN else ""
    return ", ".join(spans[:_SHOWN]) + more if spans else "nothing"


def _held(user: UserName, source: Source) -> Iterator[tuple[RoleName, Permission]]:
    state = source.holdings.state
    for role in sorted(state.users[user].roles):
        if role in state.roles:
            yield from ((role, permission) for permission in state.roles[role].permissions)


def _granted(permission: Permission) -> str:
    """The keys of a permission; of one without, as old releases stored them, what it is."""
    if permission.has_keys:
        return span_text(permission.span)
    return f"no key: from '{key_text(permission.key)}' to '{key_text(permission.range_end)}'"


def _written(role: RoleName, permission: Permission, source: Source) -> str:
    origin = source.origins.get((role, permission))
    return "" if origin is None else str(origin.place)


def _reason(reason: Reason, source: Source) -> Plain:
    return {"rule": reason.text} if isinstance(reason, Rule) else _grant(reason.role, reason.permission, source)


def _grant(role: RoleName, permission: Permission, source: Source) -> Plain:
    origin = source.origins.get((role, permission))
    return {
        "role": role,
        "access": permission.access.value,
        "keys": _granted(permission),
        "key": permission.key.hex(),
        "range_end": permission.range_end.hex(),
        "file": None if origin is None else origin.place.file,
        "line": None if origin is None else origin.place.line,
        "reason": None if origin is None else origin.reason,
    }


def _part(part: Part) -> Plain:
    return {
        "access": part.need.access.value,
        "keys": span_text(part.need.span),
        "allowed": spans_json(part.allowed),
        "denied": spans_json(part.denied),
    }


def _hole(hole: Hole, source: Source) -> Plain:
    return {
        "id": hole.id,
        "etcd": [str(version) for version in source.versions if hole in holes(version)],
        "title": hole.title,
        "consequence": hole.consequence,
        "fixed_in": [str(version) for version in hole.fixed_in],
        "source": hole.source,
    }


def _releases(source: Source) -> dict[str, Plain]:
    return {
        "etcd": [str(version) for version in source.versions],
        "unreviewed": [str(version) for version in source.unreviewed],
    }
