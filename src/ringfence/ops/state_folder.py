"""Where what is known of a spec lies: its journal, and where its guard and the command line meet.

That is ``.ringfence`` beside ``ringfence.yaml``. Any other spec of the same folder may be about another cluster, so it
has a folder of its own in there, by its file's name: nobody confirms, or ends, the guard of another spec.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = ".ringfence"
"""Seen from the folder of the spec."""

_USUAL = "ringfence.yaml"


def state_folder(spec: str | Path) -> Path:
    """The folder of the spec at this path, absolute; it need not exist.

    A link to a file beside it is that file, since both are one spec. Any other link has its state where it is itself:
    what it leads to may be read-only, as files of a Kubernetes ConfigMap are.
    """
    path = Path(spec).absolute()
    real, around = Path(os.path.realpath(path)), Path(os.path.realpath(path.parent))
    name = real.name if real.parent == around else path.name
    top = path.parent / FOLDER
    return top if name == _USUAL else top / name


def levels(folder: Path) -> tuple[Path, ...]:
    """The folder and, where it is a spec's own, the one around it, the outer one first."""
    return (folder.parent, folder) if folder.parent.name == FOLDER else (folder,)


def make(folder: Path) -> None:
    """Make it, if need be, for its owner alone.

    Raises:
        OSError: the file system refuses.
    """
    for each in levels(folder):
        each.mkdir(mode=0o700, exist_ok=True)
