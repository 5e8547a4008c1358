"""Reading a file that holds a key, a certificate or a passphrase: a plain one, of that size, and nobody else's."""

from __future__ import annotations

import os
import stat

from ringfence.errors import FileError, Place
from ringfence.pki.folder.file_trouble import file_error
from ringfence.pki.pem import PemFile

_LARGEST = 1 << 20


def read_pem(path: str, *, private: bool, follow: bool = False, what: str = "") -> PemFile | None:
    """The file, or None where there is none.

    Args:
        path: where it is.
        private: whether others must not be able to read it.
        follow: whether it may be a symbolic link.
        what: what it holds, for messages; by itself a private key or a certificate.

    Raises:
        FileError: it cannot be read, is no plain file, too large, or private and others may read it.
    """
    place = Place(path)
    # Without O_NONBLOCK a named pipe in the way would be waited for.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
        try:
            status = os.fstat(descriptor)
            _refuse_odd(status, place, what or "private key", private=private)
            content = os.read(descriptor, _LARGEST)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise file_error(error, path, f"read the {what or ('key' if private else 'certificate')}") from None
    return PemFile(content, place)


def _refuse_odd(status: os.stat_result, place: Place, what: str, *, private: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        hint = "move it away"
        if stat.S_ISDIR(status.st_mode):
            doing = "key" if private else "certificate"
            raise FileError.of(f"cannot read the {doing}: a folder is in the way", place=place, hint=hint)
        raise FileError.of("this is no plain file", place=place, hint=hint)
    if status.st_size > _LARGEST:
        raise FileError.of(
            f"this file has {status.st_size} bytes, no certificate has", place=place, hint="move it away"
        )
    if private and status.st_mode & 0o077:
        again = "issue the certificate again" if what == "private key" else "choose another"
        raise FileError.of(
            f"others may read this {what} (mode {stat.S_IMODE(status.st_mode):04o})",
            place=place,
            hint=f"if nobody did: `chmod 600 {place.file}`; else move it away and {again}",
        )
