"""Values in a data file of the catalog. It is part of the package, so the first mistake in it is enough."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ringfence.errors import CatalogError, Place
from ringfence.model.version import Version
from ringfence.yamlio import nodes

Choice = TypeVar("Choice", bound=enum.Enum)


@dataclass(frozen=True, slots=True)
class Value:
    """A node of the file, or None where a key is missing; every method raises CatalogError where it is not that."""

    node: nodes.Node | None
    file: str

    def broken(self, what: str) -> CatalogError:
        """The error that says ``what`` is wrong here."""
        return CatalogError.of(what, place=Place(self.file, None if self.node is None else self.node.extent.line))

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.node, nodes.Scalar) or not self.node.text:
            raise self.broken("must be text")
        return " ".join(self.node.text.split())

    def raw(self) -> str:
        """A text as it is; it may be empty."""
        if not isinstance(self.node, nodes.Scalar):
            raise self.broken("must be text")
        return self.node.text

    def items(self) -> Iterator[Value]:
        """The items of a list; none where it is missing."""
        if self.node is None:
            return
        if not isinstance(self.node, nodes.Sequence):
            raise self.broken("must be a list")
        for item in self.node.items:
            yield Value(item, self.file)

    def texts(self) -> tuple[str, ...]:
        """The texts of a list; a text alone is a list of one."""
        if isinstance(self.node, nodes.Scalar):
            return (self.text(),)
        return tuple(item.text() for item in self.items())

    def named(self) -> Mapping[str, Value]:
        """The entries of a mapping; none where it is missing."""
        if self.node is None:
            return {}
        if not isinstance(self.node, nodes.Mapping):
            raise self.broken("must be a mapping")
        found: dict[str, Value] = {}
        for key, value in self.node.entries:
            name = Value(key, self.file).text()
            if name in found:
                raise Value(key, self.file).broken(f"{name} stands twice")
            found[name] = Value(value, self.file)
        return found

    def fields(self, *known: str) -> Fields:
        """The entries of a mapping that has these keys and no others."""
        if self.node is None:
            raise self.broken("must be a mapping")
        found = self.named()
        for name, value in found.items():
            if name not in known:
                raise value.broken(f"{name} is unknown")
        return Fields(self, found)

    def enum(self, kind: type[Choice]) -> Choice:
        """The member of ``kind`` whose value is written here."""
        written = self.text()
        for member in kind:
            if member.value == written:
                return member
        raise self.broken(f"{written} is not one of {', '.join(str(member.value) for member in kind)}")

    def version(self) -> Version:
        """A release, or a line of releases."""
        version = Version.parse(self.text())
        if version is None:
            raise self.broken("must be a version")
        return version

    def is_word(self, word: str) -> bool:
        """Whether exactly this word is written here."""
        return isinstance(self.node, nodes.Scalar) and self.node.text == word


@dataclass(frozen=True, slots=True)
class Fields:
    """The entries of a mapping with fixed keys."""

    owner: Value
    found: Mapping[str, Value]

    def __getitem__(self, name: str) -> Value:
        return self.found.get(name, Value(None, self.owner.file))

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def broken(self, what: str) -> CatalogError:
        """The error that says ``what`` is wrong with the mapping."""
        return self.owner.broken(what)

    def optional_version(self, name: str) -> Version | None:
        """The version under ``name``, or None where it is missing."""
        return self[name].version() if name in self else None
