"""What the probes of etcd's v2 API showed, as one value. Pure.

It is a part of ``verification.Verification``, which joins it with what was seen in v3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ringfence.model.probe import Operation, Verdict
from ringfence.model.probe_v2 import OperationV2, OutcomeV2
from ringfence.model.v2 import Pattern
from ringfence.proof.violation import Revision, Unproven, Violation
from ringfence.rules.v2.overlaps import reaches

API = "v2"
_ROOT = "(the root)"
_OPERATIONS = {
    OperationV2.READ: Operation.READ,
    OperationV2.READ_TREE: Operation.LIST,
    OperationV2.WRITE: Operation.WRITE,
    OperationV2.DELETE_TREE: Operation.DELETE,
}


@dataclass(frozen=True, slots=True)
class AskedV2:
    """The answers that one member gave to one identity, and how many of them took an entry in etcd's raft log."""

    identity: str
    member: str
    outcomes: tuple[OutcomeV2, ...]
    raft_entries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofV2:
    """The proof of the v2 store.

    Args:
        asked: every answer.
        segments: the patterns of each owner, by its name.
        beyond: violations that no probe found.
        unproven: who could not be tried out.
        index: of the store before and after (``X-Etcd-Index``); probes move it by nothing.
    """

    asked: tuple[AskedV2, ...]
    segments: Mapping[str, frozenset[Pattern]]
    beyond: tuple[Violation, ...] = ()
    unproven: tuple[Unproven, ...] = ()
    index: Revision = field(default_factory=lambda: Revision(0, 0))

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Everything that shows a gap in the fence."""
        return (
            *self.beyond,
            *(_violation(asked, each) for asked in self.asked for each in asked.outcomes if _bad(each)),
        )

    @property
    def holds(self) -> bool:
        """Whether the roles of v2 fence: no answer was other than expected."""
        return not self.violations

    @property
    def probes(self) -> int:
        """How many questions were asked."""
        return sum(len(asked.outcomes) for asked in self.asked)

    @property
    def raft_entries(self) -> int:
        """How many entries in etcd's log they took."""
        return sum(asked.raft_entries for asked in self.asked)

    @property
    def identities(self) -> tuple[str, ...]:
        """Who was tried out, in the order of asking."""
        return tuple(dict.fromkeys(asked.identity for asked in self.asked))

    def matrix(self) -> dict[str, dict[str, frozenset[Verdict | Operation]]]:
        """For each identity and segment the operations that some member allowed; a refusal by TLS stands as itself."""
        outcomes: dict[str, list[OutcomeV2]] = {}
        for asked in self.asked:
            outcomes.setdefault(asked.identity, []).extend(asked.outcomes)
        return {
            identity: {owner: _seen(found, patterns) for owner, patterns in self.segments.items()}
            for identity, found in outcomes.items()
        }


def _bad(outcome: OutcomeV2) -> bool:
    return outcome.verdict is not outcome.probe.expected


def _violation(asked: AskedV2, outcome: OutcomeV2) -> Violation:
    observed = outcome.verdict.value
    if outcome.verdict is Verdict.ERROR and outcome.detail:
        observed = f"{observed}: {outcome.detail}"
    probe = outcome.probe
    path = probe.path or _ROOT
    return Violation(asked.identity, asked.member, probe.operation.value, path, probe.expected.value, observed, API)


def _seen(outcomes: Iterable[OutcomeV2], patterns: frozenset[Pattern]) -> frozenset[Verdict | Operation]:
    seen: set[Verdict | Operation] = set()
    for outcome in outcomes:
        if outcome.verdict is Verdict.REFUSED_TLS:
            seen.add(Verdict.REFUSED_TLS)
        elif outcome.verdict is Verdict.ALLOWED and _within(outcome.probe.path, patterns):
            seen.add(_OPERATIONS[outcome.probe.operation])
    return frozenset(seen)


def _within(path: str, patterns: frozenset[Pattern]) -> bool:
    return any(reaches(pattern, path.rstrip("/")) for pattern in patterns)
