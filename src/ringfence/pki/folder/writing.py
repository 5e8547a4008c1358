"""New files with everything that a private key asks for: mode from the first byte, durable, whole or absent.

A file is created exclusively under a temporary name beside its place, written, synced to disk and only then renamed,
so a crash leaves the old state or the new one. Nothing is overwritten: what is in the way is moved aside where the
caller said so, else it is an error.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ringfence.pki.folder.file_trouble import file_error

UNFINISHED = ".new"
"""How the name of a file ends, behind a leading dot, that was not finished."""

PRIVATE, PUBLIC = 0o600, 0o644
_SYNCS = 8
"""Files that are synced at the same time."""


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
    def unfinished(self) -> str:
        """The path while it is not finished."""
        folder, name = os.path.split(self.path)
        return f"{folder}/.{name}{UNFINISHED}"


def sync_folders(folders: set[Path]) -> None:
    """Make the names in these folders durable.

    Raises:
        FileError: the system refuses.
    """
    for folder in folders:
        with _naming(folder, "sync the folder"):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def write_new(directory: Path, files: Sequence[NewFile]) -> None:
    """Write a batch of files into one folder; every file is synced, and at the end the folder, once.

    The files appear in the order given, none before all are synced.

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
            _sync(files, descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        changed = {directory}
        for each in files:
            changed |= _put_in_place(each)
            started.remove(each)
        sync_folders(changed)
    finally:
        for each in started:
            with suppress(OSError):  # there is an error under way already, and the next writer removes what is left
                Path(each.unfinished).unlink()


def _sync(files: Sequence[NewFile], descriptors: Sequence[int]) -> None:
    """Sync every file, some at the same time: they then share a commit of the file system's journal."""

    def sync(part: int) -> None:
        for new, descriptor in zip(files[part::_SYNCS], descriptors[part::_SYNCS], strict=True):
            with _naming(new.path, "write"):
                os.fsync(descriptor)

    with ThreadPoolExecutor(min(_SYNCS, len(files))) as pool:
        list(pool.map(sync, range(min(_SYNCS, len(files)))))


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
    except BaseException:  # Ctrl-C too: whoever called has no descriptor to close
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
        Path(new.unfinished).rename(new.path)
    return changed


@dataclass(frozen=True, slots=True)
class _naming:  # noqa: N801  # used like a function; as a generator it would take longer than what it watches over
    """Turn what the system refuses into an error that names the file."""

    path: Path
    doing: str

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OSError):
            raise file_error(error, self.path, self.doing) from None
