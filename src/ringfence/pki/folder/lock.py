"""One writer at a time in a folder of certificates.

The lock is the kernel's (flock): it goes when its holder goes, however that ends, and its file stays.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ringfence.errors import FileError, Place
from ringfence.pki.folder.file_trouble import file_error

LOCK_FILE = ".lock"
_TRY_EVERY = 0.05


@contextmanager
def hold(directory: Path, patience: float) -> Iterator[None]:
    """Hold the folder's lock.

    Args:
        directory: an existing folder.
        patience: seconds to wait for somebody else who holds it.

    Raises:
        FileError: somebody else still holds it, or the lock file cannot be opened.
    """
    path = directory / LOCK_FILE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise file_error(error, path, "lock the folder") from None
    try:
        deadline = time.monotonic() + patience
        while not _taken(descriptor):
            if time.monotonic() >= deadline:
                raise FileError.of(
                    "another ringfence is writing certificates in this folder",
                    place=Place(str(directory)),
                    hint="wait until it is done and run again",
                )
            time.sleep(_TRY_EVERY)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
