"""What a member's metrics tell that its API does not: open watches, the quota, and what time it has.

A metrics listener is not authenticated and often only on loopback, so it is asked where it can be reached, and its
answer counts only for the member whose id it names: on a workstation, 127.0.0.1 is another machine. The same is told at
a client URL to whoever shows a certificate there, whether auth is on or off, unless ``--listen-client-http-urls`` has
taken HTTP from it (etcd ``server/embed/etcd.go`` serveClients).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from ringfence.errors import TlsRefused
from ringfence.etcd.diagnosis import anybody
from ringfence.etcd.v2.tls import client_tls
from ringfence.model.credentials import Credentials

_SECONDS = 3.0
_MOST_BYTES = 8 * 1024 * 1024
_SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>[^}]*)\})? (?P<value>[^ ]+)")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMetrics:
    """The metrics of one member that are of use; None for what it does not tell.

    Args:
        member_id: whose they are (``etcd_server_id``, in hex there).
        watchers: open watches, several of which may share a stream (``etcd_debugging_mvcc_watcher_total``).
        watch_streams: open Watch calls: started less handled (``grpc_server_started_total``).
        quota_bytes: how large its database may grow (``etcd_server_quota_backend_bytes``).
        clock: its time, to the second, when it answered.
    """

    member_id: int | None
    watchers: int | None
    watch_streams: int | None
    quota_bytes: int | None
    clock: datetime | None


async def read_metrics(
    url: str, credentials: Credentials | None = None, *, seconds: float = _SECONDS
) -> MemberMetrics | None:
    """``GET url/metrics``; None where no such answer comes.

    Args:
        url: ``http://host:port`` or ``https://host:port``.
        credentials: what to trust and to show over TLS; without, no certificate is shown and none checked.
        seconds: how long to wait.
    """
    address = urlsplit(url)
    try:
        tls = _tls(url, credentials) if address.scheme == "https" else None
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address.hostname, address.port, ssl=tls)
            try:
                # HTTP/1.0: the answer ends with the connection and is not cut into chunks.
                writer.write(b"GET /metrics HTTP/1.0\r\nHost: etcd\r\n\r\n")
                answer = await reader.read(_MOST_BYTES)
                while len(answer) < _MOST_BYTES and (more := await reader.read(_MOST_BYTES)):
                    answer += more
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, ValueError, TlsRefused):
        return None
    return parse(answer)


def _tls(url: str, credentials: Credentials | None) -> ssl.SSLContext:
    return anybody() if credentials is None else client_tls(credentials, url)


def parse(answer: bytes) -> MemberMetrics | None:
    """What an HTTP answer holds; None where it is no answer of status 200."""
    head, _, body = answer.decode(errors="replace").partition("\r\n\r\n")
    status, *headers = head.split("\r\n")
    if status.split()[1:2] != ["200"]:
        return None
    samples = [_sample(line) for line in body.splitlines() if line.startswith(("etcd_", "grpc_server_"))]
    known = [sample for sample in samples if sample is not None]
    ids = [labels.get("server_id", "") for name, labels, _ in known if name == "etcd_server_id"]
    return MemberMetrics(
        member_id=_hex(ids[0]) if ids else None,
        watchers=_number(known, "etcd_debugging_mvcc_watcher_total"),
        watch_streams=_open(known),
        quota_bytes=_number(known, "etcd_server_quota_backend_bytes"),
        clock=_clock(headers),
    )


_Sample = tuple[str, dict[str, str], float]


def _sample(line: str) -> _Sample | None:
    found = _SAMPLE.match(line)
    if found is None:
        return None
    try:
        return found["name"], dict(_LABEL.findall(found["labels"] or "")), float(found["value"])
    except ValueError:
        return None


def _number(samples: list[_Sample], wanted: str) -> int | None:
    found = [int(value) for name, _, value in samples if name == wanted]
    return found[0] if found else None


def _open(samples: list[_Sample]) -> int | None:
    """gRPC's own count of Watch calls that began and have not ended."""
    counts = {"grpc_server_started_total": 0, "grpc_server_handled_total": 0}
    seen = False
    for name, labels, value in samples:
        is_watch = labels.get("grpc_service") == "etcdserverpb.Watch" and labels.get("grpc_method") == "Watch"
        if name in counts and is_watch:
            counts[name] += int(value)
            seen = True
    return counts["grpc_server_started_total"] - counts["grpc_server_handled_total"] if seen else None


def _clock(headers: list[str]) -> datetime | None:
    for header in headers:
        name, _, value = header.partition(":")
        if name.lower() == "date":
            try:
                return parsedate_to_datetime(value.strip())
            except ValueError:
                return None
    return None


def _hex(text: str) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None
