"""A second look at an endpoint on which gRPC failed without a telling text.

It shows no certificate (Python's ``ssl`` could only read the key from a file, and a key is not written to disk for
this), sends nothing but a request for ``/version``, and trusts nothing that it is told.
"""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

_SECONDS = 3.0
_ASK_VERSION = b"GET /version HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\n\r\n"
_ENOUGH = 4096


def anybody() -> ssl.SSLContext:
    """TLS that shows no certificate and checks none: for looking, never for talking."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def http_status(endpoint: str, tls: ssl.SSLContext | None, seconds: float = _SECONDS) -> int | None:
    """The status of ``GET /version``, over TLS or in plain; None where no HTTP answer comes.

    With TLS 1.3 a handshake ends on this side before the server has looked at our certificate: so an answer counts,
    not the handshake.
    """
    address = urlsplit(endpoint)
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address.hostname, address.port, ssl=tls)
            try:
                writer.write(_ASK_VERSION)
                start = await reader.readline()
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, ValueError):  # ssl.SSLError is an OSError; ValueError: a line without end
        return None
    words = start[:_ENOUGH].split()
    is_http = len(words) >= 2 and words[0].startswith(b"HTTP/") and words[1].isdigit()
    return int(words[1]) if is_http else None


async def listens(endpoint: str, seconds: float = _SECONDS) -> bool:
    """Whether a TCP connection to it can be made."""
    address = urlsplit(endpoint)
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(address.hostname, address.port)
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True


async def speaks_plain_http(endpoint: str, seconds: float = _SECONDS) -> bool:
    """Whether plain HTTP is served there; a TLS listener's complaint about plain HTTP (status 400) does not count."""
    return await http_status(endpoint, None, seconds) not in {None, 400}
