"""Reading ``pki:``: where certificates lie, what keys they have and how long they last."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ringfence.errors import Place
from ringfence.model.certificate import KeyType, Validity
from ringfence.spec.durations import read_duration
from ringfence.spec.reader import Cursor, Fields, shown
from ringfence.spec.shape import Pki

DIRECTORY = "pki"
VALIDITY = Validity(ca=timedelta(days=3650), member=timedelta(days=365), client=timedelta(days=90))


def default_pki(folder: Path, place: Place) -> Pki:
    """The authority of a spec that says nothing about it."""
    return Pki(authority="file", directory=folder / DIRECTORY, key=KeyType.ECDSA_P256, validity=VALIDITY, place=place)


def read_pki(cursor: Cursor, folder: Path) -> Pki:
    """``pki:`` with its defaults.

    Args:
        cursor: the value of the key.
        folder: the folder of the spec, against which ``directory`` is resolved.
    """
    fields = cursor.fields(("authority", "directory", "key", "validity"), later=("file", "openbao", "external"))
    return Pki(
        authority=fields.read("authority", lambda at: at.word(("file",), ("openbao", "external"))) or "file",
        directory=folder / (fields.read("directory", _directory) or DIRECTORY),
        key=fields.read("key", lambda at: at.enum(KeyType)) or KeyType.ECDSA_P256,
        validity=fields.read("validity", _validity) or VALIDITY,
        place=cursor.place,
    )


def _directory(cursor: Cursor) -> str | None:
    written = cursor.text()
    if written is not None and not (written.strip() and written.isprintable()):
        cursor.problem(f"{shown(written)} is not a folder", "name one, relative to this file or absolute")
        return None
    return written


def _validity(cursor: Cursor) -> Validity:
    fields = cursor.fields(("ca", "member", "client"))
    authority = _length(fields, "ca", VALIDITY.ca)
    validity = Validity(
        ca=authority,
        member=_length(fields, "member", min(VALIDITY.member, authority)),
        client=_length(fields, "client", min(VALIDITY.client, authority)),
    )
    for name, length in (("member", validity.member), ("client", validity.client)):
        if length > authority:
            (fields.get(name) or cursor).problem(
                "is longer than the validity of the ca", "a certificate ends with its authority: shorten it"
            )
    return validity


def _length(fields: Fields, name: str, default: timedelta) -> timedelta:
    return fields.read(name, read_duration) or default
