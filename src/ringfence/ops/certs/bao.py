"""What the spec, or the environment, says about OpenBao, as the arguments of ``ringfence.pki.openbao``.

What is secret is read here, when it is needed, and goes no further than to the login.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ringfence.errors import FileError, InputError, Place, Problem, RingfenceError
from ringfence.spec.shape import BaoAuth, BaoLogin, OpenBaoPki, PasswordSource, Pki

if TYPE_CHECKING:
    from ringfence.pki.issuing.issuer import Issuer
    from ringfence.pki.openbao.client import Server
    from ringfence.pki.openbao.login import Login, TokenLogin

TOKEN_VARIABLES = ("BAO_TOKEN", "VAULT_TOKEN")
"""Where the command line of OpenBao, and that of Vault, look for a token."""


@asynccontextmanager
async def connected(
    pki: Pki, openbao: OpenBaoPki, roles: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Issuer]:
    """The authority of the spec, logged in as the spec says.

    Args:
        pki: of the spec.
        openbao: the server.
        roles: the PKI role of a Common Name, where it is another than its own.

    Raises:
        InputError: what it takes to log in is missing, or others may read it.
        CertificateError: no answer, a refusal, or no authority that can sign now.
        FileError: the file of the CA of the server's own certificate cannot be read.
    """
    from ringfence.pki.openbao.issuing import connect

    login = login_of(openbao.auth)
    async with connect(server_of(openbao), login, openbao.mount, pki.key, datetime.now(UTC), roles) as issuer:
        yield issuer


def server_of(openbao: OpenBaoPki) -> Server:
    """Which server the spec names."""
    from ringfence.pki.openbao.client import Server

    return Server(address=openbao.address, ca=openbao.ca, namespace=openbao.namespace)


def login_of(auth: BaoAuth) -> Login:
    """What the spec logs in with.

    Raises:
        InputError: a file or variable is missing, empty, or readable by others; all of them at once.
    """
    from ringfence.pki.openbao.login import AppRoleLogin, JwtLogin, TokenLogin

    if auth.method is BaoLogin.APPROLE:
        assert auth.role_id is not None
        assert auth.secret_id is not None
        role_id, secret_id = _all((auth.role_id, auth.secret_id), auth.place)
        return AppRoleLogin(auth.mount, role_id, secret_id)
    assert auth.secret is not None
    secret = _from(auth.secret, auth.place)
    if auth.method is BaoLogin.TOKEN:
        return TokenLogin(secret)
    assert auth.role is not None
    return JwtLogin(auth.mount, auth.role, secret)


def privileged_login(file: Path | None, environ: Mapping[str, str] = os.environ) -> TokenLogin:
    """The token of somebody who may prepare the server: from a file, else from the environment.

    Raises:
        InputError: there is none, or others may read the file.
    """
    from ringfence.pki.openbao.login import TokenLogin

    if file is not None:
        return TokenLogin(_read(file))
    token = next((environ[name] for name in TOKEN_VARIABLES if environ.get(name)), None)
    if token is None:
        hint = f"set {' or '.join(TOKEN_VARIABLES)} for this command only, or name a file: --token-file FILE"
        raise InputError.of("preparing the server needs a token, and there is none", hint=hint)
    return TokenLogin(token)


def _all(sources: Sequence[PasswordSource], place: Place) -> tuple[str, ...]:
    found: list[str] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            found.append(_from(source, place))
        except RingfenceError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return tuple(found)


def _from(source: PasswordSource, place: Place) -> str:
    if source.file is not None:
        return _read(source.file)
    value = os.environ.get(source.variable or "", "").strip()
    if not value:
        hint = "set the variable for this command only"
        raise InputError.of(f"{source} holds nothing to log in with", place=place, hint=hint)
    return value


def _read(file: Path) -> str:
    from ringfence.pki.folder.store import read_file

    found = read_file(file, private=True, what="secret")
    try:
        value = found.content.decode("ascii").strip()
    except UnicodeDecodeError:
        value = ""
    if not value or not value.isprintable() or " " in value:
        raise FileError.of("does not hold one line of text", place=found.place, hint="write it again, mode 0600")
    return value
