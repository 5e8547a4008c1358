"""Every way of not getting through to etcd, as one of our exceptions. Pure: a table over the text gRPC gives.

gRPC reports all of them as UNAVAILABLE and tells them apart in prose only. The integration tests provoke each of them
on real servers. Where the prose is not enough, the entry asks for a look at the endpoint (see ``diagnosis``).
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from ringfence.errors import ClusterError, Place, Refused, TlsRefused, Unreachable
from ringfence.etcd.failure import Failure


class Look(enum.Enum):
    """What a look at the endpoint has to settle."""

    NOT_NEEDED = enum.auto()
    IS_IT_PLAIN_HTTP = enum.auto()
    IS_IT_OUR_CERTIFICATE = enum.auto()


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What one kind of text means to us."""

    error: type[ClusterError]
    what: str
    hint: str
    look: Look = Look.NOT_NEEDED


_NOT_OURS = "is the CA file the one of this cluster, and the endpoint the one you mean?"
_CLIENT_URL = "name a client URL of etcd (listen-client-urls), not a peer or metrics URL"

OUR_CERTIFICATE_REFUSED = Obstacle(
    TlsRefused,
    "the server refused our certificate",
    "it needs one that its trusted-ca-file knows, that is in date, and that is meant for clients",
)
PLAIN_HTTP = Obstacle(Unreachable, "plain HTTP is spoken there, without TLS", _CLIENT_URL + ", and one with TLS")
NOT_ETCD = Obstacle(Unreachable, "TLS is spoken there, but not the API of etcd", _CLIENT_URL)

_OBSTACLES: tuple[tuple[re.Pattern[str], Obstacle], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), obstacle)
    for pattern, obstacle in (
        (
            r"connection refused",
            Obstacle(Unreachable, "nothing listens there", "is etcd running, and is that its port?"),
        ),
        (
            r"errors resolving|name not found|lookup error|name resolution",
            Obstacle(Unreachable, "the host name is not known", "check its spelling, DNS and /etc/hosts"),
        ),
        (
            r"no route to host|network is unreachable|host is down",
            Obstacle(Unreachable, "there is no way to that host", "check routes and firewalls"),
        ),
        (r"WRONG_VERSION_NUMBER|HTTP_REQUEST", PLAIN_HTTP),
        (
            r"VERIFY_FAILED: certificate has expired",
            Obstacle(TlsRefused, "the server's certificate has expired", "renew it on the server; check both clocks"),
        ),
        (
            r"VERIFY_FAILED: certificate is not yet valid",
            Obstacle(TlsRefused, "the server's certificate is not valid yet", "check both clocks"),
        ),
        (
            r"VERIFY_FAILED",
            Obstacle(TlsRefused, "the server's certificate is not from a CA that is trusted", _NOT_OURS),
        ),
        (
            r"Hostname Verification Check failed",
            Obstacle(
                TlsRefused,
                "the server's certificate is not for that host",
                "its subject alternative name must hold the address or name of the endpoint",
            ),
        ),
        (
            r"ALERT_HANDSHAKE_FAILURE",
            Obstacle(
                TlsRefused,
                "the server found no TLS version, cipher or kind of key in common",
                "gRPC cannot check an Ed25519 certificate of a server: give members ECDSA or RSA keys",
            ),
        ),
        # With TLS 1.3 the server's alert comes after the handshake has ended on this side: gRPC fails to unwrap it.
        (r"_ALERT_|_ALERT\b|CERTIFICATE_REQUIRED|Unwrap failed", OUR_CERTIFICATE_REFUSED),
        (
            r"create security handshaker",
            Obstacle(
                TlsRefused,
                "the CA, certificate or key cannot be used",
                "each must be PEM, and the key must belong to the certificate",
            ),
        ),
        (
            r"Handshake read failed|handshake.*(socket closed|connection reset)",
            Obstacle(
                Unreachable,
                "the connection was closed in the middle of the TLS handshake",
                _CLIENT_URL,
                Look.IS_IT_PLAIN_HTTP,
            ),
        ),
        (
            r"Tls handshake failed",
            Obstacle(TlsRefused, "the TLS handshake failed", "does the server speak TLS 1.2 or newer?"),
        ),
        (
            r"failed to connect.*(socket closed|connection reset)",
            Obstacle(Unreachable, NOT_ETCD.what, NOT_ETCD.hint, Look.IS_IT_OUR_CERTIFICATE),
        ),
        (
            r"failed to connect.*(timed? ?out|timeout|deadline)",
            Obstacle(Unreachable, "no connection came about in time", "check firewalls, and whether the host is up"),
        ),
        (
            r"socket closed|connection reset|broken pipe|goaway|recvmsg|stream removed|connection aborted",
            Obstacle(Unreachable, "the connection was cut", "did the member stop? try again, or another member"),
        ),
        (
            r"http2 header|http status|content-type|trying to connect an http1",
            Obstacle(Unreachable, NOT_ETCD.what, NOT_ETCD.hint),
        ),
    )
)


def obstacle(failure: Failure, seconds: float) -> Obstacle:
    """What stood in the way of a call that etcd did not answer.

    Args:
        failure: what gRPC told.
        seconds: how long an answer was waited for.
    """
    if failure.code == "DEADLINE_EXCEEDED":
        return Obstacle(
            Unreachable, f"no answer within {seconds:g} s", "is the member overloaded, frozen, or without a quorum?"
        )
    if failure.code == "UNIMPLEMENTED":
        return Obstacle(Refused, "the server does not know this call", "is it etcd, and new enough?")
    for pattern, found in _OBSTACLES:
        if pattern.search(failure.text):
            return found
    if failure.code in {"UNAVAILABLE", "CANCELLED"}:
        return Obstacle(Unreachable, f"no connection: {failure}", "is etcd running there?")
    return Obstacle(Refused, f"an unexpected answer: {failure}", "see the log of the member")


def unreached(found: Obstacle, endpoint: str) -> ClusterError:
    """The exception for an obstacle."""
    return found.error.of(found.what, place=Place(endpoint), hint=found.hint)
