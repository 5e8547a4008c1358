"""Small values that several sections read: versions and folders."""

from __future__ import annotations

from pathlib import PurePosixPath

from ringfence.model.version import Version
from ringfence.spec.reader import Cursor, shown


def read_version(cursor: Cursor) -> Version | None:
    """A release such as 3.6.14, or a line of releases such as 3.6."""
    written = cursor.text()
    if written is None:
        return None
    version = Version.parse(written)
    if version is None:
        cursor.problem(f"{shown(written)} is not a version", "write a release such as 3.6.14, or a line such as 3.6")
    return version


def read_folder(cursor: Cursor) -> PurePosixPath | None:
    """An absolute path on the machine where a component runs."""
    written = cursor.text()
    if written is None:
        return None
    if not written.startswith("/") or not written.isprintable():
        cursor.problem(f"{shown(written)} is not an absolute path", "begin it with /")
        return None
    return PurePosixPath(written)
