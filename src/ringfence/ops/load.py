"""From a path to a spec and what follows from it: the one place where the spec and its file of nodes are opened."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ringfence.catalog.load import load as load_catalog
from ringfence.errors import FileError, Place, Problem, SpecError
from ringfence.spec.nodes import ReadFile
from ringfence.spec.read import examine, no_files
from ringfence.spec.shape import Spec
from ringfence.wanted import build
from ringfence.wanted.build import Wanted
from ringfence.wanted.components.parts import cataloged
from ringfence.wanted.findings.signable import signable_problems

LONGEST = 16 * 1024 * 1024
"""A spec of 10,000 components is a tenth of this; anything longer is another file."""

LONGEST_NODES = 256 * 1024 * 1024
"""kubectl writes up to 20 KB for a node, most of it images; 5,000 nodes are 100 MB."""


def load(path: Path, today: date) -> tuple[Spec, Wanted]:
    """The spec at ``path`` and everything that it asks for.

    Args:
        path: the file; paths in it are resolved against its folder.
        today: the day against which accepted holes expire.

    Raises:
        FileError: there is no such file, or it cannot be read.
        SpecError: every problem of the file, those of overlapping segments and of its file of nodes included.
    """
    text = _read(path, LONGEST, "ringfence init writes one to start from; -f names another", "is this the spec?")
    return understand(text, str(path), path.absolute().parent, today, read_nodes_file)


def understand(
    text: bytes | str, file: str, folder: Path, today: date, read_file: ReadFile = no_files
) -> tuple[Spec, Wanted]:
    """Like ``load``, from a text; see ``ringfence.spec.read``."""
    reading = examine(text, file, folder, today, read_file)
    catalog = load_catalog(cataloged(reading.spec), perhaps=(preset.name for preset in reading.spec.presets))
    wanted, problems = build.examine(reading.spec, catalog, whole=not reading.problems)
    found = dict.fromkeys((*reading.problems, *problems, *signable_problems(reading.spec, wanted)))
    if found:
        raise SpecError(*sorted(found, key=lambda problem: _in_order(problem, file)))
    return reading.spec, wanted


def read_nodes_file(path: Path) -> bytes:
    """The content of a file of nodes.

    Raises:
        FileError: there is no such file, or it cannot be read.
    """
    hint = "a name a line, or what kubectl get nodes -o json writes; the path is relative to the spec"
    return _read(path, LONGEST_NODES, hint, "is this a list of nodes?")


def _in_order(problem: Problem, file: str) -> tuple[bool, int]:
    """By line; those of another file after those of the spec."""
    place = problem.place
    return (False, 0) if place is None else (place.file != file, place.line or 0)


def _read(path: Path, longest: int, missing: str, too_long: str) -> bytes:
    place = Place(str(path))
    try:
        with path.open("rb") as file:
            text = file.read(longest + 1)
    except FileNotFoundError:
        raise FileError.of("there is no such file", place=place, hint=missing) from None
    except OSError as error:
        raise FileError.of(f"cannot be read: {error.strerror}", place=place) from None
    if len(text) > longest:
        raise FileError.of(f"is longer than {longest // 1024**2} MiB", place=place, hint=too_long)
    return text
