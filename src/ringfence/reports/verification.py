"""The proof for people and for programs: a matrix, what went wrong, and one line of truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ringfence.model.probe import Operation, Verdict
from ringfence.proof.v2.findings import FindingV2
from ringfence.proof.verification import ServerHole, Verification
from ringfence.proof.violation import Revision, Unproven, Violation
from ringfence.reports.table import counted, table


def verification_json(result: Verification) -> dict[str, object]:
    """The JSON contract of ``verify`` and ``demo``."""
    in_v2 = None if result.v2 is None else result.v2.index
    return {
        "holds": result.holds,
        "api": list(result.apis),
        "etcd": sorted(set(result.versions.values())),
        "members": len(result.versions),
        "identities": len(result.identities),
        "probes": result.probes,
        "raft_entries": result.raft_entries,
        "violations": [
            {
                "api": each.api,
                "identity": each.identity,
                "member": each.member,
                "operation": each.operation,
                "key": each.key,
                "expected": each.expected,
                "observed": each.observed,
            }
            for each in result.violations
        ],
        "server": {
            "sound": result.sound if result.revision is not None else None,
            "holes": [
                {"id": hole.id, "member": hole.member, "how": hole.how, "accepted": hole.accepted}
                for hole in result.holes
            ],
        },
        "unproven": [{"api": each.api, "identity": each.identity, "why": each.why} for each in result.unproven],
        "compaction": {"may": dict(result.compaction.may), "happened": result.compaction.happened},
        "revision": None if result.revision is None else _revision_json(result.revision),
        "alarms": sorted(result.alarms),
        "findings": [{"kind": each.kind.value, "what": each.what, "hint": each.hint} for each in result.findings],
        **({} if in_v2 is None else {"index": _revision_json(in_v2)}),
    }


def _revision_json(revision: Revision) -> dict[str, int]:
    return {"before": revision.before, "after": revision.after, "others": revision.others}


def verification_text(result: Verification) -> str:
    """The matrix, then what is wrong, then the truth: first about the roles, then about the server."""
    named = result.v2 is not None
    parts = [] if result.revision is None else [_matrix(result.segments, result.matrix(), "v3" if named else "")]
    if result.v2 is not None:
        parts.append(_matrix(result.v2.segments, result.v2.matrix(), "v2"))
    if result.violations:
        parts.append("\n".join(["Violations:", *_violations(result.violations, named=named)]))
    if result.alarms:
        parts.append("\n".join(_alarm(name) for name in sorted(result.alarms)))
    if result.unproven:
        parts.append("\n".join(["Unproven:", *_unproven(result.unproven, named=named)]))
    if result.findings:
        parts.append("\n".join(["The v2 store:", *_findings(result.findings)]))
    if result.holes:
        parts.append("\n".join(["Known holes of this etcd, which no role can close:", *_holes(result.holes)]))
    only_v3 = (_revision_line, _compaction_line) if result.revision is not None else ()
    lines = [line(result) for line in (_asked_line, *only_v3, _index_line, _roles_line, _server_line)]
    parts.append("\n".join(line for line in lines if line))
    return "\n\n".join(parts)


_SHOWN = 20
"""How many violations the text names; the JSON has all."""

_ALIKE = 3
"""More identities than this that are unproven for one reason, or differ in their node alone, are one line."""


def _matrix(
    segments: Iterable[str], matrix: Mapping[str, Mapping[str, frozenset[Verdict | Operation]]], api: str
) -> str:
    owners = list(segments)
    alike: dict[tuple[str, ...], list[str]] = {}
    for identity, cells in matrix.items():
        kind = identity.partition(".")[0] if "." in identity else identity
        alike.setdefault((kind, *(_cell(cells[owner]) for owner in owners)), []).append(identity)
    rows = [[f"in {api}" if api else "identity", *owners]]
    for (_, *words), names in alike.items():
        shown = names if len(names) <= _ALIKE else [f"{names[0]} and {len(names) - 1:,} alike"]
        rows += [[name, *words] for name in shown]
    return table(rows)


def _unproven(unproven: tuple[Unproven, ...], *, named: bool) -> Iterable[str]:
    """A line for each, or for all that are so for one reason in one store."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for each in unproven:
        reasons.setdefault((each.why, each.api), []).append(each.identity)
    for (why, api), names in reasons.items():
        shown = names if len(names) <= _ALIKE else [f"{names[0]} and {len(names) - 1:,} more"]
        yield from (f"  {name}{f' in {api}' if named else ''}: {why}" for name in shown)


def _cell(seen: frozenset[Verdict | Operation]) -> str:
    if Verdict.REFUSED_TLS in seen:
        return "refused by TLS"
    reads = bool(seen & {Operation.READ, Operation.LIST, Operation.WATCH})
    writes = bool(seen & {Operation.WRITE, Operation.DELETE})
    return {(True, True): "read+write", (True, False): "read", (False, True): "write"}.get((reads, writes), "-")


def _violations(violations: tuple[Violation, ...], *, named: bool) -> Iterable[str]:
    for each in violations[:_SHOWN]:
        where = f" in {each.api}" if named else ""
        yield (
            f"  {each.identity}{where}: {each.operation} {each.key} on {each.member}: "
            f"expected {each.expected}, was {each.observed}"
        )
    if len(violations) > _SHOWN:
        yield f"  and {counted(len(violations) - _SHOWN, 'more', 'more')} (all of them with -o json)"


def _alarm(name: str) -> str:
    told = ": until that is over no member tells who may write, and etcd 3.4 and 3.5 let in who may not"
    return f"The alarm {name} is raised{told if name == 'NOSPACE' else ''}. docs/runbook.md says what to do."


def _findings(findings: tuple[FindingV2, ...]) -> Iterable[str]:
    for each in findings:
        yield f"  {each.what}"
        yield f"    hint: {each.hint}"


def _holes(holes: tuple[ServerHole, ...]) -> Iterable[str]:
    members: dict[tuple[str, str, str, str, bool], list[str]] = {}
    for hole in holes:
        members.setdefault((hole.id, hole.title, hole.how, hole.fixed_in, hole.accepted), []).append(hole.member)
    for (id_, title, how, fixed_in, accepted), names in members.items():
        verdict = "accepted in the spec" if accepted else "NOT ACCEPTED"
        known = f"{how}: denied when tried, in the one form that is harmless" if how == "not reproduced" else how
        yield f"  {verdict}: {id_} on {', '.join(names)} ({known}): {title}; fixed in {fixed_in}"


def _asked_line(result: Verification) -> str:
    return (
        f"Asked {counted(result.probes, 'probe')} as {counted(len(result.identities), 'identity', 'identities')} "
        f"on {counted(len(result.versions), 'member')} (etcd {', '.join(sorted(set(result.versions.values())))}); "
        f"{counted(result.raft_entries, 'entry', 'entries')} in the raft log, no key, value or revision."
    )


def _revision_line(result: Verification) -> str:
    return "" if result.revision is None else _counted_line("Revision", result.revision)


def _index_line(result: Verification) -> str:
    return "" if result.v2 is None else _counted_line("Index of v2", result.v2.index)


def _counted_line(what: str, revision: Revision) -> str:
    others = f", {counted(revision.others, 'write')} by others meanwhile" if revision.others else ""
    return f"{what} {revision.before} before, {revision.after} after{others}."


def _compaction_line(result: Verification) -> str:
    before = "history was compacted before" if result.compaction.happened else "none was seen so far"
    if not result.compaction.may:
        return f"Compaction: by etcd itself; {before}."
    who = ", ".join(f"{name} {'may' if may else 'MAY NOT'}" for name, may in result.compaction.may.items())
    return f"Compaction: {who}; {before}."


def _roles_line(result: Verification) -> str:
    if not result.holds:
        return f"The roles DO NOT FENCE: {counted(len(result.violations), 'violation')}."
    if result.unproven:
        left = counted(len({each.identity for each in result.unproven}), "identity", "identities")
        return f"The roles fence as far as they were tried: {left} unproven."
    return "The roles fence: every identity reaches its own keys and no others."


def _server_line(result: Verification) -> str:
    if result.revision is None:
        return "Known holes of etcd are those of v3, which the spec leaves alone: none was looked for."
    if not result.holes:
        return "The server keeps them: no known hole in this version."
    counting = [hole for hole in result.holes if result.sound or not hole.accepted]
    count = counted(len({hole.id for hole in counting}), "known hole")
    denied = all(hole.how == "not reproduced" for hole in counting)
    verdict = "The server MAY NOT KEEP THEM" if denied else "The server DOES NOT KEEP THEM"
    if result.sound:
        return f"{verdict} against an attacker: {count}, accepted in the spec{'; denied when tried' if denied else ''}."
    advice = "denied when tried: if its fix was backported, accept it by name" if denied else "upgrade etcd"
    return f"{verdict}: {count} not accepted in the spec; {advice}."
