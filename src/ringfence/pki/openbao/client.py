"""One connection to OpenBao or Vault: requests as somebody, answers as values, every failure as one of our errors.

It does not know what a PKI engine is.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from ringfence.errors import AuthorityError, CertificateError, Place
from ringfence.http.answered import Answered
from ringfence.http.connection import Connection
from ringfence.http.silence import Cause
from ringfence.pki.folder.store import read_file
from ringfence.pki.openbao.answer import Answer
from ringfence.pki.openbao.at_once import AT_ONCE
from ringfence.pki.openbao.login import Login, TokenLogin, request_of
from ringfence.pki.openbao.obstacles import obstacle
from ringfence.pki.openbao.refusals import Asked, not_openbao, refusal

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 60.0
"""How long a connection and an answer are waited for; a server that makes an RSA key takes its time."""

_PAUSES = (0.2, 1.0)
"""Seconds before a request that may be repeated is sent again."""

_FRESH = 0.8
"""The part of a login's life after which it is renewed."""

_BUSY = {429, 502, 503, 504}
_NO_CONTENT, _NOT_FOUND = 204, 404
_MAY_PASS = {Cause.CUT, Cause.UNKNOWN}
"""What may be otherwise in a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Which server, and how it is trusted.

    Args:
        address: its URL, without a slash at its end.
        ca: the PEM file of who signed its certificate; None: those that the machine trusts.
        namespace: its namespace, None for the root one.
    """

    address: str
    ca: Path | None = None
    namespace: str | None = None


class Client:
    """An async context manager: logs in when it is first asked for something, and out again at its end.

    Args:
        server: whom to ask.
        login: as whom.
        seconds: how long the whole of an answer is waited for.

    Raises:
        FileError: the file of the CA cannot be read.
        CertificateError: it holds no certificate.
    """

    def __init__(self, server: Server, login: Login, *, seconds: float = ANSWER_SECONDS) -> None:
        self.address = server.address
        self._login = login
        self._token: str | None = None
        self._fresh_until = float("inf")
        self._logging_in = asyncio.Lock()
        headers = {"X-Vault-Request": "true"}
        if server.namespace is not None:
            headers["X-Vault-Namespace"] = server.namespace
        self._connection = Connection(
            server.address,
            _trust(server),
            seconds=seconds,
            connect_seconds=CONNECT_SECONDS,
            at_once=AT_ONCE,
            headers=headers,
            # A proxy of the environment sees TLS at most; plain HTTP stays on this machine.
            by_proxy=server.address.startswith("https:"),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._token is not None and not isinstance(self._login, TokenLogin):
                with suppress(AuthorityError):  # it ends by itself; a login without the default policy may not do this
                    await self._send("POST", "auth/token/revoke-self", {}, self._token, repeatable=False)
        finally:
            await self._connection.close()

    async def read(self, path: str) -> Answer | None:
        """What is at a path; None where nothing is.

        Raises:
            AuthorityError: no answer, or another one.
        """
        return await self._send("GET", path, None, await self._current(), repeatable=True)

    async def list(self, path: str) -> tuple[str, ...]:
        """The names below a path.

        Raises:
            AuthorityError: no answer, or another one.
        """
        answer = await self._send("LIST", path, None, await self._current(), repeatable=True)
        return () if answer is None else answer.part("data").texts("keys")

    async def write(self, path: str, body: Mapping[str, object], *, repeatable: bool = True) -> Answer:
        """Send ``body`` to a path.

        Args:
            path: below ``/v1/``.
            body: becomes JSON.
            repeatable: whether doing it twice is as good as once, so that it may be sent again after a cut connection.

        Raises:
            AuthorityError: no answer, or another than yes.
        """
        answer = await self._send("POST", path, body, await self._current(), repeatable=repeatable)
        return Answer({}, Asked(self.address, "POST", path).place) if answer is None else answer

    async def _current(self) -> str:
        """The token, which is got when it is first needed and again before it ends."""
        async with self._logging_in:
            if self._token is None or time.monotonic() > self._fresh_until:
                if isinstance(self._login, TokenLogin):
                    self._token = self._login.token
                else:
                    path, body = request_of(self._login)
                    answer = await self._send("POST", path, body, None, repeatable=False)
                    granted = Answer({}, Place(self.address)) if answer is None else answer.part("auth")
                    seconds = granted.number("lease_duration")
                    self._token = granted.text("client_token")
                    self._fresh_until = time.monotonic() + seconds * _FRESH if seconds else float("inf")
            return self._token

    async def _send(
        self, method: str, path: str, body: Mapping[str, object] | None, token: str | None, *, repeatable: bool
    ) -> Answer | None:
        asked = Asked(self.address, method, path)
        headers = {} if token is None else {"X-Vault-Token": token}
        pauses = iter(_PAUSES if repeatable else ())
        while True:
            pause = next(pauses, None)
            answer = await self._connection.send(method, f"/v1/{quote(path)}", body, headers)
            if isinstance(answer, Answered):
                if answer.status not in _BUSY or pause is None or "sealed" in answer.text:
                    return _read(answer, asked)
            elif pause is None or answer.cause not in _MAY_PASS:
                raise obstacle(answer, self.address)
            await asyncio.sleep(pause)


def _read(answer: Answered, asked: Asked) -> Answer | None:
    if answer.status == _NO_CONTENT:
        return None
    if 300 <= answer.status < 400:
        raise refusal(answer.status, (), asked)
    content = answer.content
    if content is None:
        if "HTTPS server" in answer.text:  # a listener that wants TLS answers in plain text
            raise refusal(answer.status, (answer.text,), asked)
        raise not_openbao(answer.status, asked)
    found = Answer(content, asked.place)
    if answer.is_success:
        return found
    texts = found.texts("errors")
    if answer.status == _NOT_FOUND and not texts and asked.method in {"GET", "LIST"}:
        return None
    raise refusal(answer.status, texts, asked)


def _trust(server: Server) -> ssl.SSLContext | None:
    if not server.address.startswith("https:"):
        return None
    if server.ca is None:
        return ssl.create_default_context()
    bundle = read_file(server.ca, private=False)
    try:
        return ssl.create_default_context(cadata=bundle.content.decode("ascii"))
    except (ssl.SSLError, UnicodeDecodeError):
        hint = "name the PEM file of the CA that signed the server's certificate"
        raise CertificateError.of("there is no PEM certificate in it", place=bundle.place, hint=hint) from None
