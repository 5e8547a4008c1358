"""Every way of not getting through to the v2 API, as one of our exceptions.

Pure: a table over what the TLS library and the operating system say. ``transport`` is the same for gRPC's own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringfence.errors import ClusterError, Place, TlsRefused, Unreachable
from ringfence.etcd.transport import NOT_ETCD, OUR_CERTIFICATE_REFUSED, PLAIN_HTTP, Obstacle

CUT = Obstacle(
    Unreachable,
    "the connection was cut",
    "did the member stop? etcd does this too to a client whose certificate has no Common Name",
)

_OBSTACLES: tuple[tuple[re.Pattern[str], Obstacle], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), obstacle)
    for pattern, obstacle in (
        (
            r"connection refused|all connection attempts failed",
            Obstacle(Unreachable, "nothing listens there", "is etcd running, and is that its port?"),
        ),
        (
            r"name or service not known|nodename|name resolution|no address",
            Obstacle(Unreachable, "the host name is not known", "check its spelling, DNS and /etc/hosts"),
        ),
        (
            r"no route to host|network is unreachable|host is down",
            Obstacle(Unreachable, "there is no way to that host", "check routes and firewalls"),
        ),
        (
            r"hostname mismatch|ip address mismatch|doesn't match",
            Obstacle(
                TlsRefused,
                "the server's certificate is not for that host",
                "its subject alternative name must hold the address or name of the endpoint",
            ),
        ),
        (
            r"verify failed: certificate has expired",
            Obstacle(TlsRefused, "the server's certificate has expired", "renew it on the server; check both clocks"),
        ),
        (
            r"verify failed: certificate is not yet valid",
            Obstacle(TlsRefused, "the server's certificate is not valid yet", "check both clocks"),
        ),
        (
            r"verify failed",
            Obstacle(
                TlsRefused,
                "the server's certificate is not from a CA that is trusted",
                "is the CA file the one of this cluster, and the endpoint the one you mean?",
            ),
        ),
        (r"wrong.version.number|record layer|http.request", PLAIN_HTTP),
        (
            r"handshake.failure",
            Obstacle(
                TlsRefused,
                "the server found no TLS version, cipher or kind of key in common",
                "does it speak TLS 1.2 or newer?",
            ),
        ),
        (r"certificate.required|alert", OUR_CERTIFICATE_REFUSED),
        (r"illegal|malformed|invalid.*(status|header|http)|bad status line", NOT_ETCD),
        (r"disconnected|reset|broken pipe|closed|eof|end of stream", CUT),
    )
)


@dataclass(frozen=True, slots=True)
class Silence:
    """A request that was not answered: what was said about it, along the whole chain of causes."""

    text: str

    @property
    def obstacle(self) -> Obstacle | None:
        """What it means; None where nothing that was said tells."""
        return next((found for pattern, found in _OBSTACLES if pattern.search(self.text)), None)


def unreached(silence: Silence, endpoint: str) -> ClusterError:
    """The exception for a request that was not answered."""
    found = silence.obstacle or Obstacle(Unreachable, "no connection came about", "is etcd running there?")
    return found.error.of(found.what, place=Place(endpoint), hint=found.hint)


def too_slow(seconds: float, endpoint: str) -> Unreachable:
    """The exception for an answer that did not come in time."""
    hint = "is the member overloaded, frozen, or without a quorum?"
    return Unreachable.of(f"no answer within {seconds:g} s", place=Place(endpoint), hint=hint)


def too_long(most: int, endpoint: str) -> Unreachable:
    """The exception for an answer of more than ``most`` bytes."""
    return Unreachable.of(f"the answer is longer than {most:,} bytes", place=Place(endpoint), hint=NOT_ETCD.hint)
