"""Every way of not getting through to the v2 API, as one of our exceptions.

Pure: a table over why no answer came. ``transport`` is the same for gRPC's own words.
"""

from __future__ import annotations

from ringfence.errors import ClusterError, Place, TlsRefused, Unreachable
from ringfence.etcd.transport import NOT_ETCD, OUR_CERTIFICATE_REFUSED, PLAIN_HTTP, Obstacle
from ringfence.http.silence import Cause, Silence

CUT = Obstacle(
    Unreachable,
    Cause.CUT.value,
    "did the member stop? etcd does this too to a client whose certificate has no Common Name",
)

_OBSTACLES = {
    Cause.PLAIN_HTTP: PLAIN_HTTP,
    Cause.REFUSED: OUR_CERTIFICATE_REFUSED,
    Cause.NOT_HTTP: NOT_ETCD,
    Cause.CUT: CUT,
    **{
        cause: Obstacle(error, cause.value, hint)
        for cause, error, hint in (
            (Cause.NOTHING_LISTENS, Unreachable, "is etcd running, and is that its port?"),
            (Cause.UNKNOWN_HOST, Unreachable, "check its spelling, DNS and /etc/hosts"),
            (Cause.NO_ROUTE, Unreachable, "check routes and firewalls"),
            (
                Cause.WRONG_HOST,
                TlsRefused,
                "its subject alternative name must hold the address or name of the endpoint",
            ),
            (Cause.EXPIRED, TlsRefused, "renew it on the server; check both clocks"),
            (Cause.NOT_YET_VALID, TlsRefused, "check both clocks"),
            (
                Cause.UNTRUSTED,
                TlsRefused,
                "is the CA file the one of this cluster, and the endpoint the one you mean?",
            ),
            (Cause.NOTHING_IN_COMMON, TlsRefused, "does it speak TLS 1.2 or newer?"),
            (Cause.UNKNOWN, Unreachable, "is etcd running there?"),
        )
    },
}


def unreached(silence: Silence, endpoint: str) -> ClusterError:
    """The exception for a request that was not answered."""
    place = Place(endpoint)
    match silence.cause:
        case Cause.TOO_SLOW:
            hint = "is the member overloaded, frozen, or without a quorum?"
            return Unreachable.of(f"no answer within {silence.limit:g} s", place=place, hint=hint)
        case Cause.TOO_LONG:
            what = f"the answer is longer than {silence.limit:,.0f} bytes"
            return Unreachable.of(what, place=place, hint=NOT_ETCD.hint)
        case cause:
            found = _OBSTACLES[cause]
            return found.error.of(found.what, place=place, hint=found.hint)
