"""Which keys belong to whom, and that no key belongs to two.

An owner's segment is what it is granted, less what it takes from others on purpose: a grant with ``shares-with``
reaches into the named owners' keys, and those stay theirs. Everything else that two owners have in common is a
problem. One sorted sweep over all spans finds it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ringfence.errors import Place, Problem
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import RoleName
from ringfence.model.text import span_text
from ringfence.wanted.segments.grants import Granted
from ringfence.wanted.segments.owner import Owner


@dataclass(frozen=True, slots=True)
class Segment:
    """The keys that belong to one owner: an identity, or a family of which each identity reaches a part."""

    owner: Owner
    spans: SpanSet


@dataclass(frozen=True, slots=True)
class _Piece:
    """Keys that an owner claims, and the grant that claims them."""

    span: Span
    owner: Owner
    place: Place


def divide(owners: Mapping[Owner, Sequence[Granted]]) -> tuple[tuple[Segment, ...], tuple[Problem, ...]]:
    """The segment of each owner, and what two owners have in common without saying so."""
    claims = {owner: claim(grants) for owner, grants in owners.items()}
    pieces: list[_Piece] = []
    for owner, grants in owners.items():
        for grant in grants:
            foreign = [claims[Owner(name)] for name in grant.shares_with if name in claims and name != owner]
            keys = grant.keys - _union(foreign) if foreign else grant.keys
            pieces += (_Piece(span, owner, grant.place) for span in keys)
    spans: dict[Owner, list[Span]] = {owner: [] for owner in owners}
    for piece in pieces:
        spans[piece.owner].append(piece.span)
    return tuple(Segment(owner, SpanSet(found)) for owner, found in spans.items()), tuple(_sweep(pieces))


def trespasses(roles: Mapping[RoleName, Sequence[Granted]], segments: Sequence[Segment]) -> Iterator[Problem]:
    """Where a role of the spec reaches into a segment whose owner it does not name."""
    owned = Ownership(segments)
    for grants in roles.values():
        for grant in grants:
            for owner, keys in owned.reached(grant.keys).items():
                if owner not in grant.shares_with:
                    hint = f"if that is meant: shares-with: [{owner}]"
                    yield Problem(f"{_common(keys)} belongs to {owner}", grant.place, hint)


class Ownership:
    """All segments by their keys, so that whoever holds some keys is told whose they are without asking everybody."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._owned = sorted(
            ((span, segment.owner) for segment in segments for span in segment.spans), key=lambda owned: owned[0].start
        )
        self._starts = [span.start for span, _ in self._owned]

    def reached(self, keys: SpanSet) -> dict[Owner, SpanSet]:
        """The owners of some of ``keys``, each with what of ``keys`` is its own."""
        found: dict[Owner, list[Span]] = {}
        for span in keys:
            for index in range(max(0, bisect_right(self._starts, span.start) - 1), len(self._owned)):
                owned, owner = self._owned[index]
                if span.end is not None and owned.start >= span.end:
                    break
                if both := span & owned:
                    found.setdefault(owner, []).append(both)
        return {owner: SpanSet(spans) for owner, spans in found.items()}


def claim(grants: Iterable[Granted]) -> SpanSet:
    """What an owner holds without sharing: nobody else's by any reading."""
    return _union(grant.keys for grant in grants if not grant.shares_with)


def _union(sets: Iterable[SpanSet]) -> SpanSet:
    return SpanSet(span for keys in sets for span in keys)


def _sweep(pieces: Iterable[_Piece]) -> Iterator[Problem]:
    """One problem for each piece that meets keys of another owner: with the one that reaches furthest so far.

    Two candidates are enough: the piece that ends last, and the one that ends last among the other owners.
    """
    last: _Piece | None = None
    other: _Piece | None = None
    for piece in sorted(pieces, key=lambda piece: piece.span.start):
        rival = last if last is None or last.owner != piece.owner else other
        if rival is not None and rival.span.overlaps(piece.span):
            yield _overlap(rival, piece)
        if last is None or _ends_later(piece, last):
            if last is not None and last.owner != piece.owner:
                other = last
            last = piece
        elif piece.owner != last.owner and (other is None or _ends_later(piece, other)):
            other = piece


def _ends_later(one: _Piece, two: _Piece) -> bool:
    if two.span.end is None:
        return False
    return one.span.end is None or one.span.end > two.span.end


def _overlap(one: _Piece, two: _Piece) -> Problem:
    """Placed at the one that is written later."""
    first, second = sorted((one, two), key=lambda piece: (piece.place.line or 0, piece.place.path))
    return Problem(
        f"{span_text(one.span & two.span)} is in the segment of {second.owner} and in that of {first.owner} "
        f"({first.place})",
        second.place,
        f"narrow one of them with except, or say shares-with: [{first.owner}] if {first.owner} owns those keys",
    )


def _common(keys: SpanSet) -> str:
    spans = [span_text(span) for span in keys]
    return ", ".join(spans[:3]) + (f" and {len(spans) - 3} more" if len(spans) > 3 else "")
