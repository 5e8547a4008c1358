"""One connection to the v2 API of one member, as one identity: requests in, answers or our errors out.

It uses no proxy of the environment. Paths go over the wire byte for byte as they are given, because etcd's rules look
at them as they were sent.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode, urlsplit

from ringfence.errors import ClusterError, InputError, NoV2, Place
from ringfence.etcd.diagnosis import speaks_plain_http
from ringfence.etcd.transport import PLAIN_HTTP
from ringfence.etcd.v2.answer import AnswerV2
from ringfence.etcd.v2.obstacles import unreached
from ringfence.etcd.v2.refusals import not_served, refusal
from ringfence.etcd.v2.tls import client_tls
from ringfence.http.answered import Answered
from ringfence.http.connection import Connection, is_url
from ringfence.http.silence import Cause, Silence
from ringfence.model.credentials import Credentials, SpareKey
from ringfence.model.version import Version

SECONDS = 10.0
"""How long an answer is waited for, unless told otherwise. etcd itself gives up after about 7 s without a quorum."""
AT_ONCE = 4
"""Requests under way on one client, each on a connection of its own: this is HTTP/1.1. More cost more than they bring,
for all connections are looked at for each request."""

_GONE = (3, 6)
"""The first line of releases without the API."""
_INDEX = re.compile(r"[0-9]{1,20}")
_MORE_LOOKS = 3
_LOOK_PAUSE_SECONDS = 0.15
_LISTEN_SECONDS = 1.0


class Exchange:
    """Requests to the ``https`` URL of one member; a context manager.

    Args:
        endpoint: ``https://host:port``.
        credentials: what to trust and what to show.
        seconds: how long to wait for the whole of an answer; the wait for others under way does not count.
        login: a user and password, which etcd takes instead of the name in the certificate.

    Raises:
        InputError: the endpoint is not such a URL.
        TlsRefused: the certificates cannot be used.
    """

    def __init__(
        self, endpoint: str, credentials: Credentials, *, seconds: float = SECONDS, login: SpareKey | None = None
    ) -> None:
        self.endpoint = _checked(endpoint)
        self._tls = client_tls(credentials, endpoint)
        login_pair = None if login is None else (login.user, login.password)
        self._connection = Connection(self.endpoint, self._tls, seconds=seconds, at_once=AT_ONCE, login=login_pair)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End its connections."""
        await self._connection.close()

    async def call(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: object = None
    ) -> AnswerV2:
        """Send one request and return its answer, which is a yes; see ``ask``.

        Raises:
            ClusterError: of the kind that fits.
        """
        answer = await self.ask(method, path, query=query, body=body)
        if not answer.is_success:
            raise await self.error(answer)
        return answer

    async def ask(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: object = None
    ) -> AnswerV2:
        """Send one request; whatever etcd answers.

        Args:
            method: of HTTP.
            path: with nothing percent-encoded, such as ``/v2/keys/calico``.
            query: what follows a question mark.
            body: becomes JSON; it may hold a password, so it is in no message.

        Raises:
            ClusterError: no answer came.
        """
        target = quote(path, safe="/*:@!$&'()+,;=~") + (f"?{urlencode(query)}" if query else "")
        answer = await self._connection.send(method, target, body)
        if isinstance(answer, Answered):
            return _read(answer, Place(f"{self.endpoint}{path}"))
        raise await self._no_answer(answer)

    async def error(self, answer: AnswerV2) -> ClusterError:
        """The exception that says what an answer means; asks for the release where the API is not there."""
        found = refusal(answer)
        if isinstance(found, NoV2):
            with suppress(ClusterError):  # the release only makes the message better
                version = await self.version()
                if version is not None and version.line >= _GONE:
                    return not_served(answer.place, str(version))
        return found

    async def version(self) -> Version | None:
        """The release of the member, which tells it to anybody; None where it does not."""
        answer = await self.ask("GET", "/version")
        told = answer.content.get("etcdserver")
        return Version.parse(told) if isinstance(told, str) else None

    async def _no_answer(self, silence: Silence) -> ClusterError:
        """The exception for a silence; where a cut connection is all there was to see, after a few looks more.

        A server that refuses our certificate sends an alert and closes; the close overtakes the alert where our request
        is on its way already, which with TLS 1.3 it is. So the last look is one without a request.
        """
        for _ in range(_MORE_LOOKS):
            if silence.cause is not Cause.CUT:
                break
            if await speaks_plain_http(self.endpoint):
                return PLAIN_HTTP.error.of(PLAIN_HTTP.what, place=Place(self.endpoint), hint=PLAIN_HTTP.hint)
            await asyncio.sleep(_LOOK_PAUSE_SECONDS)
            again = await self._connection.send("GET", "/version")
            if isinstance(again, Answered) or again.cause is Cause.TOO_LONG:
                break
            if again.cause is Cause.CUT:
                heard = await self._listened()
                if heard is None:
                    break
                again = heard
            if again.cause not in {Cause.UNKNOWN, Cause.TOO_SLOW}:  # these tell less than what was seen first
                silence = again
        return unreached(silence, self.endpoint)

    async def _listened(self) -> Silence | None:
        """What the server says when it is told nothing; None where it waits for us: it has taken our certificate."""
        address = urlsplit(self.endpoint)
        try:
            async with asyncio.timeout(_LISTEN_SECONDS):
                reader, writer = await asyncio.open_connection(address.hostname, address.port, ssl=self._tls)
                try:
                    await reader.read(1)
                finally:
                    writer.close()
        except TimeoutError:
            return None
        except OSError as error:
            return Silence.of(error)
        return Silence(Cause.UNKNOWN)


def _checked(endpoint: str) -> str:
    hint = "write https://host:port"
    if not is_url(endpoint):
        raise InputError.of("not a URL", place=Place(endpoint), hint=hint)
    address = urlsplit(endpoint)
    if address.scheme == "http":
        raise InputError.of("plain HTTP is not spoken with etcd", place=Place(endpoint), hint=hint)
    if address.scheme != "https" or address.hostname is None or address.path not in {"", "/"}:
        raise InputError.of("not the https URL of an etcd member", place=Place(endpoint), hint=hint)
    host = f"[{address.hostname}]" if ":" in address.hostname else address.hostname
    return f"https://{host}:{address.port or 2379}"


def _read(answer: Answered, place: Place) -> AnswerV2:
    index = answer.headers.get("X-Etcd-Index", "")
    return AnswerV2(
        status=answer.status,
        content=answer.content or {},
        text=answer.text,
        index=int(index) if _INDEX.fullmatch(index) else None,
        from_v2="X-Etcd-Cluster-ID" in answer.headers,
        place=place,
    )
