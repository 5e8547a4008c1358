"""Reading one file strictly: cursors over YAML nodes that collect every problem instead of stopping at the first.

A reader method returns None where the value cannot be used, and has then noted why. It knows types, never meanings:
what a prefix or a duration is stands in the modules that read the sections.
"""

from __future__ import annotations

import difflib
import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ringfence.errors import Place, Problem
from ringfence.yamlio import nodes

Choice = TypeVar("Choice", bound=enum.Enum)
Value = TypeVar("Value")

_MOST_WORDS = 20
"""More known words than this are counted in a hint."""

LATER = "is not supported yet by this version"
"""Said of a word that the spec knows and this release cannot carry out."""


@dataclass(slots=True)
class Report:
    """The problems of one file, in the order in which they were found."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def in_order(self) -> tuple[Problem, ...]:
        """All problems, sorted by line."""
        return tuple(sorted(self.problems, key=lambda found: (found.place and found.place.line) or 0))


@dataclass(frozen=True, slots=True)
class Cursor:
    """A value in the file: its node, the line where it is written and the keys that lead to it."""

    node: nodes.Node
    line: int
    path: str
    report: Report

    @property
    def place(self) -> Place:
        """Where the value stands."""
        return Place(self.report.file, self.line, self.path)

    def problem(self, what: str, hint: str | None = None) -> None:
        """Note that something is wrong with this value."""
        self.report.problems.append(Problem(what, self.place, hint))

    def text(self) -> str | None:
        """The value as text; numbers and truth values written without quotes are the text that they are."""
        if not isinstance(self.node, nodes.Scalar):
            self._wrong("text")
            return None
        if self.node.is_null:
            self.problem("is empty", "give it a value, or remove the key")
            return None
        return self.node.text

    def flag(self) -> bool | None:
        """``true`` or ``false``, without quotes."""
        if isinstance(self.node, nodes.Scalar) and self.node.plain and self.node.text in {"true", "false"}:
            return self.node.text == "true"
        self._wrong("true or false, without quotes")
        return None

    def number(self) -> int | None:
        """A whole number, without quotes."""
        if isinstance(self.node, nodes.Scalar) and self.node.plain and self.node.text.isdecimal():
            return int(self.node.text[:18])
        self._wrong("a whole number, without quotes")
        return None

    def word(self, known: Iterable[str], later: Iterable[str] = ()) -> str | None:
        """One of the ``known`` words; those of ``later`` are refused for now.

        Returns:
            the word, or None.
        """
        known, later = tuple(known), tuple(later)
        if not isinstance(self.node, nodes.Scalar):
            self._wrong(f"one of {', '.join(known)}")
            return None
        written = self.text()
        if written is None or written in known:
            return written
        if written in later:
            self.problem(f"{written} {LATER}", f"it knows {', '.join(known)}")
        else:
            self.problem(f"{shown(written)} is not one of {', '.join(known)}", nearest(written, (*known, *later)))
        return None

    def enum(self, kind: type[Choice], later: Iterable[str] = ()) -> Choice | None:
        """The member of ``kind`` whose value is written here."""
        written = self.word([member.value for member in kind], later)
        return None if written is None else kind(written)

    def items(self) -> Iterator[Cursor]:
        """The items of a list; nothing where it is none."""
        if not isinstance(self.node, nodes.Sequence):
            self._wrong("a list")
            return
        for index, item in enumerate(self.node.items):
            yield Cursor(item, item.extent.line, f"{self.path}[{index}]", self.report)

    @property
    def is_empty_list(self) -> bool:
        """Whether the value is a list without items."""
        return isinstance(self.node, nodes.Sequence) and not self.node.items

    def texts(self) -> Iterator[tuple[Cursor, str]]:
        """The items of a list of texts that are usable, each with its cursor."""
        for item in self.items():
            written = item.text()
            if written is not None:
                yield item, written

    def named(self) -> Iterator[tuple[str, Cursor]]:
        """The entries of a mapping whose keys the operator chooses; a key that stands twice is a problem."""
        if not isinstance(self.node, nodes.Mapping):
            self._wrong("a mapping")
            return
        seen: dict[str, int] = {}
        for key, value in self.node.entries:
            here = Cursor(value, key.extent.line, self.path, self.report)
            if not isinstance(key, nodes.Scalar):
                here.problem("a key must be a word")
                continue
            line = key.extent.line if isinstance(value, nodes.Mapping | nodes.Sequence) else value.extent.line
            step = key.text if key.text.replace("-", "").replace("_", "").isalnum() else shown(key.text)
            here = Cursor(value, line, f"{self.path}.{step}" if self.path else step, self.report)
            if key.text in seen:
                here.problem(f"is written twice, first on line {seen[key.text]}", "keep one of them")
                continue
            seen[key.text] = key.extent.line
            yield key.text, here

    def fields(self, known: Iterable[str], later: Iterable[str] = ()) -> Fields:
        """The entries of a mapping whose keys are fixed; any other key is a problem, with the nearest one as hint."""
        known, later = tuple(known), tuple(later)
        found = {}
        for name, cursor in self.named():
            if name in known:
                found[name] = cursor
            elif name in later:
                cursor.problem(LATER, f"remove it; known here: {', '.join(known)}")
            else:
                cursor.problem(f"unknown key {shown(name)}", nearest(name, (*known, *later)))
        return Fields(self, found)

    def _wrong(self, wanted: str) -> None:
        """Note that the value has another type than the one wanted."""
        if isinstance(self.node, nodes.Scalar):
            found = "nothing" if self.node.is_null else shown(self.node.text)
        else:
            found = "a list" if isinstance(self.node, nodes.Sequence) else "a mapping"
        self.problem(f"must be {wanted}, not {found}")


@dataclass(frozen=True, slots=True)
class Fields:
    """What was written in a mapping with fixed keys."""

    owner: Cursor
    found: Mapping[str, Cursor]

    def get(self, name: str) -> Cursor | None:
        """The value under ``name``, or None."""
        return self.found.get(name)

    def need(self, name: str, hint: str | None = None) -> Cursor | None:
        """The value under ``name``; a problem where it is missing."""
        if name not in self.found and isinstance(self.owner.node, nodes.Mapping):
            self.owner.problem(f"{name} is missing", hint)
        return self.found.get(name)

    def read(self, name: str, read: Callable[[Cursor], Value | None]) -> Value | None:
        """What ``read`` makes of the value under ``name``; None where it is missing."""
        cursor = self.found.get(name)
        return None if cursor is None else read(cursor)

    def text(self, name: str) -> str | None:
        """The text under ``name``, or None where it is missing or unusable."""
        cursor = self.get(name)
        return None if cursor is None else cursor.text()


def shown(text: str) -> str:
    """What the operator wrote, quoted, unprintable characters escaped, and never longer than a line."""
    return repr(text if len(text) <= 70 else text[:67] + "...")


def nearest(written: str, known: Iterable[str]) -> str | None:
    """A hint that names the most similar known word, or those that there are."""
    known = tuple(known)
    close = difflib.get_close_matches(written.lower(), known, n=1)
    if close:
        return f"did you mean {close[0]}?"
    more = len(known) - _MOST_WORDS
    listed = ", ".join(known[:_MOST_WORDS]) + (f" and {more} more" if more > 0 else "")
    return f"known here: {listed}" if known else None
