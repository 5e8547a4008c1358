"""The needs of one component: lines with a range of releases, and those of them that hold for a given release."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.errors import CatalogError
from ringfence.keyspace import Span
from ringfence.model.permission import Access
from ringfence.model.version import Version

_PLACEHOLDER = re.compile(r"\{([a-z-]+)\}")


class Evidence(enum.Enum):
    """How well a line is known: the component's documentation says so, its source does, or a run showed it."""

    DOCUMENTED = "documented"
    SOURCE = "source"
    TESTED = "tested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Access that a component needs, with why, where that stands and how well it is known."""

    access: Access
    span: Span
    reason: str
    source: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a component.

    Args:
        path: a key, or a prefix where ``is_prefix``; ``{option}`` stands for the value of an option.
        since: the first release that needs it; None: all.
        until: the first release that needs it no more; None: none yet.
        when: options that must have these values.
    """

    access: Access
    path: str
    is_prefix: bool
    since: Version | None
    until: Version | None
    when: Mapping[str, str]
    reason: str
    source: str
    evidence: Evidence

    def applies(self, version: Version | None, options: Mapping[str, str]) -> bool:
        """Whether a release needs it; an unknown release, or a line of releases, needs what any of its may need."""
        if any(options.get(name) != value for name, value in self.when.items()):
            return False
        if version is None:
            return True
        newest = (*version.line, float("inf") if version.patch is None else version.patch)
        oldest = (*version.line, version.patch or 0)
        return (self.since is None or newest >= _numbers(self.since)) and (
            self.until is None or oldest < _numbers(self.until)
        )

    def need(self, options: Mapping[str, str]) -> Need:
        """The line with its placeholders filled in."""
        path = _PLACEHOLDER.sub(lambda found: options[found[1]], self.path).encode()
        return Need(
            access=self.access,
            span=Span.of_prefix(path) if self.is_prefix else Span.of_key(path),
            reason=self.reason,
            source=self.source,
            evidence=self.evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A component: whose releases ``since`` and ``until`` speak of, the options that lines use, and the lines."""

    component: str
    releases: str
    options: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """All components that are known, each found by its name."""

    entries: Mapping[str, Entry]

    def needs(self, component: str, version: Version | None, options: Mapping[str, str]) -> tuple[Need, ...]:
        """What ``component`` needs.

        Args:
            component: its name in the catalog.
            version: its release; None: what any release needs.
            options: a value for each option of the component.

        Raises:
            CatalogError: there is no such component, or an option is missing.
        """
        entry = self.entries.get(component)
        if entry is None:
            raise CatalogError.of(
                f"the catalog has no component {component}", hint=f"it has {', '.join(sorted(self.entries))}"
            )
        missing = set(entry.options) - set(options)
        if missing:
            raise CatalogError.of(f"{component} needs a value for {', '.join(sorted(missing))}")
        return tuple(line.need(options) for line in entry.lines if line.applies(version, options))


def placeholders(path: str) -> frozenset[str]:
    """The options whose values stand in ``path``."""
    return frozenset(_PLACEHOLDER.findall(path))


def _numbers(version: Version) -> tuple[int, int, float]:
    return *version.line, version.patch or 0
