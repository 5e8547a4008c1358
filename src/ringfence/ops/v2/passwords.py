"""The passwords that v2 insists on: long, random, and thrown away, since certificates log in.

Root's can be kept, for the day on which no certificate gets in any more: in a file that nobody else ever could read.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

from ringfence.changes.plan import Plan
from ringfence.changes.v2.change import AddUserV2
from ringfence.errors import FileError, InputError, Place
from ringfence.model.names import ROOT_USER, UserName


@dataclass(slots=True)
class PasswordsV2:
    """Makes each password once.

    Args:
        keep: the file for root's; None throws that away too.
    """

    keep: Path | None = None
    _root: str | None = field(default=None, repr=False)

    def of(self, user: UserName) -> str:
        """The password for a user that is about to be made; root's is in its file before it is returned.

        Raises:
            FileError: the file is there already, or cannot be written.
        """
        if user != ROOT_USER or self.keep is None:
            return _password()
        if self._root is None:
            password = _password()
            _write_new(self.keep, password)
            self._root = password
        return self._root


def check_keep(keep: Path | None, plan: Plan) -> None:
    """Refuse to keep what will not be made, and where it cannot be; before anything is changed.

    A file is made there and removed again, as long as the password's will be.

    Raises:
        InputError: the plan makes no user root in v2.
        FileError: the file is there already, or cannot be written.
    """
    if keep is None:
        return
    if plan.v2 is None or not any(isinstance(each, AddUserV2) and each.user == ROOT_USER for each in plan.v2.changes):
        what = "this plan makes no v2 user root, so there is no password of it to keep"
        raise InputError.of(what, hint="leave out --keep-v2-root-password; nothing was changed")
    try:
        _write_new(keep, _password())
    except FileError as error:
        told = (replace(each, hint=f"{each.hint}; nothing was changed") for each in error.problems)
        raise FileError(*told) from None
    try:
        keep.unlink()
    except OSError as error:
        hint = "name a file in another folder; nothing was changed"
        raise FileError.of(f"cannot be removed again: {error.strerror}", place=Place(str(keep)), hint=hint) from None


def _password() -> str:
    return secrets.token_urlsafe(48)


def _write_new(path: Path, password: str) -> None:
    """Readable by the owner alone from its first byte on, and never over another file."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{password}\n")
            file.flush()
            os.fsync(descriptor)
    except FileExistsError:
        raise _is_there(path) from None
    except OSError as error:
        what = f"the password of v2's root cannot be kept: {error.strerror}"
        raise FileError.of(what, place=Place(str(path)), hint="name a file in a folder of yours") from None


def _is_there(path: Path) -> FileError:
    return FileError.of("is there already", place=Place(str(path)), hint="name another file, or remove this one")
