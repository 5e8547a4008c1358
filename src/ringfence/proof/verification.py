"""What the probes showed, as one value: violations, the matrix, holes of the server, and what stayed unproven."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ringfence.keyspace import Span, SpanSet
from ringfence.model.probe import Operation, Outcome, Verdict
from ringfence.model.text import span_text
from ringfence.proof.v2.findings import FindingV2
from ringfence.proof.v2.verification import ProofV2
from ringfence.proof.violation import Revision, Unproven, Violation


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers that one member gave to one identity, and how many of them took an entry in etcd's raft log."""

    identity: str
    member: str
    outcomes: tuple[Outcome, ...]
    raft_entries: int = 0


@dataclass(frozen=True, slots=True)
class ServerHole:
    """A known hole of a member's etcd.

    ``how`` tells how we know: ``by version`` alone, ``confirmed`` by trying it, or ``not reproduced``: the release
    should have it, and yet this server denied it. That is no proof, for only one harmless form of it is tried; so it
    counts as the others do. ``accepted`` tells whether the spec lives with it.
    """

    id: str
    member: str
    how: str
    accepted: bool
    title: str
    fixed_in: str


@dataclass(frozen=True, slots=True)
class Compaction:
    """Whether the history of the keys can still be compacted, without which the database only grows.

    Args:
        may: for each identity that is to compact whether etcd lets it; none where etcd compacts by itself.
        happened: whether the history was compacted before.
    """

    may: Mapping[str, bool] = field(default_factory=dict)
    happened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The whole proof.

    Args:
        versions: the etcd version of each member, by name.
        asked: every answer.
        segments: the keys of each owner, by its name.
        beyond: violations that no probe found: what the stored users and roles allow to somebody unmanaged.
        unproven: who could not be tried out, in either store.
        revision: of the data of v3; None where that store is not ringfence's business, and was not asked.
        v2: the proof of the other store; None where that one is not.
        findings: what to know of the v2 store beyond the proof, whether or not the spec is for it.
        alarms: names of those that are raised: NOSPACE explains writes that the roles do not allow.
    """

    versions: Mapping[str, str]
    asked: tuple[Asked, ...]
    segments: Mapping[str, SpanSet]
    beyond: tuple[Violation, ...] = ()
    holes: tuple[ServerHole, ...] = ()
    unproven: tuple[Unproven, ...] = ()
    entries_for_holes: int = 0
    revision: Revision | None = field(default_factory=lambda: Revision(0, 0))
    compaction: Compaction = field(default_factory=Compaction)
    v2: ProofV2 | None = None
    findings: tuple[FindingV2, ...] = ()
    alarms: frozenset[str] = frozenset()

    @property
    def apis(self) -> tuple[str, ...]:
        """The stores that were proved."""
        return (*(() if self.v2 is None else ("v2",)), *(() if self.revision is None else ("v3",)))

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Everything that shows a gap in the fence."""
        found = [_violation(asked, outcome) for asked in self.asked for outcome in asked.outcomes if _is_wrong(outcome)]
        in_v2 = () if self.v2 is None else self.v2.violations
        return (*found, *self.beyond, *self._no_compaction(), *in_v2)

    @property
    def holds(self) -> bool:
        """Whether the roles fence: no answer was other than expected. It says nothing about the server's holes."""
        return not self.violations

    @property
    def sound(self) -> bool:
        """Whether the server has no known hole that the spec does not accept, also none that was denied when tried.

        Known holes are those of v3; where that was not asked, none was looked for, and none speaks against it.
        """
        return all(hole.accepted for hole in self.holes)

    @property
    def probes(self) -> int:
        """How many questions were asked."""
        return sum(len(asked.outcomes) for asked in self.asked) + (0 if self.v2 is None else self.v2.probes)

    @property
    def raft_entries(self) -> int:
        """How many entries in etcd's log they took: in v3 one for each transaction that asks for a write, denied or
        not; in v2 one for each write that is allowed."""
        in_v2 = 0 if self.v2 is None else self.v2.raft_entries
        return sum(asked.raft_entries for asked in self.asked) + self.entries_for_holes + in_v2

    @property
    def identities(self) -> tuple[str, ...]:
        """Who was tried out, in the order of asking; once, also where it was in both stores."""
        in_v2 = () if self.v2 is None else self.v2.identities
        return tuple(dict.fromkeys((*(asked.identity for asked in self.asked), *in_v2)))

    def matrix(self) -> dict[str, dict[str, frozenset[Verdict | Operation]]]:
        """For each identity and segment of v3 what some member allowed; a refusal by TLS stands as itself."""
        outcomes: dict[str, list[Outcome]] = {}
        for asked in self.asked:
            outcomes.setdefault(asked.identity, []).extend(asked.outcomes)
        return {
            identity: {owner: _seen(found, spans) for owner, spans in self.segments.items()}
            for identity, found in outcomes.items()
        }

    def _no_compaction(self) -> Iterable[Violation]:
        for identity, may in self.compaction.may.items():
            if not may:
                yield Violation(identity, "(any)", "compact", "the history", "allowed", "denied")


def _is_wrong(outcome: Outcome) -> bool:
    return outcome.verdict is not outcome.probe.expected


def _violation(asked: Asked, outcome: Outcome) -> Violation:
    observed = outcome.verdict.value
    if outcome.verdict is Verdict.ERROR and outcome.detail:
        observed = f"{observed}: {outcome.detail}"
    probe = outcome.probe
    return Violation(
        asked.identity, asked.member, probe.operation.value, span_text(probe.span), probe.expected.value, observed
    )


def _seen(outcomes: Iterable[Outcome], spans: SpanSet) -> frozenset[Verdict | Operation]:
    seen: set[Verdict | Operation] = set()
    for outcome in outcomes:
        if outcome.verdict is Verdict.REFUSED_TLS:
            seen.add(Verdict.REFUSED_TLS)
        elif outcome.verdict is Verdict.ALLOWED and _touches(outcome.probe.span, spans):
            seen.add(outcome.probe.operation)
    return frozenset(seen)


def _touches(span: Span, spans: SpanSet) -> bool:
    return any(span.overlaps(mine) for mine in spans)
