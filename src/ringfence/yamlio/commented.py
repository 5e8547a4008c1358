"""Finding entries that were left as comments to fill in: ``# name: null`` among the entries of a mapping.

Only placeholders count: a commented line with a value is somebody's note and is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ringfence.yamlio.entry import last_leaf, line_end
from ringfence.yamlio.nodes import Mapping, Node, Scalar

_PLACEHOLDER = re.compile(r"[ \t]*#[ \t]*([\w.-]+):[ \t]*(?:null|~|\"\"|'')?[ \t]*")


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
