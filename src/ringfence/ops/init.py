"""``init``: write the first spec, never over another one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ringfence.errors import FileError, InputError, Place, Problem, SpecError
from ringfence.ops.load import understand
from ringfence.spec.template import Answers, template


def init(path: Path, answers: Answers, today: date) -> str:
    """Write a commented spec to ``path``.

    Args:
        path: the new file.
        answers: what the operator said of the cluster.
        today: the day, for the check of what is written.

    Returns:
        The text that was written.

    Raises:
        InputError: the answers make no correct spec; nothing was written.
        FileError: there is a file already, or it cannot be written.
    """
    text = template(answers)
    try:
        understand(text, str(path), path.absolute().parent, today)
    except SpecError as error:
        raise InputError(*(_of_answers(problem) for problem in error.problems)) from None
    _write(path, text)
    return text


def _of_answers(problem: Problem) -> Problem:
    """The problem without the line of a file that was never written."""
    path = "" if problem.place is None else problem.place.path
    return Problem(f"{path}: {problem.what}" if path else problem.what, None, problem.hint)


def _write(path: Path, text: str) -> None:
    place = Place(str(path))
    try:
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
                file.flush()
            except OSError:
                path.unlink()
                raise
    except FileExistsError:
        hint = "edit it, or name another with -f"
        raise FileError.of("there is a file already", place=place, hint=hint) from None
    except OSError as error:
        raise FileError.of(f"cannot be written: {error.strerror}", place=place) from None
