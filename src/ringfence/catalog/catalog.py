"""All components that are known, each found by its name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.catalog.entry import Entry, Need
from ringfence.errors import CatalogError
from ringfence.model.version import Version


@dataclass(frozen=True, slots=True)
class Catalog:
    """The components by name."""

    entries: Mapping[str, Entry]

    def entry(self, component: str) -> Entry:
        """A component.

        Raises:
            CatalogError: there is none of this name; the hint has the nearest.
        """
        found = self.entries.get(component)
        if found is None:
            raise CatalogError.of(f"the catalog has no component {component}", hint=self.near(component))
        return found

    def near(self, component: str, *others: str) -> str:
        """A hint that names the components, and ``others``, most like ``component``, or where all are listed."""
        begun = [name for name in self.entries if name.startswith(component.lower())] if component else []
        tails = {name.rpartition("/")[2]: name for name in self.entries}
        words = (*self.entries, *tails, *others)
        close = difflib.get_close_matches(component.lower(), words, n=3, cutoff=0.7)
        named = list(dict.fromkeys((*begun, *(tails.get(word, word) for word in close))))[:3]
        return f"did you mean {' or '.join(named)}?" if named else "ringfence catalog list has them all"

    def needs(self, component: str, version: Version | None, options: Mapping[str, str]) -> tuple[Need, ...]:
        """What ``component`` needs in etcd v3.

        Args:
            component: its name in the catalog.
            version: its release; the nearest known below it is taken, and None is the newest known.
            options: a value for each option that has no default.

        Raises:
            CatalogError: there is no such component, or an option is missing.
        """
        entry = self.entry(component)
        missing = set(entry.options) - set(entry.settled(options))
        if missing:
            raise CatalogError.of(f"{component} needs a value for {', '.join(sorted(missing))}")
        return entry.needs(version, options)
