"""``catalog``: what is known of each component; nothing is opened or dialled but the package's own data."""

from __future__ import annotations

from ringfence.catalog.load import load
from ringfence.catalog.view import View
from ringfence.errors import InputError
from ringfence.model.version import Version


def every_component() -> tuple[View, ...]:
    """All components at their newest known release, by name."""
    return tuple(View(entry) for _, entry in sorted(load().entries.items()))


def one_component(name: str, asked: str | None = None) -> View:
    """A component at a release.

    Args:
        name: its name in the catalog.
        asked: a release such as 3.32.1, a line such as 3.32, or None for the newest known.

    Raises:
        CatalogError: there is no such component; the hint names the nearest.
        InputError: ``asked`` is no version.
    """
    version = None if asked is None else Version.parse(asked)
    if asked is not None and version is None:
        raise InputError.of(f"{asked!r} is not a version", hint="write a release such as 3.32.1, or a line: 3.32")
    return View(load([name]).entry(name), version)
