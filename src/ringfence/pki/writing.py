"""New files with everything that a private key asks for: mode from the first byte, durable, whole or absent.

A file is created exclusively under a temporary name beside its place, written, synced to disk and only then renamed,
so a crash leaves the old state or the new one. Nothing is overwritten: what is in the way is moved aside where the
caller said so, else it is an error.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ringfence.pki.file_trouble import file_error

UNFINISHED = ".new"
"""How the name of a file ends, behind a leading dot, that was not finished."""

PRIVATE, PUBLIC = 0o600, 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file to be.

    Args:
        path: its place.
        mode: ``PRIVATE`` or ``PUBLIC``.
        aside: where to move what is at its place now, at most two new folders away; None where nothing may be there.
    """

    path: Path
    content: bytes = field(repr=False)
    mode: int
    aside: Path | None = None

    @property
    def unfinished(self) -> Path:
        """The temporary name."""
        return self.path.with_name(f".{self.path.name}{UNFINISHED}")


def write_new(directory: Path, files: Sequence[NewFile]) -> None:
    """Write a batch of files into one folder; every file is synced, and at the end the folder, once.

    The files appear in the order given. Writing all before syncing the first lets the disk join the work.

    Args:
        directory: the folder of all the files.
        files: a few hundred at most: all are open at the same time.

    Raises:
        FileError: at the first file that cannot be written; those before it in the batch may be there, whole.
    """
    started: list[NewFile] = []
    try:
        descriptors = []
        try:
            for each in files:
                with _naming(each.path, "write"):
                    descriptors.append(_create(each, started))
            for each, descriptor in zip(files, descriptors, strict=True):
                with _naming(each.path, "write"):
                    os.fsync(descriptor)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        changed = {directory}
        for each in files:
            changed |= _put_in_place(each)
            started.remove(each)
        _sync_folders(changed)
    finally:
        for each in started:
            with suppress(OSError):  # there is an error under way already, and the next writer removes what is left
                each.unfinished.unlink()


def _sync_folders(folders: set[Path]) -> None:
    """Make the names in these folders durable."""
    for folder in folders:
        with _naming(folder, "sync the folder"):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _create(new: NewFile, started: list[NewFile]) -> int:
    """Create and write one unfinished file; its open descriptor."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(new.unfinished, flags, new.mode)
    try:
        started.append(new)
        if new.mode == PUBLIC:
            os.fchmod(descriptor, PUBLIC)  # a strict umask must not hide certificates from the services that need them
        rest = memoryview(new.content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _put_in_place(new: NewFile) -> set[Path]:
    """Give an unfinished file its name; the other folders that were changed for it."""
    changed: set[Path] = set()
    with _naming(new.path, "put into place"):
        if os.path.lexists(new.path):
            if new.aside is None:
                raise FileExistsError(errno.EEXIST, "exists")
            folder = new.aside.parent
            for each in (folder.parent, folder):  # `parents=True` would leave the outer one to the umask
                each.mkdir(mode=0o700, exist_ok=True)
            new.path.rename(new.aside)
            changed = {folder, folder.parent}
        new.unfinished.rename(new.path)
    return changed


@contextmanager
def _naming(path: Path, doing: str) -> Iterator[None]:
    """Turn what the system refuses into an error that names the file."""
    try:
        yield
    except OSError as error:
        raise file_error(error, path, doing) from None
