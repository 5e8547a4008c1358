"""Reading a data file of the catalog. Such a file is part of the package, so the first mistake in it is enough."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TypeVar

from ringfence.catalog.entry import Entry, Evidence, Line, placeholders
from ringfence.errors import CatalogError, InputError, Place
from ringfence.model.permission import Access
from ringfence.model.version import Version
from ringfence.yamlio import nodes

Choice = TypeVar("Choice", bound=enum.Enum)

_ENTRY = frozenset({"component", "releases", "options", "needs"})
_LINE = frozenset({"prefix", "key", "access", "since", "until", "when", "reason", "source", "evidence"})


def parse(text: str, file: str) -> Entry:
    """The component that ``text`` describes.

    Args:
        text: the content of the data file.
        file: its name, for the place of an error.

    Raises:
        CatalogError: it breaks the schema.
    """
    try:
        root = nodes.parse(text, file)
    except InputError as error:
        raise CatalogError(*error.problems) from None
    fields = _fields(root, _ENTRY, file)
    options = tuple(_text(item, file) for item in _items(fields.get("options"), file))
    return Entry(
        component=_text(fields.get("component"), file),
        releases=_text(fields.get("releases"), file),
        options=options,
        lines=tuple(_line(item, options, file) for item in _items(fields.get("needs"), file)),
    )


def _line(node: nodes.Node, options: tuple[str, ...], file: str) -> Line:
    fields = _fields(node, _LINE, file)
    if ("prefix" in fields) == ("key" in fields):
        raise _broken("a line has either a prefix or a key", node, file)
    path = _text(fields.get("prefix") or fields.get("key"), file)
    when = fields.get("when")
    conditions = {} if when is None else {name: _text(value, file) for name, value in _pairs(when, file)}
    for unknown in (placeholders(path) | set(conditions)) - set(options):
        raise _broken(f"{unknown} is not among the options", node, file)
    if "prefix" in fields and not path.endswith("/"):
        raise _broken("a prefix ends in a slash", node, file)
    return Line(
        access=_enum(Access, fields.get("access"), file),
        path=path,
        is_prefix="prefix" in fields,
        since=_version(fields.get("since"), file),
        until=_version(fields.get("until"), file),
        when=conditions,
        reason=_text(fields.get("reason"), file),
        source=_text(fields.get("source"), file),
        evidence=_enum(Evidence, fields.get("evidence"), file),
    )


def _fields(node: nodes.Node | None, known: frozenset[str], file: str) -> Mapping[str, nodes.Node]:
    if not isinstance(node, nodes.Mapping):
        raise _broken("must be a mapping", node, file)
    fields: dict[str, nodes.Node] = {}
    for name, value in _pairs(node, file):
        if name not in known or name in fields:
            raise _broken(f"{name} is unknown, or stands twice", value, file)
        fields[name] = value
    return fields


def _pairs(node: nodes.Node, file: str) -> tuple[tuple[str, nodes.Node], ...]:
    if not isinstance(node, nodes.Mapping):
        raise _broken("must be a mapping", node, file)
    return tuple((_text(key, file), value) for key, value in node.entries)


def _items(node: nodes.Node | None, file: str) -> tuple[nodes.Node, ...]:
    if not isinstance(node, nodes.Sequence):
        raise _broken("must be a list", node, file)
    return node.items


def _text(node: nodes.Node | None, file: str) -> str:
    if not isinstance(node, nodes.Scalar) or not node.text:
        raise _broken("must be text", node, file)
    return node.text


def _enum(kind: type[Choice], node: nodes.Node | None, file: str) -> Choice:
    written = _text(node, file)
    for member in kind:
        if member.value == written:
            return member
    raise _broken(f"{written} is not one of {', '.join(str(member.value) for member in kind)}", node, file)


def _version(node: nodes.Node | None, file: str) -> Version | None:
    if node is None:
        return None
    version = Version.parse(_text(node, file))
    if version is None:
        raise _broken("must be a version", node, file)
    return version


def _broken(what: str, node: nodes.Node | None, file: str) -> CatalogError:
    return CatalogError.of(what, place=Place(file, None if node is None else node.extent.line))
