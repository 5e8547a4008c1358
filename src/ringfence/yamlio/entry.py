"""Writing values and new entries into a YAML text so that they look as if they had always been there.

Each function returns splices and leaves it to ``yamlio.edit`` to apply them. Indentation, line endings and the style
of quotes are taken from what stands around; new entries go behind the last one, or to the front in flow style
(``{...}``, ``[...]``, and so JSON).
"""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from ringfence.yamlio.dump import dump
from ringfence.yamlio.edit import Splice
from ringfence.yamlio.nodes import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True, slots=True)
class Bare:
    """A number or truth value: a scalar that is written as it is, never in quotes."""

    text: str


New = str | Bare | abc.Sequence["New"] | abc.Mapping[str, "New"]
"""What can be written: texts, numbers and truth values in lists and mappings, neither of them empty."""


def written(value: str, *, quoted: bool = False) -> str:
    """A text as a YAML scalar: without quotes where no reader could take it for anything else, and none are asked for.

    Args:
        value: any text; it is put on one line.
        quoted: whether to use (double) quotes in any case.
    """
    if not quoted and _is_plain(value):
        return value
    double: str = yaml.safe_dump(value, default_style='"', width=float("inf"), allow_unicode=True)
    return double.removesuffix("\n")


def replaced(text: str, scalar: Scalar, value: str, *, flow: bool = False) -> tuple[Splice, ...]:
    """What makes ``scalar`` the text ``value``; nothing where it already is, in whatever style.

    A word that other readers take for a number or a truth value is not that text yet: it gets quotes.

    Args:
        text: the text that the scalar was read from.
        scalar: what stands there now.
        value: what should stand there.
        flow: whether it stands in flow style, where a text is always written with quotes.
    """
    if scalar.text == value and not (scalar.plain and not _is_plain(value)):
        return ()
    start, end = scalar.extent.start, _written_end(text, scalar)
    space = " " if start == end else ""
    return (Splice(start, end, space + written(value, quoted=flow or not scalar.plain)),)


def emptied(text: str, scalar: Scalar) -> tuple[Splice, ...]:
    """What makes a scalar null; nothing where it already is, or holds an empty text."""
    if scalar.is_null or not scalar.text:
        return ()
    return (Splice(scalar.extent.start, _written_end(text, scalar), "null"),)


def added(text: str, container: Mapping | Sequence, new: New, comment: str = "") -> tuple[Splice, ...]:
    """What puts entries into a mapping or items into a list.

    Args:
        text: the text that the container was read from.
        container: not empty unless it is in flow style.
        new: a mapping for a mapping, a list for a list; its entries are added.
        comment: one line that is put above them, without ``#``; flow style has no place for it.
    """
    if container.flow:
        start = container.extent.start + 1
        inside = _flow(new)[1:-1]
        entries = container.entries if isinstance(container, Mapping) else container.items
        return (Splice(start, start, f"{inside}, " if entries else inside),)
    return (_lines_after(text, last_leaf(container), _block(new, comment), container.extent.column),)


def extended(text: str, parent: Mapping, key: str, new: New, comment: str = "") -> tuple[Splice, ...]:
    """What makes the mapping or list under ``key`` hold ``new`` as well, also where it is empty or not there yet.

    Args:
        text: the text that ``parent`` was read from.
        parent: a mapping whose value under ``key`` is a mapping, a list, null or missing.
        key: the key in ``parent``.
        new: see ``added``.
        comment: see ``added``.
    """
    found = next(((name, value) for name, value in parent.entries if _is_key(name, key)), None)
    if found is None:
        return added(text, parent, {key: new}, comment)
    name, value = found
    if not isinstance(value, Scalar):
        return added(text, value, new, comment)
    assert value.is_null
    start, end = value.extent.start, value.extent.end
    if parent.flow:
        return (Splice(start, end, (" " if start == end else "") + _flow(new)),)
    below = _lines_after(text, value, _block(new, comment), name.extent.column + 2)
    return (below,) if start == end else (Splice(start, end, ""), below)


def inserted(text: str, sequence: Sequence, item: Node, new: abc.Sequence[New]) -> tuple[Splice, ...]:
    """What puts items into a list, right behind ``item``.

    Args:
        text: the text that the list was read from.
        sequence: the list.
        item: one of its items.
        new: what is put in, in that order.
    """
    if sequence.flow:
        end = item.extent.end
        return (Splice(end, end, f", {_flow(new)[1:-1]}"),)
    return (_lines_after(text, last_leaf(item), _block(new), sequence.extent.column),)


def prepended(text: str, parent: Mapping, key: str, new: abc.Sequence[New]) -> tuple[Splice, ...]:
    """What puts items to the front of the list under ``key``, above the comments of what was its first.

    Args:
        text: the text that ``parent`` was read from.
        parent: a mapping whose value under ``key`` is a list, null or missing.
        key: the key in ``parent``.
        new: what is put in, in that order.
    """
    found = next(((name, value) for name, value in parent.entries if _is_key(name, key)), None)
    if found is None or not isinstance(found[1], Sequence) or found[1].flow:
        return extended(text, parent, key, new)
    name, value = found
    return (_lines_after(text, name, _block(new), value.extent.column),)


def removed(text: str, sequence: Sequence, item: Node) -> tuple[Splice, ...]:
    """What takes an item out of a list that holds others too: in block style its lines, and what is behind it there.

    Args:
        text: the text that the list was read from.
        sequence: the list.
        item: one of its items.
    """
    start, end = item.extent.start, item.extent.end
    if sequence.flow:
        behind = _COMMA_BEHIND.match(text, end)
        before = _COMMA_BEFORE.search(text[:start])
        if behind:
            end = behind.end()
        elif before:
            start = before.start()
        return (Splice(start, end, ""),)
    begin, end = text.rfind("\n", 0, start) + 1, last_leaf(item).extent.end
    behind_line = min(line_end(text, end) + len(line_break(text, end)), len(text))
    return (Splice(begin, behind_line, ""),)


def exchanged(text: str, sequence: Sequence, item: Node, new: abc.Mapping[str, New]) -> tuple[Splice, ...]:
    """What puts a mapping in the place of an item of a list; comments inside of the item go with it.

    Args:
        text: the text that the list was read from.
        sequence: the list.
        item: one of its items.
        new: what is to stand there.
    """
    if sequence.flow:
        return (Splice(item.extent.start, item.extent.end, _flow(new)),)
    lines = (line_break(text, 0) + " " * (sequence.extent.column + 2)).join(_block(new))
    return (Splice(item.extent.start, last_leaf(item).extent.end, lines),)


_COMMA_BEHIND = re.compile(r"\s*,\s*")
_COMMA_BEFORE = re.compile(r"\s*,\s*\Z")


def last_leaf(node: Node) -> Node:
    """The part of a node that ends last; the end of a block reaches over the comments behind it, that of a leaf not."""
    while not isinstance(node, Scalar) and not node.flow:
        node = node.entries[-1][1] if isinstance(node, Mapping) else node.items[-1]
    return node


def line_end(text: str, offset: int) -> int:
    """Where the line around ``offset`` ends, before its line break."""
    end = text.find("\n", offset)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1 : end] == "\r" and end > offset else end


def line_break(text: str, offset: int) -> str:
    """The line break at or after ``offset``, or where there is none that of the first line."""
    end = text.find("\n", offset)
    end = text.find("\n") if end < 0 else end
    return "\r\n" if text[:end].endswith("\r") else "\n"


def _is_key(node: Node, key: str) -> bool:
    return isinstance(node, Scalar) and node.text == key


def _is_plain(value: str) -> bool:
    return dump({"k": value}) == f"k: {value}\n"


def _is_block_scalar(text: str, scalar: Scalar) -> bool:
    return not scalar.plain and text[scalar.extent.start] in "|>"


def _written_end(text: str, scalar: Scalar) -> int:
    """Where the characters of a scalar end; the extent of a block scalar also holds the line breaks behind it."""
    start, end = scalar.extent.start, scalar.extent.end
    return start + len(text[start:end].rstrip()) if _is_block_scalar(text, scalar) else end


def _block(value: New, comment: str = "") -> Iterator[str]:
    """The lines of a mapping or list in block style, without indentation."""
    if comment:
        yield f"# {comment}"
    if isinstance(value, str | Bare):
        yield _scalar(value)
    elif isinstance(value, abc.Mapping):
        for key, child in value.items():
            if isinstance(child, str | Bare):
                yield f"{written(key)}: {_scalar(child)}"
            else:
                yield f"{written(key)}:"
                yield from (f"  {line}" for line in _block(child))
    else:
        for item in value:
            first, *rest = _block(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)


def _scalar(value: str | Bare, *, quoted: bool = False) -> str:
    return value.text if isinstance(value, Bare) else written(value, quoted=quoted)


def _flow(value: New) -> str:
    """A value in flow style; as long as its texts are printable it is JSON too."""
    if isinstance(value, str | Bare):
        return _scalar(value, quoted=True)
    if isinstance(value, abc.Mapping):
        return "{" + ", ".join(f"{written(key, quoted=True)}: {_flow(child)}" for key, child in value.items()) + "}"
    return "[" + ", ".join(_flow(item) for item in value) + "]"


def _lines_after(text: str, leaf: Node, lines: Iterator[str], column: int) -> Splice:
    """New lines below the one on which ``leaf`` ends."""
    end = leaf.extent.end
    if isinstance(leaf, Scalar) and _is_block_scalar(text, leaf) and text[end - 1] == "\n":
        # A block scalar may own the empty lines behind it, so nothing may come in between.
        before, after, at = "", line_break(text, end - 1), end
    else:
        at = line_end(text, end)
        before, after = line_break(text, at), ""
    indented = (" " * column + line for line in lines)
    return Splice(at, at, "".join(before + line + after for line in indented))
