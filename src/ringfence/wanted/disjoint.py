"""The offline proof: each segment's keys, that no two segments share one, and everybody who reaches into each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import ROOT_USER, UserName
from ringfence.wanted.build import Wanted
from ringfence.wanted.segments import Ownership


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody else's reach into a segment: the keys of it that it may read and write."""

    user: UserName
    read: SpanSet
    write: SpanSet


@dataclass(frozen=True, slots=True)
class Plot:
    """One segment: its owner, its keys, and who else reaches some of them (root always does, and is left out)."""

    owner: UserName
    spans: SpanSet
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """All segments, and the number of neighbouring spans that were compared."""

    plots: tuple[Plot, ...]
    compared: int
    shared: tuple[Span, ...]

    @property
    def holds(self) -> bool:
        """Whether no key is in two segments."""
        return not self.shared


def prove(wanted: Wanted) -> Proof:
    """Compare each span with the next: in sorted order, spans that do not meet their neighbour meet nobody.

    This looks at the finished segments, and shares nothing with the code that made them but the order of bytes.
    """
    spans = sorted((span for segment in wanted.segments for span in segment.spans), key=lambda span: span.start)
    neighbours = list(pairwise(spans))
    shared = tuple(one & two for one, two in neighbours if one.overlaps(two))
    return Proof(_plots(wanted), len(neighbours), shared)


def _plots(wanted: Wanted) -> tuple[Plot, ...]:
    owned = Ownership(wanted.segments)
    visits: dict[UserName, list[Visit]] = {segment.owner: [] for segment in wanted.segments}
    for identity in wanted.identities:
        if wanted.state.is_root(identity.user):
            continue
        read, write = owned.reached(identity.reach.read), owned.reached(identity.reach.write)
        for owner in dict.fromkeys((*read, *write)):
            if owner not in {identity.user, ROOT_USER}:
                nothing = SpanSet()
                visits[owner].append(Visit(identity.user, read.get(owner, nothing), write.get(owner, nothing)))
    return tuple(Plot(segment.owner, segment.spans, tuple(visits[segment.owner])) for segment in wanted.segments)
