"""The proof for people and for programs: a matrix, what went wrong, and one line of truth."""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.model.probe import Operation, Verdict
from ringfence.proof.verification import ServerHole, Unproven, Verification, Violation
from ringfence.reports.table import counted, table


def verification_json(result: Verification) -> dict[str, object]:
    """The JSON contract of ``verify`` and ``demo``."""
    return {
        "holds": result.holds,
        "etcd": sorted(set(result.versions.values())),
        "members": len(result.versions),
        "identities": len(result.identities),
        "probes": result.probes,
        "raft_entries": result.raft_entries,
        "violations": [
            {
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
            "sound": result.sound,
            "holes": [
                {"id": hole.id, "member": hole.member, "how": hole.how, "accepted": hole.accepted}
                for hole in result.holes
            ],
        },
        "unproven": [{"identity": each.identity, "why": each.why} for each in result.unproven],
        "compaction": {"may": dict(result.compaction.may), "happened": result.compaction.happened},
        "revision": {
            "before": result.revision.before,
            "after": result.revision.after,
            "others": result.revision.others,
        },
    }


def verification_text(result: Verification) -> str:
    """The matrix, then what is wrong, then the truth: first about the roles, then about the server."""
    parts = [_matrix(result)]
    if result.violations:
        parts.append("\n".join(["Violations:", *_violations(result.violations)]))
    if result.unproven:
        parts.append("\n".join(["Unproven:", *_unproven(result.unproven)]))
    if result.holes:
        parts.append("\n".join(["Known holes of this etcd, which no role can close:", *_holes(result.holes)]))
    last = (_asked_line, _revision_line, _compaction_line, _roles_line, _server_line)
    parts.append("\n".join(line(result) for line in last))
    return "\n\n".join(parts)


_SHOWN = 20
"""How many violations the text names; the JSON has all."""

_ALIKE = 3
"""More identities than this that are unproven for one reason, or differ in their node alone, are one line."""


def _matrix(result: Verification) -> str:
    owners = list(result.segments)
    alike: dict[tuple[str, ...], list[str]] = {}
    for identity, cells in result.matrix().items():
        kind = identity.partition(".")[0] if "." in identity else identity
        alike.setdefault((kind, *(_cell(cells[owner]) for owner in owners)), []).append(identity)
    rows = [["identity", *owners]]
    for (_, *words), names in alike.items():
        shown = names if len(names) <= _ALIKE else [f"{names[0]} and {len(names) - 1:,} alike"]
        rows += [[name, *words] for name in shown]
    return table(rows)


def _unproven(unproven: tuple[Unproven, ...]) -> Iterable[str]:
    """A line for each, or for all that are so for one reason."""
    reasons: dict[str, list[str]] = {}
    for each in unproven:
        reasons.setdefault(each.why, []).append(each.identity)
    for why, names in reasons.items():
        shown = names if len(names) <= _ALIKE else [f"{names[0]} and {len(names) - 1:,} more"]
        yield from (f"  {name}: {why}" for name in shown)


def _cell(seen: frozenset[Verdict | Operation]) -> str:
    if Verdict.REFUSED_TLS in seen:
        return "refused by TLS"
    reads = bool(seen & {Operation.READ, Operation.LIST, Operation.WATCH})
    writes = bool(seen & {Operation.WRITE, Operation.DELETE})
    return {(True, True): "read+write", (True, False): "read", (False, True): "write"}.get((reads, writes), "-")


def _violations(violations: tuple[Violation, ...]) -> Iterable[str]:
    for each in violations[:_SHOWN]:
        yield (
            f"  {each.identity}: {each.operation} {each.key} on {each.member}: "
            f"expected {each.expected}, was {each.observed}"
        )
    if len(violations) > _SHOWN:
        yield f"  and {counted(len(violations) - _SHOWN, 'more', 'more')} (all of them with -o json)"


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
    others = f", {counted(result.revision.others, 'write')} by others meanwhile" if result.revision.others else ""
    return f"Revision {result.revision.before} before, {result.revision.after} after{others}."


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
        left = counted(len(result.unproven), "identity", "identities")
        return f"The roles fence as far as they were tried: {left} unproven."
    return "The roles fence: every identity reaches its own keys and no others."


def _server_line(result: Verification) -> str:
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
