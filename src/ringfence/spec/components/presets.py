"""Reading ``presets:``: grants that several components are given, each with its own words in the keys.

A preset is a list of grants in which ``{word}`` stands for what the component that uses it says under ``word``;
``{name}`` is the component's own name. It is read once as it stands, so that what is wrong with it is said once and
at its own line, and again for each component with the words filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ringfence.spec.components.grants import read_grants
from ringfence.spec.reader import Cursor, shown
from ringfence.spec.shape import Grant, PresetEntry
from ringfence.yamlio import nodes

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_WORD = re.compile(r"[a-z][a-z0-9-]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]*")
_TAKEN = ("kube-apiserver", "calico")
_RESERVED = ("use", "transport", "password", "grants")


@dataclass(frozen=True, slots=True)
class Preset:
    """An entry of ``presets:`` without problems."""

    name: str
    cursor: Cursor
    placeholders: tuple[str, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        """The words that a component must give, its name aside."""
        return tuple(word for word in self.placeholders if word != "name")

    @property
    def entry(self) -> PresetEntry:
        """What the spec remembers of it."""
        return PresetEntry(self.name, self.cursor.place)

    def grants(self, user: Cursor, name: str | None, values: Mapping[str, Cursor | None]) -> tuple[Grant, ...]:
        """The grants of one component; none where a word is missing or cannot be used.

        Args:
            user: the component, where its grants are said to be written.
            name: its name.
            values: what it says for each word.
        """
        given = {word: _value(at) for word, at in values.items()}
        if name is not None:
            given["name"] = name
        words = {word: value for word, value in given.items() if value is not None}
        if not set(self.placeholders) <= set(words):
            return ()
        path = f"{user.path} (preset {self.name})"
        filled = Cursor(_filled(self.cursor.node, words), self.cursor.line, path, self.cursor.report)
        return tuple(replace(grant, place=user.place) for grant in read_grants(filled))


def read_presets(cursor: Cursor) -> tuple[Preset, ...]:
    """The presets that can be used."""
    presets = []
    for name, at in cursor.named():
        noted = len(at.report.problems)
        read_grants(at)
        if name in _TAKEN:
            at.problem(f"{name} is a component of the catalog", "choose another name")
        elif not _NAME.fullmatch(name):
            at.problem(f"{shown(name)} is no usable name", "use letters, digits, dots, dashes, underscores and slashes")
        placeholders = tuple(dict.fromkeys(_placeholders(at.node)))
        for word in placeholders:
            if word in _RESERVED or not _WORD.fullmatch(word):
                at.problem(
                    f"{shown('{' + word + '}')} is no usable placeholder",
                    f"use lower-case letters, digits and dashes, and none of {', '.join(_RESERVED)}",
                )
        if len(at.report.problems) == noted:
            presets.append(Preset(name, at, placeholders))
    return tuple(presets)


def _value(cursor: Cursor | None) -> str | None:
    """What a component says for a word; a slash at its end would double the one that follows."""
    written = None if cursor is None else cursor.text()
    if cursor is None or written is None:
        return None
    if written and written.isprintable() and not written.endswith("/") and not _PLACEHOLDER.search(written):
        return written
    cursor.problem(f"{shown(written)} cannot be put into a key", "give it a word or a path without a slash at its end")
    return None


def _placeholders(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Scalar):
        yield from _PLACEHOLDER.findall(node.text)
    elif isinstance(node, nodes.Sequence):
        for item in node.items:
            yield from _placeholders(item)
    else:
        for _, value in node.entries:
            yield from _placeholders(value)


def _filled(node: nodes.Node, words: Mapping[str, str]) -> nodes.Node:
    """The node with every placeholder replaced; what is filled in is not looked at again."""
    if isinstance(node, nodes.Scalar):
        return replace(node, text=_PLACEHOLDER.sub(lambda found: words[found[1]], node.text))
    if isinstance(node, nodes.Sequence):
        return replace(node, items=tuple(_filled(item, words) for item in node.items))
    return replace(node, entries=tuple((key, _filled(value, words)) for key, value in node.entries))
