"""Writing what was rendered: whole files or none, only those that differ, keys for the owner alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
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
        FileError: the first file that could not be written; it and those behind it are as before.
    """
    mode = 0o600 if private else 0o644
    written = []
    for path, text in files.items():
        try:
            if not _is_as_wanted(path, text.encode(), mode):
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, text.encode(), mode)
                written.append(path)
        except OSError as error:
            raise FileError.of(f"cannot be written: {error.strerror}", place=Place(str(path))) from None
    return tuple(written)


def _is_as_wanted(path: Path, content: bytes, mode: int) -> bool:
    try:
        return path.stat().st_mode & 0o777 == mode and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _replace(path: Path, content: bytes, mode: int) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
