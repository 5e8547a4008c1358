"""HTTP/1.1 over TLS by hand: what a client costs at least, to hold etcd's v2 API against."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it is sent."""

    method: str
    target: str
    body: bytes = b""

    @property
    def sent(self) -> bytes:
        """Its bytes."""
        kind = "Content-Type: application/json\r\n" if self.body else ""
        head = f"{self.method} {self.target} HTTP/1.1\r\nHost: etcd\r\n{kind}Content-Length: {len(self.body)}\r\n\r\n"
        return head.encode() + self.body


class PlainHttp:
    """Some connections to one endpoint, each with one request under way; a context manager."""

    def __init__(self, endpoint: str, tls: ssl.SSLContext, connections: int) -> None:
        self._address = urlsplit(endpoint)
        self._tls = tls
        self._count = connections
        self._open: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def __aenter__(self) -> Self:
        host, port = self._address.hostname, self._address.port
        self._open = [await asyncio.open_connection(host, port, ssl=self._tls) for _ in range(self._count)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, writer in self._open:
            writer.close()

    async def fire(self, requests: Sequence[Request]) -> list[int]:
        """Send them all, and return their statuses in no order."""
        waiting = iter([(request.sent, request.method == "HEAD") for request in requests])
        statuses: list[int] = []

        async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for sent, is_head in waiting:
                writer.write(sent)
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                if length and not is_head:
                    await reader.readexactly(int(length[1]))
                elif not is_head:
                    await _chunks(reader)
                statuses.append(int(head[9:12]))

        await asyncio.gather(*(work(*each) for each in self._open))
        return statuses


async def _chunks(reader: asyncio.StreamReader) -> None:
    while size := int(await reader.readuntil(b"\r\n"), 16):
        await reader.readexactly(size + 2)
    await reader.readexactly(2)
