"""What the operating system refuses, as a FileError with its place and a hint."""

from __future__ import annotations

import errno
from pathlib import Path

from ringfence.errors import FileError, Place

_KNOWN = {
    errno.EACCES: ("no permission", "run as the owner of the folder, or give this user access to it"),
    errno.EPERM: ("not permitted", "run as the owner of the folder, or give this user access to it"),
    errno.EROFS: ("the file system is read-only", "name another folder in `pki.directory`, or mount it writable"),
    errno.ENOSPC: ("no space is left", "make room and run again: what is missing is issued then"),
    errno.EDQUOT: ("the disk quota is used up", "make room and run again: what is missing is issued then"),
    errno.EFBIG: ("files may not be that large here", "raise the limit (`ulimit -f`) and run again"),
    errno.ELOOP: ("a symbolic link", "put the file itself there: links are not followed where keys lie"),
    errno.EEXIST: ("there is something in the way", "move it away"),
    errno.EISDIR: ("a folder is in the way", "move it away"),
    errno.ENOTDIR: ("a part of the path is no folder", "correct `pki.directory`"),
    errno.ENOENT: ("there is no such file or folder", "check the path"),
    errno.ENAMETOOLONG: ("the file name is too long", "choose a shorter identity"),
}


def file_error(error: OSError, path: Path | str, doing: str) -> FileError:
    """The error to raise for what the system said.

    Args:
        error: from the operating system.
        path: what was worked on.
        doing: what could not be done, as an infinitive without ``to``: ``write the key``.
    """
    what, hint = _KNOWN.get(error.errno or 0, ((error.strerror or "input/output error").lower(), None))
    return FileError.of(f"cannot {doing}: {what}", place=Place(str(path)), hint=hint)
