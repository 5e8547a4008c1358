"""The second half of the proof: each span of each segment, put to etcd's own rules, and nobody answers but the invited.

It asks the evaluator, user by user; the table of visits comes from the union of grants. That the two agree is the
point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import UserName
from ringfence.model.permission import Access, Permission
from ringfence.rules.answer import who_can
from ringfence.rules.holdings import Holdings
from ringfence.rules.requests import DeleteRange, Range
from ringfence.wanted.build import Wanted
from ringfence.wanted.proved.disjoint import Plot, Proof
from ringfence.wanted.segments.owner import Owner


@dataclass(frozen=True, slots=True)
class Intruder:
    """Somebody who reaches keys of a segment and is neither root nor among its members and visitors."""

    user: UserName
    owner: Owner
    access: Access
    keys: SpanSet


@dataclass(frozen=True, slots=True)
class Closure:
    """How many questions were asked, and who answered uninvited."""

    questions: int
    intruders: tuple[Intruder, ...]


def close(wanted: Wanted, proof: Proof) -> Closure:
    """Ask who can read and who can write each span of each segment."""
    holdings = Holdings(wanted.state)
    questions = 2 * sum(len(plot.spans.spans) for plot in proof.plots)
    found = [intruder for plot in proof.plots for intruder in _intruders(plot, holdings)]
    return Closure(questions, tuple(found))


def _intruders(plot: Plot, holdings: Holdings) -> Iterator[Intruder]:
    invited = {visit.user: visit for visit in (*plot.members, *plot.visits)}
    for span in plot.spans:
        for access in (Access.READ, Access.WRITE):
            for user, answer in who_can(holdings, _request(access, span)):
                if holdings.is_root(user):
                    continue
                reached = SpanSet(keys for part in answer.decision.parts for keys in part.allowed)
                visit = invited.get(user)
                expected = SpanSet() if visit is None else visit.read if access is Access.READ else visit.write
                if beyond := reached - expected:
                    yield Intruder(user, plot.owner, access, beyond)


def _request(access: Access, span: Span) -> Range | DeleteRange:
    key, range_end = Permission.on_span(access, span).place
    return Range(key, range_end) if access is Access.READ else DeleteRange(key, range_end)
