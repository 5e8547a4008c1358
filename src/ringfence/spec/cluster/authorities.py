"""Reading what signs certificates: files, OpenBao, or an outside authority that takes requests."""

from __future__ import annotations

import ipaddress
import os.path
import re
from pathlib import Path
from urllib.parse import urlsplit

from ringfence.spec.passwords import read_password
from ringfence.spec.reader import Cursor, Fields, shown
from ringfence.spec.shape import BaoAuth, BaoLogin, ExternalPki, FilePki, OpenBaoPki, PasswordSource

REQUESTS = "csr"
_FILES = ("ca", "key", "chain")
_TAKES = {
    BaoLogin.APPROLE: ("method", "mount", "files", "role-id", "secret-id"),
    BaoLogin.TOKEN: ("method", "token"),
    BaoLogin.JWT: ("method", "mount", "role", "jwt"),
}
_PARTS = ("role-id", "secret-id")
_APPROLE = (
    "name the folder with the files role_id and secret_id: files: secrets/; or say where each stands: "
    "role-id: {env: NAME}, secret-id: {file: NAME}"
)
_MOUNT = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")


def read_file_authority(cursor: Cursor, folder: Path) -> FilePki:
    """``pki.file``: the passphrase of the key, and an authority that exists already."""
    fields = cursor.fields((*_FILES, "passphrase"))
    ca, key, chain = (fields.read(name, lambda at: _path(at, folder)) for name in _FILES)
    for name, other in (("ca", "key"), ("key", "ca"), ("chain", "ca")):
        if fields.get(name) is not None and fields.get(other) is None:
            cursor.problem(f"{name} is there without {other}", "name both files of the authority that exists")
    return FilePki(
        ca=ca,
        key=key,
        chain=chain,
        passphrase=fields.read("passphrase", lambda at: _secret(at, folder, "passphrase")),
    )


def read_openbao(cursor: Cursor, folder: Path) -> OpenBaoPki | None:
    """``pki.openbao``; None where it cannot be used."""
    fields = cursor.fields(("address", "mount", "ca", "namespace", "auth"))
    address_at = fields.need("address", "the URL of the server: https://HOST:8200")
    address = None if address_at is None else _address(address_at)
    auth_at = fields.need("auth", "say how to log in: auth: {method: approle, files: secrets/}")
    auth = None if auth_at is None else _auth(auth_at, folder)
    mount = fields.read("mount", _mount) or "pki"
    if address is None or auth is None:
        return None
    return OpenBaoPki(
        address=address,
        mount=mount,
        ca=fields.read("ca", lambda at: _path(at, folder)),
        namespace=fields.read("namespace", _mount),
        auth=auth,
        place=cursor.place,
    )


def default_external(cursor: Cursor, folder: Path, directory: Path) -> ExternalPki:
    """An outside authority of which nothing is said, in what ``cursor`` points to."""
    return ExternalPki(requests=_apart(folder / REQUESTS, directory, cursor), keys_on_node=False)


def read_external(cursor: Cursor, folder: Path, directory: Path) -> ExternalPki:
    """``pki.external``; its folder goes to others, so it must have nothing to do with ``directory``, where keys lie."""
    fields = cursor.fields(("requests", "keys"))
    requests = fields.read("requests", lambda at: _path(at, folder)) or folder / REQUESTS
    return ExternalPki(
        requests=_apart(requests, directory, fields.get("requests") or cursor),
        keys_on_node=fields.read("keys", lambda at: at.word(("here", "node"))) == "node",
    )


def _apart(requests: Path, directory: Path, cursor: Cursor) -> Path:
    here, there = (Path(os.path.normpath(each)) for each in (directory, requests))
    if here.is_relative_to(there) or there.is_relative_to(here):
        hint = "it is handed out: name one of its own"
        cursor.problem("the folder of requests and the pki folder are not apart", hint)
    return requests


def _auth(cursor: Cursor, folder: Path) -> BaoAuth | None:
    fields = cursor.fields(("method", "mount", "role", "files", "role-id", "secret-id", "token", "jwt"))
    method = fields.read("method", lambda at: at.enum(BaoLogin)) or BaoLogin.APPROLE
    for name, at in fields.found.items():
        if name not in _TAKES[method]:
            at.problem(f"{name} is nothing of {method.value}", f"known here: {', '.join(_TAKES[method])}")
    role_id = secret_id = secret_at = None
    if method is BaoLogin.APPROLE:
        role_id, secret_id = _approle(cursor, fields, folder)
    else:
        secret_at = fields.need(method.value, f"say where it stands: {method.value}: {{file: NAME}} or {{env: NAME}}")
    if method is BaoLogin.JWT:
        fields.need("role", "the role of the JWT method that ringfence logs in with")
    return BaoAuth(
        method=method,
        mount=fields.read("mount", _mount) or method.value,
        role=fields.text("role"),
        role_id=role_id,
        secret_id=secret_id,
        secret=None if secret_at is None else _secret(secret_at, folder, method.value),
        place=cursor.place,
    )


def _approle(cursor: Cursor, fields: Fields, folder: Path) -> tuple[PasswordSource | None, PasswordSource | None]:
    """Where both parts stand: in the folder that ``files`` names, or each where it is said of it."""
    files = fields.get("files")
    apart = any(fields.get(name) is not None for name in _PARTS)
    if files is None and not apart:
        cursor.problem("neither files nor role-id with secret-id is there", _APPROLE)
    elif files is not None and apart:
        cursor.problem("files stands for role-id and secret-id, and they are there too", _APPROLE)
    elif files is not None:
        parts = _path(files, folder)
        if parts is not None:
            return PasswordSource(file=parts / "role_id"), PasswordSource(file=parts / "secret_id")
    else:
        for name in _PARTS:
            fields.need(name, _APPROLE)
        role_id = fields.read("role-id", lambda at: _secret(at, folder, "role-id"))
        return role_id, fields.read("secret-id", lambda at: _secret(at, folder, "secret-id"))
    return None, None


def _secret(cursor: Cursor, folder: Path, kind: str) -> PasswordSource | None:
    return read_password(cursor, folder, kind, f"say where it stands: {kind}: {{file: NAME}} or {kind}: {{env: NAME}}")


def _path(cursor: Cursor, folder: Path) -> Path | None:
    written = cursor.text()
    if written is None:
        return None
    if not (written.strip() and written.isprintable()):
        cursor.problem(f"{shown(written)} is no path", "name one, relative to this file or absolute")
        return None
    return folder / written


def _mount(cursor: Cursor) -> str | None:
    written = cursor.text()
    if written is None:
        return None
    path = written.strip("/")
    if not _MOUNT.fullmatch(path) or ".." in path.split("/"):
        cursor.problem(f"{shown(written)} is no path of OpenBao", "write it as in `bao secrets list`: pki-etcd")
        return None
    return path


def _address(cursor: Cursor) -> str | None:
    """The URL; without TLS only on this machine, where a test server or an agent may listen."""
    written = cursor.text()
    if written is None:
        return None
    url = urlsplit(written)
    try:
        usable = (
            url.scheme in {"https", "http"} and bool(url.hostname) and url.path in {"", "/"} and (url.port or 1) > 0
        )
    except ValueError:
        usable = False
    if not usable or url.query or url.fragment or url.username is not None:
        cursor.problem(f"{shown(written)} is no address of a server", "write it as https://HOST:8200")
        return None
    if url.scheme == "http" and not _is_loopback(url.hostname or ""):
        cursor.problem(f"{shown(written)} would send tokens and keys in plain text", "use https")
        return None
    return written.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
