"""What should be in the v2 store, as values: identities, segments of patterns, and the state that follows."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.errors import Place
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import UserName
from ringfence.model.v2 import Pattern, ReachV2, StateV2
from ringfence.wanted.components.part import Certified
from ringfence.wanted.segments.owner import Owner
from ringfence.wanted.v2.paths import region


@dataclass(frozen=True, slots=True)
class SegmentV2:
    """The patterns of the paths that belong to one owner."""

    owner: Owner
    patterns: frozenset[Pattern]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityV2:
    """A component that logs in to v2.

    Args:
        user: its name in etcd.
        label: what it is, as of an identity of v3.
        owner: the segment that it belongs to.
        certificates: what it logs in with.
        reach: what its role allows.
        place: where it is written.
    """

    user: UserName
    label: str
    owner: Owner
    certificates: tuple[Certified, ...]
    reach: ReachV2
    place: Place


@dataclass(frozen=True, slots=True)
class WantedV2:
    """What should be in the v2 store; ``notes`` is what to know of it although it is right."""

    state: StateV2
    identities: tuple[IdentityV2, ...]
    segments: tuple[SegmentV2, ...]
    notes: tuple[str, ...] = ()

    @property
    def shared(self) -> tuple[Span, ...]:
        """Paths that two segments have in common, because a pattern that is shared in part is its owner's too."""
        regions = [SpanSet(span for each in one.patterns for span in region(each)) for one in self.segments]
        spans = sorted((span for keys in regions for span in keys), key=lambda span: span.start)
        found: list[Span] = []
        furthest: Span | None = None
        for span in spans:
            if furthest is not None and furthest.overlaps(span):
                found.append(furthest & span)
            if furthest is None or _is_later(span, furthest):
                furthest = span
        return tuple(found)


def _is_later(one: Span, two: Span) -> bool:
    """Whether ``one`` ends after ``two``."""
    return two.end is not None and (one.end is None or one.end > two.end)
