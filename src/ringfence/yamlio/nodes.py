"""Reading YAML into nodes with line numbers and offsets; scalars stay the text that was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from ringfence.errors import InputError, Place


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a node stands in its text: character offsets ``[start, end)``, its line from 1, its column from 0."""

    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word, number or text. ``plain`` tells that it was written without quotes."""

    text: str
    plain: bool
    extent: Extent

    @property
    def is_null(self) -> bool:
        """Whether it was left empty, or written as ``null`` or ``~``."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    flow: bool
    extent: Extent

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order in which they were written; a key may stand twice, and the reader decides."""

    entries: tuple[tuple[Node, Node], ...]
    flow: bool
    extent: Extent

    def get(self, *path: str) -> Node | None:
        """The value under a path of keys, or None where a step is missing or is no mapping; the first wins."""
        here: Node = self
        for step in path:
            if not isinstance(here, Mapping):
                return None
            found = next((value for key, value in here.entries if isinstance(key, Scalar) and key.text == step), None)
            if found is None:
                return None
            here = found
        return here

    def text(self, *path: str) -> str | None:
        """The text of the scalar under a path of keys, or None."""
        found = self.get(*path)
        return found.text if isinstance(found, Scalar) else None


Node = Scalar | Sequence | Mapping


def parse(text: str, file: str) -> Node | None:
    """The one document of ``text``; None when it is empty.

    Args:
        text: the file's content.
        file: its name, for the place of an error.

    Raises:
        InputError: not YAML, more than one document, or an anchor, alias or tag, which no file of ours needs.
    """
    documents = parse_all(text, file)
    if len(documents) > 1:
        raise InputError.of(
            "a second document starts here", place=Place(file, documents[1].extent.line), hint="remove the line ---"
        )
    return documents[0] if documents else None


def parse_all(text: str, file: str) -> tuple[Node, ...]:
    """All documents of ``text`` that hold anything, in order; see ``parse``."""
    reading = _Reading(file)
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            reading.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        what = error.problem or error.context or "cannot be parsed"
        raise InputError.of(f"not YAML: {what}", place=Place(file, line)) from None
    except yaml.YAMLError as error:
        raise InputError.of(f"not YAML: {' '.join(str(error).split())}", place=Place(file)) from None
    return tuple(reading.documents)


DEEPEST = 100
"""Nesting of mappings and lists; what we read has a tenth of it."""

_UNTAGGED = {None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))}
"""Tags that say nothing, the missing one first."""


class _Reading:
    """Nodes from libyaml's events, by a stack of our own: its composer recurses in C, and a deep text ends the process.

    ``documents`` are those that are whole; a collection that is not yet lies in ``_open`` with what it holds so far.
    """

    def __init__(self, file: str) -> None:
        self.documents: list[Node] = []
        self._file = file
        self._open: list[tuple[yaml.CollectionStartEvent, list[Node]]] = []

    def take(self, event: yaml.Event) -> None:
        """The next event.

        Raises:
            InputError: an alias, a tag, or too deep.
        """
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_tag(event)
            self._add(Scalar(event.value, not event.style, _extent(event, event)))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_tag(event)
            if len(self._open) == DEEPEST:
                raise InputError.of(f"is nested deeper than {DEEPEST} levels", place=self._place(event))
            self._open.append((event, []))
        elif isinstance(event, yaml.CollectionEndEvent):
            start, held = self._open.pop()
            extent, flow = _extent(start, event), bool(start.flow_style)
            if isinstance(start, yaml.SequenceStartEvent):
                self._add(Sequence(tuple(held), flow, extent))
            else:
                self._add(Mapping(tuple(zip(held[::2], held[1::2], strict=True)), flow, extent))
        elif isinstance(event, yaml.AliasEvent):
            what, hint = "anchors and aliases are not read", "write the value out"
            raise InputError.of(what, place=self._place(event), hint=hint)

    def _add(self, node: Node) -> None:
        (self._open[-1][1] if self._open else self.documents).append(node)

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag not in _UNTAGGED:
            what = f"tags are not read: {event.tag}"
            raise InputError.of(what, place=self._place(event), hint="remove the tag")

    def _place(self, event: yaml.Event) -> Place:
        return Place(self._file, _extent(event, event).line)


def _extent(first: yaml.Event, last: yaml.Event) -> Extent:
    start, end = first.start_mark, last.end_mark
    assert start is not None
    assert end is not None
    return Extent(start.index, end.index, start.line + 1, start.column)
