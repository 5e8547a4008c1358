"""Every way of getting no answer at all, as one of our exceptions. Pure: a table over why none came."""

from __future__ import annotations

from ringfence.errors import AuthorityUnreachable, Place
from ringfence.http.silence import Cause, Silence

_ADDRESS = "is it running, and is that its address?"
_NOT_OPENBAO = "is that the address of OpenBao or Vault, and not of something before it?"
_HANDSHAKE = "does it want a client certificate, or another TLS version?"
_HINTS = {
    Cause.NOTHING_LISTENS: _ADDRESS,
    Cause.UNKNOWN_HOST: "check its spelling, DNS and /etc/hosts",
    Cause.NO_ROUTE: "check routes and firewalls",
    Cause.WRONG_HOST: "name the host as it stands in its certificate",
    Cause.EXPIRED: "renew it on the server; check both clocks",
    Cause.NOT_YET_VALID: "check both clocks",
    Cause.UNTRUSTED: "name the CA that signed it: pki.openbao.ca",
    Cause.PLAIN_HTTP: "correct the address, or switch TLS on in the server",
    Cause.NOTHING_IN_COMMON: _HANDSHAKE,
    Cause.REFUSED: _HANDSHAKE,
    Cause.NOT_HTTP: _NOT_OPENBAO,
    Cause.CUT: "is that OpenBao's API, and did it stop just now?",
    Cause.TOO_SLOW: "is the server overloaded, or behind a firewall?",
    Cause.TOO_LONG: _NOT_OPENBAO,
    Cause.UNKNOWN: _ADDRESS,
}


def obstacle(silence: Silence, address: str) -> AuthorityUnreachable:
    """The exception for a request that was not answered.

    Args:
        silence: why.
        address: the URL of the server.
    """
    match silence.cause:
        case Cause.TOO_SLOW:
            what = f"no answer within {silence.limit:g} s"
        case Cause.TOO_LONG:
            what = f"the answer is longer than {silence.limit:,.0f} bytes"
        case Cause.REFUSED | Cause.NOTHING_IN_COMMON:  # ringfence shows this server no certificate of its own
            what = "the server refused the TLS handshake"
        case cause:
            what = cause.value
    return AuthorityUnreachable.of(what, place=Place(address), hint=_HINTS[silence.cause])
