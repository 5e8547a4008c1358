"""Finding YAML that was left as comments, to be filled in or to be switched on.

``placeholders`` are single entries without a value, ``# name: null``. ``blocks`` are lines that become YAML once their
``#`` is gone; whether one of them is wanted is for the caller to tell from what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.errors import InputError
from ringfence.yamlio.edit import Splice
from ringfence.yamlio.entry import last_leaf, line_break, line_end
from ringfence.yamlio.nodes import Mapping, Node, Scalar, parse

_PLACEHOLDER = re.compile(r"[ \t]*#[ \t]*([\w.-]+):[ \t]*(?:null|~|\"\"|'')?[ \t]*")


_COMMENT = re.compile(r"[ \t]*#( *)(.*)")
_OPENS = re.compile(r"- |[\w.-]+:$")
"""How a block begins: with an item of a list, or with a key that has something below it."""


@dataclass(frozen=True, slots=True)
class Block:
    """YAML in comments: what it would be, its lines without ``#``, and the offsets ``[start, end)`` of all of them."""

    node: Node
    lines: tuple[str, ...]
    start: int
    end: int


def blocks(text: str, key: Node, value: Node) -> Iterator[Block]:
    """The commented blocks under a key, and behind its value up to where something else begins.

    Args:
        text: the text that the nodes were read from.
        key: the key, in block style.
        value: its value.
    """
    comments = list(_comment_lines(text, key, value))
    at = 0
    while at < len(comments):
        count = _block_length(text, comments, at)
        lines = [_inside(text, start, end) for start, end in comments[at : at + count]]
        column = lines[0][0] if lines else 0
        dedented = tuple(" " * (indent - column) + words for indent, words in lines)
        node = _parsed("\n".join(dedented)) if lines else None
        if node is not None:
            yield Block(node, dedented, comments[at][0], comments[at + count - 1][1])
        at += max(count, 1)


def switched_on(text: str, block: Block, column: int) -> Splice:
    """What makes a block part of the YAML around it, its lines beginning in ``column``."""
    indented = (" " * column + line for line in block.lines)
    return Splice(block.start, block.end, line_break(text, block.start).join(indented))


def _block_length(text: str, comments: list[tuple[int, int]], at: int) -> int:
    """How many lines belong to the block that begins with a comment; 0 where none does."""
    column, first = _inside(text, *comments[at])
    if not _OPENS.match(first):
        return 0
    count = 1
    for (_, end), (start, after) in zip(comments[at:], comments[at + 1 :], strict=False):
        indent, words = _inside(text, start, after)
        deeper = indent > column or (indent == column and not first.startswith("- ") and words.startswith("- "))
        if start != end + len(line_break(text, end)) or not deeper:
            break
        count += 1
    return count


def _inside(text: str, start: int, end: int) -> tuple[int, str]:
    """The indentation behind ``#`` of a comment, and its words."""
    match = _COMMENT.fullmatch(text[start:end])
    assert match is not None
    return len(match[1]), match[2].rstrip()


def _parsed(text: str) -> Node | None:
    try:
        return parse(text, "")
    except InputError:
        return None


def placeholders(text: str, key: Node, value: Node) -> dict[str, tuple[int, int]]:
    """The commented entries under a key: for each name the offsets of its line, without the line break.

    Args:
        text: the text that the nodes were read from.
        key: the key, in block style.
        value: its value. Only a mapping in block style, or one of which nothing but comments is there, has any.
    """
    found: dict[str, tuple[int, int]] = {}
    if not (isinstance(value, Mapping) and not value.flow) and value.extent.start < value.extent.end:
        return found
    for start, end in _comment_lines(text, key, value):
        match = _PLACEHOLDER.fullmatch(text, start, end)
        if match:
            found.setdefault(match[1], (start, end))
    return found


def _comment_lines(text: str, key: Node, value: Node) -> Iterator[tuple[int, int]]:
    """The lines that are comments, from below the key to where something else begins."""
    inside = list(_scalars(value))
    last = last_leaf(value).extent.end
    start = text.find("\n", key.extent.end) + 1
    while 0 < start < len(text):
        end = line_end(text, start)
        words = text[start:end].strip()
        if words.startswith("#"):
            if not any(scalar.extent.start < start < scalar.extent.end for scalar in inside):
                yield start, end
        elif words and start >= last:
            return
        start = text.find("\n", end) + 1


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Mapping):
        for _, value in node.entries:
            yield from _scalars(value)
    else:
        for item in node:
            yield from _scalars(item)
