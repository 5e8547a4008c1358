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
    try:
        _refuse_depth(text, file)
        composed = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        what = error.problem or error.context or "cannot be parsed"
        raise InputError.of(f"not YAML: {what}", place=Place(file, line)) from None
    except yaml.YAMLError as error:
        raise InputError.of(f"not YAML: {' '.join(str(error).split())}", place=Place(file)) from None
    seen: set[int] = set()
    return tuple(_converted(node, seen, file) for node in composed)


class _Loader(yaml.CBaseLoader):
    """libyaml's loader that leaves every scalar a text."""


DEEPEST = 100
"""Nesting of mappings and lists; what we read has a tenth of it."""


def _refuse_depth(text: str, file: str) -> None:
    """Refuse nesting that would end the process: libyaml composes by recursion in C, and overflows the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                line = None if event.start_mark is None else event.start_mark.line + 1
                raise InputError.of(f"is nested deeper than {DEEPEST} levels", place=Place(file, line))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


_UNTAGGED = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}
"""What libyaml says of a node on which no tag was written."""


def _converted(node: yaml.Node, seen: set[int], file: str) -> Node:
    extent = Extent(node.start_mark.index, node.end_mark.index, node.start_mark.line + 1, node.start_mark.column)
    if id(node) in seen:
        raise InputError.of(
            "anchors and aliases are not read", place=Place(file, extent.line), hint="write the value out"
        )
    seen.add(id(node))
    if node.tag not in _UNTAGGED:
        raise InputError.of(f"tags are not read: {node.tag}", place=Place(file, extent.line), hint="remove the tag")
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, not node.style, extent)
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_converted(item, seen, file) for item in node.value), bool(node.flow_style), extent)
    assert isinstance(node, yaml.MappingNode)
    pairs = tuple((_converted(key, seen, file), _converted(value, seen, file)) for key, value in node.value)
    return Mapping(pairs, bool(node.flow_style), extent)
