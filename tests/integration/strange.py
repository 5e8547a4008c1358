"""A server of the test's authority that answers whatever it is told to: whole, in drips, or without end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.integration.stage import Authority

Answers = Callable[[], Iterator[bytes]]
"""The pieces of one answer, head and all."""

_PIECE_SECONDS = 0.05


def whole(head: str, body: bytes = b"", *, length: int | None = None) -> Answers:
    """An answer at once; ``length`` is what it says of its body."""

    def pieces() -> Iterator[bytes]:
        yield f"HTTP/1.1 {head}\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n".encode("latin-1")
        yield body

    return pieces


def without_end(piece: bytes) -> Answers:
    """An answer whose body never ends."""

    def pieces() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"%x\r\n%s\r\n" % (len(piece), piece)

    return pieces


def at_once(*said: bytes) -> Answers:
    """These bytes, and the end."""
    return lambda: iter(said)


@asynccontextmanager
async def strange_server(authority: Authority, answers: Answers, folder: Path) -> AsyncIterator[str]:
    """The URL of a server that answers so, whatever it is asked."""
    pair = authority.issue(hosts=("127.0.0.1",), usages=("server",))
    (folder / "server.pem").write_bytes(pair.certificate + pair.key)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "server.pem")

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            for piece in answers():
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(_PIECE_SECONDS if len(piece) < 100 else 0)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has had enough, or the test
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)
