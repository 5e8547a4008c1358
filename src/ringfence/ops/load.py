"""From a path to a spec and what follows from it: the one place where the spec file is opened."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ringfence.catalog.load import load as load_catalog
from ringfence.errors import FileError, Place, SpecError
from ringfence.spec.read import examine
from ringfence.spec.shape import Spec
from ringfence.wanted import build
from ringfence.wanted.build import Wanted
from ringfence.wanted.parts import cataloged

LONGEST = 16 * 1024 * 1024
"""A spec of 10,000 components is a tenth of this; anything longer is another file."""


def load(path: Path, today: date) -> tuple[Spec, Wanted]:
    """The spec at ``path`` and everything that it asks for.

    Args:
        path: the file; paths in it are resolved against its folder.
        today: the day against which accepted holes expire.

    Raises:
        FileError: there is no such file, or it cannot be read.
        SpecError: every problem of the file, those of overlapping segments included.
    """
    return understand(_read(path), str(path), path.absolute().parent, today)


def understand(text: bytes | str, file: str, folder: Path, today: date) -> tuple[Spec, Wanted]:
    """Like ``load``, from a text; see ``ringfence.spec.read``."""
    reading = examine(text, file, folder, today)
    catalog = load_catalog(cataloged(reading.spec), perhaps=(preset.name for preset in reading.spec.presets))
    wanted, problems = build.examine(reading.spec, catalog, whole=not reading.problems)
    found = dict.fromkeys((*reading.problems, *problems))
    if found:
        raise SpecError(*sorted(found, key=lambda problem: (problem.place and problem.place.line) or 0))
    return reading.spec, wanted


def _read(path: Path) -> bytes:
    place = Place(str(path))
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1)
    except FileNotFoundError:
        hint = "ringfence init writes one to start from; -f names another"
        raise FileError.of("there is no such file", place=place, hint=hint) from None
    except OSError as error:
        raise FileError.of(f"cannot be read: {error.strerror}", place=place) from None
    if len(text) > LONGEST:
        raise FileError.of("is longer than 16 MiB", place=place, hint="is this the spec?")
    return text
