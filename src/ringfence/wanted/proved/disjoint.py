"""The offline proof: each segment's keys, that no two segments share one, and everybody who reaches into each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import UserName
from ringfence.model.state import Reach
from ringfence.wanted.build import Wanted
from ringfence.wanted.segments.division import Ownership
from ringfence.wanted.segments.owner import Owner


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody's reach into a segment: the keys of it that it may read and write."""

    user: UserName
    read: SpanSet
    write: SpanSet


@dataclass(frozen=True, slots=True)
class Plot:
    """One segment: its owner and its keys.

    ``members`` are the identities that belong to it, with what each reaches of its keys; ``visits`` is everybody else
    who reaches some (root always does, and is left out).
    """

    owner: Owner
    spans: SpanSet
    members: tuple[Visit, ...]
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
    nothing = SpanSet()
    members: dict[Owner, list[Visit]] = {segment.owner: [] for segment in wanted.segments}
    visits: dict[Owner, list[Visit]] = {segment.owner: [] for segment in wanted.segments}
    found: dict[Reach, tuple[dict[Owner, SpanSet], dict[Owner, SpanSet]]] = {}  # many nodes reach the same
    for identity in wanted.identities:
        if identity.reach not in found:
            found[identity.reach] = owned.reached(identity.reach.read), owned.reached(identity.reach.write)
        read, write = (dict(by_owner) for by_owner in found[identity.reach])
        if identity.owner is not None:
            own = Visit(identity.user, read.pop(identity.owner, nothing), write.pop(identity.owner, nothing))
            members[identity.owner].append(own)
        if wanted.state.is_root(identity.user):
            continue
        for owner in dict.fromkeys((*read, *write)):
            visits[owner].append(Visit(identity.user, read.get(owner, nothing), write.get(owner, nothing)))
    return tuple(
        Plot(segment.owner, segment.spans, tuple(members[segment.owner]), tuple(visits[segment.owner]))
        for segment in wanted.segments
    )
