"""The part of the project that is the same for every spec: playbooks, roles and modules, as files of the package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable


def static_files() -> dict[str, str]:
    """The text of each file, by its path in the project."""
    return dict(sorted(_below(resources.files("ringfence.render.ansible") / "data", "")))


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.name == "__pycache__":
            continue
        if entry.is_dir():
            yield from _below(entry, f"{path}{entry.name}/")
        else:
            yield f"{path}{entry.name}", entry.read_text(encoding="utf-8")
