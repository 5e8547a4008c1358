"""Requests to one server, each with a limit to its time and to its answer's size.

It follows no redirection: a password or a token would go wherever an answer says. Paths go over the wire byte for byte
as they are given, because servers look at them as they were sent. Nothing is sent twice.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from ringfence.http.answered import Answered
from ringfence.http.silence import Cause, Silence

LARGEST_BYTES = 32 << 20
"""An answer that is longer is not read: no list of users or roles, and no directory that ringfence looks at, is."""

_GRACE_SECONDS = 0.5
"""httpx limits the wait for each piece of an answer, so a server that drips would hold us for ever; what it limits
itself it ends more cleanly, so it is to be first."""


class Connection:
    """Requests to one server.

    Args:
        address: its URL, without a path.
        tls: what to trust and what to show; None where the address is plain HTTP.
        seconds: how long to wait for the whole of an answer; the wait for others under way does not count.
        at_once: requests under way, each on a connection of its own.
        connect_seconds: how long to wait for the connection; None is as long as for an answer.
        headers: what each request bears.
        login: a user and a password.
        by_proxy: whether to use the proxy that the environment names.
    """

    def __init__(
        self,
        address: str,
        tls: ssl.SSLContext | None,
        *,
        seconds: float,
        at_once: int,
        connect_seconds: float | None = None,
        headers: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
        by_proxy: bool = False,
    ) -> None:
        if tls is None and address.lower().startswith("https:"):
            raise ValueError("TLS without anything to trust")  # httpx would take whatever the server shows
        self._url = f"{address}/"
        self._has_host = is_url(address)
        self._seconds = seconds
        self._connect_seconds = seconds if connect_seconds is None else connect_seconds
        self._turns = asyncio.Semaphore(at_once)
        self._http = httpx.AsyncClient(
            auth=None if login is None else httpx.BasicAuth(*login),
            headers={"Accept-Encoding": "identity", **(headers or {})},
            verify=tls or False,
            timeout=httpx.Timeout(seconds, connect=self._connect_seconds, pool=None),
            limits=httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once),
            trust_env=by_proxy,
        )

    async def close(self) -> None:
        """End its connections."""
        await self._http.aclose()

    async def send(
        self, method: str, target: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answered | Silence:
        """Send one request, and read all of its answer.

        Args:
            method: of HTTP.
            target: path and query, percent-encoded.
            body: becomes JSON, unless it is None.
            headers: of this request alone.
        """
        if not self._has_host:
            return Silence(Cause.UNKNOWN_HOST)
        try:
            return await self._send(method, target, body, headers or {})
        except httpx.ConnectTimeout:
            return Silence(Cause.TOO_SLOW, self._connect_seconds)
        except (httpx.TimeoutException, TimeoutError):
            return Silence(Cause.TOO_SLOW, self._seconds)
        except (httpx.HTTPError, OSError) as error:
            return Silence.of(error)

    async def _send(self, method: str, target: str, body: object, headers: Mapping[str, str]) -> Answered | Silence:
        content = None if body is None else json.dumps(body).encode()
        sent = dict(headers) if body is None else {"Content-Type": "application/json", **headers}
        extensions = {"target": target.encode("ascii")}  # else dots and slashes in it would be tidied up
        asked = self._http.stream(method, self._url, content=content, headers=sent, extensions=extensions)
        async with self._turns, asyncio.timeout(self._seconds + _GRACE_SECONDS), asked as answer:
            read = bytearray()
            async for piece in answer.aiter_raw():
                read += piece
                if len(read) > LARGEST_BYTES:
                    return Silence(Cause.TOO_LONG, LARGEST_BYTES)
            return Answered(answer.status_code, answer.headers, bytes(read))


def is_url(text: str) -> bool:
    """Whether it is a URL, and its host could be one: not every name can."""
    try:
        _ = (urlsplit(text).port, httpx.URL(text).host)
    except (ValueError, httpx.InvalidURL):
        return False
    return True
