"""Reading ``pki:``: where certificates lie, what keys they have and how long they last."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ringfence.errors import Place
from ringfence.model.certificate import KeyType, Validity
from ringfence.spec.cluster.authorities import default_external, read_external, read_file_authority, read_openbao
from ringfence.spec.durations import read_duration
from ringfence.spec.reader import Cursor, Fields, shown
from ringfence.spec.shape import ExternalPki, FilePki, OpenBaoPki, Pki, Source

DIRECTORY = "pki"
VALIDITY = Validity(ca=timedelta(days=3650), member=timedelta(days=365), client=timedelta(days=90))


def default_pki(folder: Path, place: Place) -> Pki:
    """The authority of a spec that says nothing about it."""
    return Pki(
        authority=Source.FILE,
        directory=folder / DIRECTORY,
        key=KeyType.ECDSA_P256,
        validity=VALIDITY,
        file=FilePki(),
        openbao=None,
        external=None,
        place=place,
    )


def read_pki(cursor: Cursor, folder: Path) -> Pki:
    """``pki:`` with its defaults.

    Args:
        cursor: the value of the key.
        folder: the folder of the spec, against which ``directory`` is resolved.
    """
    fields = cursor.fields(("authority", "directory", "key", "validity", *(each.value for each in Source)))
    source = fields.read("authority", lambda at: at.enum(Source)) or Source.FILE
    for unused in Source:
        written = fields.get(unused.value)
        if written is not None and unused is not source:
            written.problem(
                f"is not used: the authority is {source.value}", f"remove it, or write authority: {unused.value}"
            )
    directory = folder / (fields.read("directory", _directory) or DIRECTORY)
    return Pki(
        authority=source,
        directory=directory,
        key=fields.read("key", lambda at: at.enum(KeyType)) or KeyType.ECDSA_P256,
        validity=fields.read("validity", _validity) or VALIDITY,
        file=fields.read("file", lambda at: read_file_authority(at, folder)) or FilePki(),
        openbao=None if source is not Source.OPENBAO else _openbao(fields, folder),
        external=None if source is not Source.EXTERNAL else _external(cursor, fields, folder, directory),
        place=cursor.place,
    )


def _openbao(fields: Fields, folder: Path) -> OpenBaoPki | None:
    at = fields.need("openbao", "say where it is: openbao: {address: https://HOST:8200, mount: pki-etcd, auth: ...}")
    return None if at is None else read_openbao(at, folder)


def _external(cursor: Cursor, fields: Fields, folder: Path, directory: Path) -> ExternalPki:
    at = fields.get("external")
    return default_external(cursor, folder, directory) if at is None else read_external(at, folder, directory)


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
