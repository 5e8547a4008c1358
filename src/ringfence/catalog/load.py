"""The catalog that comes with the package: its data files, each a component."""

from __future__ import annotations

from importlib import resources

from ringfence.catalog.entry import Catalog
from ringfence.catalog.parse import parse


def load() -> Catalog:
    """All components.

    Raises:
        CatalogError: a data file breaks the schema, which is a bug of this package.
    """
    folder = resources.files("ringfence.catalog") / "data"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    entries = (parse(file.read_text(encoding="utf-8"), file.name) for file in files)
    return Catalog({entry.component: entry for entry in entries})
