"""Another access type for a permission whose key stands more than once in its role, without a gap.

RoleGrantPermission replaces the first stored permission whose key is not smaller, if its range end is equal too, and
else appends; RoleRevokePermission takes away by the exact bytes (etcd ``server/auth/store.go``, every release up to
3.7.1). Where a key stands once, a grant replaces. Where it stands twice, nobody outside knows which entry is first, so
a narrower type cannot simply be granted: the wider entry might stay. Revoking first would leave a moment in which the
access that both ends of the change allow is gone.

The way out is searched: the shortest sequence of calls on the entries concerned, with temporary permissions on parts
of their keys where something must be bridged, such that no step takes away what both ends allow, none allows what
neither does, and none depends on the order in which etcd stores its entries.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from ringfence.keyspace import EVERYTHING, Span, SpanSet
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Reach

Place = tuple[bytes, bytes]
"""Key and range end, byte for byte."""

LARGEST = 8
"""Places that are searched together; more than two on one key have not been seen outside of tests."""

_MOST = 10_000
"""States that are looked at; what is found at all is mostly found within some hundreds."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One RoleGrantPermission; ``was`` is the access that the call replaces."""

    permission: Permission
    was: Access | None = None


@dataclass(frozen=True, slots=True)
class Revoke:
    """One RoleRevokePermission."""

    permission: Permission


Step = Grant | Revoke

Entries = frozenset[tuple[Place, Access, int]]
"""What is stored on these keys, and the bridges; numbered, for etcd can hold several entries at one place."""


def way(
    stored: Mapping[Place, Sequence[Access]],
    wanted: Mapping[Place, Access],
    outside: Reach,
    before: Reach,
    after: Reach,
) -> list[Step] | None:
    """The shortest way from what is stored on some keys to what is wanted there.

    Args:
        stored: the access types that etcd stores at each place of these keys, several where it appended.
        wanted: the access type that each place is to have; places that are not in it are revoked.
        outside: what the rest of the role allows all the while.
        before, after: what the whole role allows at the two ends of the change.

    Returns:
        The calls in order, or None where no way without a gap was found.
    """
    if len(stored.keys() | wanted.keys()) > LARGEST:
        return None
    start: Entries = frozenset((place, access, n) for place, types in stored.items() for n, access in enumerate(types))
    goal: Entries = frozenset((place, access, 0) for place, access in wanted.items())
    keep = Reach(before.read & after.read, before.write & after.write)
    most = Reach(before.read | after.read, before.write | after.write)
    grants = tuple(dict.fromkeys([*_at_known_places(stored, wanted, most), *_bridges(stored, wanted, outside, keep)]))
    order = count()
    open_ends: list[tuple[int, int, Entries, tuple[Step, ...]]] = [(_left(start, goal), next(order), start, ())]
    seen: set[Entries] = set()
    while open_ends and len(seen) < _MOST:
        _, _, here, steps = heapq.heappop(open_ends)
        if here == goal:
            return list(steps)
        if here in seen:
            continue
        seen.add(here)
        for step, there in _moves(here, grants):
            if there not in seen and _keeps(there, outside, keep):
                cost = len(steps) + 1 + _left(there, goal)
                heapq.heappush(open_ends, (cost, next(order), there, (*steps, step)))
    return None


def _left(here: Entries, goal: Entries) -> int:
    """The fewest calls that can be left: one for each place that is not as wanted."""
    return len({place for place, _, _ in here ^ goal})


def _moves(here: Entries, grants: tuple[Permission, ...]) -> Iterator[tuple[Step, Entries]]:
    """Every call that has the same effect however etcd orders its entries."""
    for place in sorted({place for place, _, _ in here}):
        access = _joined(here, place)
        yield Revoke(Permission(access, *place)), _without(here, place)
    for permission in grants:
        place, there = permission.place, _without(here, permission.place)
        if there == here:
            yield Grant(permission), here | {(place, permission.access, 0)}
        elif not any(other[0] == permission.key for other, _, _ in there) and len(here) - len(there) == 1:
            yield Grant(permission, _joined(here, place)), there | {(place, permission.access, 0)}


def _at_known_places(
    stored: Mapping[Place, Sequence[Access]], wanted: Mapping[Place, Access], most: Reach
) -> Iterator[Permission]:
    """What is wanted, and the other types at the same places that allow nothing new."""
    yield from (Permission(access, *place) for place, access in wanted.items())
    for place in (*wanted, *stored):
        for access in Access:
            span = Permission(access, *place).span
            if (not access.reads or most.read.covers(span)) and (not access.writes or most.write.covers(span)):
                yield Permission(access, *place)


def _bridges(
    stored: Mapping[Place, Sequence[Access]], wanted: Mapping[Place, Access], outside: Reach, keep: Reach
) -> Iterator[Permission]:
    """Permissions on parts of what must be kept, at places that nothing else of the role uses."""
    for access, kept, covered in (
        (Access.READ, keep.read, outside.read),
        (Access.WRITE, keep.write, outside.write),
        (Access.READWRITE, keep.read & keep.write, outside.read & outside.write),
    ):
        edges = sorted({Permission(access, *place).span for place in (*stored, *wanted)}, key=_ends)
        for span in (*edges, EVERYTHING):
            for part in SpanSet([span]) & kept - covered:
                for piece in _pieces(part, edges):
                    for permission in _spellings(access, piece):
                        if permission.place not in stored and permission.place not in wanted:
                            yield permission


def _pieces(part: Span, edges: list[Span]) -> Iterator[Span]:
    """The part whole, cut at the ends of the other entries, and cut behind its first key."""
    cuts = [edge.end for edge in edges if edge.end is not None and edge.end in part and edge.end != part.start]
    yield part
    for cut in cuts:
        yield Span(cut, part.end)
        yield Span(part.start, cut)
    first = Span.of_key(part.start)
    yield first
    if first != part:
        yield Span(part.start + b"\x00", part.end)


def _spellings(access: Access, span: Span) -> Iterator[Permission]:
    """The permission on a span; a single key can be said in two ways."""
    yield Permission.on_span(access, span)
    if span.is_key:
        yield Permission(access, span.start, span.start + b"\x00")


def _keeps(entries: Entries, outside: Reach, keep: Reach) -> bool:
    spans = [(Permission(access, *place).span, access) for place, access, _ in entries]
    read = SpanSet([*outside.read, *(span for span, access in spans if access.reads)])
    write = SpanSet([*outside.write, *(span for span, access in spans if access.writes)])
    return read.covers(keep.read) and write.covers(keep.write)


def _joined(entries: Entries, place: Place) -> Access:
    types = {access for here, access, _ in entries if here == place}
    return types.pop() if len(types) == 1 else Access.READWRITE


def _without(entries: Entries, place: Place) -> Entries:
    return frozenset(entry for entry in entries if entry[0] != place)


def _ends(span: Span) -> tuple[bytes, bool, bytes]:
    return span.start, span.end is None, span.end or b""
