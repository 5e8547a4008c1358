"""One component at one release: what it needs, what is documented, and how these two differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ringfence.catalog.entry import Entry, Form, Line, Remark
from ringfence.keyspace import Span, SpanSet
from ringfence.model.version import Version


@dataclass(frozen=True, slots=True)
class Difference:
    """The lines that only the later, and those that only the earlier of two has."""

    added: tuple[Line, ...]
    removed: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A component as the catalog knows it at the release that was asked for; None: the newest that is known."""

    entry: Entry
    asked: Version | None = None

    @property
    def release(self) -> Version:
        """The release whose lines are shown: the nearest known to the one asked for."""
        return self.entry.release(self.asked)

    @property
    def is_known(self) -> bool:
        """Whether the release that was asked for is one of those that were looked at."""
        return self.asked is None or self.asked.line == self.release.line

    @property
    def needed(self) -> tuple[Line, ...]:
        """What it needs, with whatever options."""
        return tuple(line for line in self.entry.lines if line.is_needed(self.release))

    @property
    def documented(self) -> tuple[Line, ...]:
        """What its documentation lists."""
        return tuple(line for line in self.entry.lines if line.is_documented(self.release))

    @property
    def lacking(self) -> tuple[Line, ...]:
        """What it needs and nobody could tell from the documentation: no documented line covers it."""
        read = _spans(line for line in self.documented if line.access.reads)
        write = _spans(line for line in self.documented if line.access.writes)
        return tuple(
            line
            for line in self.needed
            if not line.is_documented(self.release)
            and not (
                (not line.access.reads or read.covers(_span(line)))
                and (not line.access.writes or write.covers(_span(line)))
            )
        )

    @property
    def too_wide(self) -> tuple[Line, ...]:
        """What is documented and not needed."""
        return tuple(line for line in self.documented if not line.is_needed(self.release))

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What keys alone do not tell, with whatever options."""
        return tuple(remark for remark in self.entry.remarks if remark.releases.holds(self.release))

    def since(self, other: View, *, documented: bool = False) -> Difference:
        """What is new here, and what is gone, compared with another release."""
        here = self.documented if documented else self.needed
        there = other.documented if documented else other.needed
        return Difference(
            tuple(line for line in here if line not in there), tuple(line for line in there if line not in here)
        )


def _spans(lines: Iterable[Line]) -> SpanSet:
    return SpanSet(_span(line) for line in lines)


def _span(line: Line) -> Span:
    """The keys of a line with its placeholders as they stand; of a pattern what comes before its star."""
    path = line.path.encode()
    if line.form is Form.PATTERN and path.endswith(b"*"):
        return Span.of_prefix(path[:-1])
    return Span.of_prefix(path) if line.form is Form.PREFIX else Span.of_key(path)
