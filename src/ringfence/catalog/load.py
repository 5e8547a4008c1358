"""The catalog that comes with the package: its data files, each a family of components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import resources

from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Entry
from ringfence.catalog.parse import parse


def load(names: Iterable[str] | None = None, perhaps: Iterable[str] = ()) -> Catalog:
    """The components of the package.

    Args:
        names: the components that will be asked for, so that other files need not be understood; None: all. Where one
            of them is unknown all are loaded, for the nearest names.
        perhaps: more names, which may be components or not.

    Raises:
        CatalogError: a data file breaks the schema, which is a bug of this package.
    """
    entries: dict[str, Entry] = {}
    for file, text in _chosen(dict(_files()), None if names is None else set(names), set(perhaps)).items():
        for entry in parse(text, file):
            known = entries.get(entry.component)
            entries[entry.component] = entry if known is None else _joined(known, entry)
    return Catalog(entries)


def _files() -> Iterator[tuple[str, str]]:
    folder = resources.files("ringfence.catalog") / "data"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            yield file.name, file.read_text(encoding="utf-8")


def _chosen(texts: dict[str, str], names: set[str] | None, perhaps: set[str]) -> dict[str, str]:
    """The files in which a line ``  NAME:`` begins one of ``names``; all where a name stands in none."""
    if names is None:
        return texts
    where = {name: [file for file, text in texts.items() if f"\n  {name}:\n" in text] for name in names | perhaps}
    if not all(where[name] for name in names):
        return texts
    wanted = {file for files in where.values() for file in files}
    return {file: text for file, text in texts.items() if file in wanted}


def _joined(one: Entry, other: Entry) -> Entry:
    """A component whose releases stand in two files; the file with the newer ones says what it is."""
    older, newer = sorted((one, other), key=lambda entry: entry.known[-1].line)
    return replace(
        newer,
        known=(*older.known, *newer.known),
        lines=(*newer.lines, *older.lines),
        remarks=(*newer.remarks, *older.remarks),
        examples=(*newer.examples, *older.examples),
        node_examples=(*newer.node_examples, *older.node_examples),
    )
