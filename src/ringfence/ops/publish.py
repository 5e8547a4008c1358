"""Writing what was rendered: whole files or none, only those that differ, keys for the owner alone."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ringfence.errors import FileError, Place


def publish(files: Mapping[Path, str], *, private: bool) -> tuple[Path, ...]:
    """Write each file whose content is not there yet; folders are created.

    Args:
        files: the text of each file, by its path.
        private: mode 0600 from the first byte, else 0644.

    Returns:
        The files that were written; the others were as wanted already.

    Raises:
        FileError: a file that could not be written; then all of them are as before.
    """
    mode = 0o600 if private else 0o644
    staged: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            with _told_of(path):
                if not _is_as_wanted(path, text.encode(), mode):
                    staged[path] = _stage(path, text.encode(), mode)
        for path, temporary in staged.items():
            with _told_of(path):
                temporary.replace(path)
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)
    return tuple(staged)


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """What the system refuses, as an error about the file that was meant."""
    try:
        yield
    except OSError as error:
        raise FileError.of(f"cannot be written: {error.strerror}", place=Place(str(path))) from None


def _is_as_wanted(path: Path, content: bytes, mode: int) -> bool:
    try:
        return path.stat().st_mode & 0o777 == mode and path.read_bytes() == content
    except (FileNotFoundError, IsADirectoryError):
        return False


def _stage(path: Path, content: bytes, mode: int) -> Path:
    """The content in a file beside the one that is meant, on disk, to be renamed."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
    except BaseException:  # Ctrl-C too: no half file stays
        with suppress(OSError):
            temporary.unlink()
        raise
    return temporary
