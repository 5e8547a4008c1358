"""Passwords of users that cannot log in by certificate: read where the spec says, and handed to etcd alone.

A password is read only when its user is about to be made, is never logged or shown, and a file that others may read is
refused. A user by password without a source in the spec gets one that nobody knows; etcdctl user passwd sets another.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ringfence.changes.change import AddUser, Change
from ringfence.errors import FileError, InputError, Place, Problem, RingfenceError
from ringfence.model.names import UserName
from ringfence.model.state import Login
from ringfence.spec.shape import PasswordSource
from ringfence.wanted.build import Wanted

_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Passwords:
    """The passwords of users that are about to be made; they are no part of its repr."""

    known: Mapping[UserName, str] = field(default_factory=dict, repr=False)

    def of(self, user: UserName) -> str:
        """The password of a user, or a long random one that is thrown away."""
        return self.known.get(user) or secrets.token_urlsafe(48)


def read_passwords(wanted: Wanted, changes: Iterable[Change]) -> Passwords:
    """What the sources in the spec hold for the users that are about to be made.

    Raises:
        InputError: a variable is not set, a file is missing, empty, or readable by others; all of them at once.
    """
    made = {change.user for change in changes if isinstance(change, AddUser) and change.login is Login.PASSWORD}
    known: dict[UserName, str] = {}
    problems: list[Problem] = []
    for identity in wanted.identities:
        if identity.user in made and identity.password is not None:
            try:
                known[identity.user] = _read(identity.password, identity.place)
            except RingfenceError as error:
                problems.extend(error.problems)
    if problems:
        raise InputError(*problems)
    return Passwords(known)


def _read(source: PasswordSource, place: Place) -> str:
    if source.file is None:
        password = os.environ.get(source.variable or "", "")
        hint = "set the variable for this command only"
    else:
        password, hint = _from_file(source), "write the password into it, mode 0600"
    if not password:
        raise InputError.of(f"{source} holds no password", place=place, hint=hint)
    return password


def _from_file(source: PasswordSource) -> str:
    assert source.file is not None
    place = Place(str(source.file))
    try:
        if source.file.stat().st_mode & _OTHERS:
            raise FileError.of("others may read this password", place=place, hint=f"chmod 600 {source.file}")
        return source.file.read_text(encoding="utf-8").rstrip("\n")
    except UnicodeDecodeError:
        raise FileError.of("is not UTF-8 text", place=place, hint="write the password as one line") from None
    except OSError as error:
        raise FileError.of(f"cannot be read: {error.strerror}", place=place, hint="write it, mode 0600") from None
