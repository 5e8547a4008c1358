"""Where a plan is written: to a new file, or over an older plan, and over nothing else.

A slip of the hand must not put a plan in the place of the spec or of root's key, nor a file in that of a device.
"""

from __future__ import annotations

import json
from pathlib import Path

from ringfence.changes.plan import Plan
from ringfence.errors import FileError, InputError, Place
from ringfence.ops.publish import publish

_LONGEST = 64 * 1024 * 1024
"""In bytes; a plan of 10,000 users is a tenth of this."""

_HINT = "name another file"


def check_out(name: str) -> Path:
    """The file for a plan, by its name as the operator wrote it.

    Raises:
        InputError: it is no name of a file.
        FileError: there is something else than a plan.
    """
    if name in {"", "-"}:
        what = f"--out {name or repr(name)} names no file"
        raise InputError.of(what, hint="name one, such as plan.json; plan -o json prints a plan that apply takes")
    path, place = Path(name), Place(name)
    if not path.exists():
        return path
    if not path.is_file():
        raise FileError.of("is no plain file, and is not replaced by a plan", place=place, hint=_HINT)
    try:
        with path.open("rb") as file:
            written = file.read(_LONGEST)
    except OSError as error:
        raise FileError.of(f"is there and cannot be read: {error.strerror}", place=place, hint=_HINT) from None
    if not _is_plan(written):
        raise FileError.of("is there and is no plan, so it is not replaced", place=place, hint=_HINT)
    return path


def write_plan(path: Path, plan: Plan) -> None:
    """Write it, whole or not at all.

    Raises:
        FileError: it cannot be written.
    """
    publish({path: json.dumps(plan.to_json(), indent=2) + "\n"}, private=False)


def _is_plan(written: bytes) -> bool:
    """Whether this was once written by ``plan --out``, of whatever version, or is an edited one."""
    try:
        data = json.loads(written)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and {"format", "digest", "changes"} <= data.keys()
