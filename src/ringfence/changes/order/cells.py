"""Some keys cut into cells that no permission of a role cuts any further, so that sets of them are whole numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from ringfence.keyspace import Span, SpanSet
from ringfence.model.permission import Access


class Cells:
    """The cells of some keys. A mask has a bit for reading and one for writing each of them."""

    __slots__ = ("_cells", "_starts")

    def __init__(self, keys: SpanSet, cuts: Iterable[bytes]) -> None:
        ordered = sorted(set(cuts))
        self._cells = tuple(cell for span in keys for cell in _cut(span, ordered))
        self._starts = [cell.start for cell in self._cells]

    def mask(self, access: Access | None, span: Span) -> int:
        """What an access type allows on a span that ends where keys were cut; no access allows nothing."""
        if access is None or not span:
            return 0
        first = bisect_left(self._starts, span.start)
        last = len(self._starts) if span.end is None else bisect_left(self._starts, span.end)
        some = (1 << last) - (1 << first) if last > first else 0
        return (some if access.reads else 0) | (some << len(self._cells) if access.writes else 0)

    def hull(self, mask: int) -> tuple[Access, Span]:
        """The smallest access type on one span that allows all of a mask, which must not be empty."""
        written, read = divmod(mask, 1 << len(self._cells))
        access = Access.READ if not written else Access.READWRITE if read else Access.WRITE
        either = written | read
        first, last = (either & -either).bit_length() - 1, either.bit_length() - 1
        return access, Span(self._starts[first], self._cells[last].end)


def _cut(span: Span, cuts: list[bytes]) -> Iterator[Span]:
    start = span.start
    for cut in cuts[bisect_left(cuts, start) :]:
        if cut not in span:
            break
        if cut != start:
            yield Span(start, cut)
            start = cut
    yield Span(start, span.end)
