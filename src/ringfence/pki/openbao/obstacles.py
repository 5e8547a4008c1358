"""Every way of getting no answer at all, as one of our exceptions.

Pure: a table over what the TLS library and the operating system say.
"""

from __future__ import annotations

import re

from ringfence.errors import AuthorityUnreachable, Place

_ADDRESS = "is it running, and is that its address?"
_OBSTACLES = tuple(
    (re.compile(pattern, re.IGNORECASE), what, hint)
    for pattern, what, hint in (
        (r"connection refused|all connection attempts failed", "nothing listens there", _ADDRESS),
        (
            r"name or service not known|nodename|name resolution|no address",
            "the host name is not known",
            "check its spelling, DNS and /etc/hosts",
        ),
        (r"no route to host|network is unreachable", "there is no way to that host", "check routes and firewalls"),
        (
            r"hostname mismatch|ip address mismatch|doesn't match",
            "the server's certificate is not for that host",
            "name the host as it stands in its certificate",
        ),
        (
            r"certificate has expired",
            "the server's certificate has expired",
            "renew it on the server; check both clocks",
        ),
        (r"not yet valid", "the server's certificate is not valid yet", "check both clocks"),
        (
            r"verify failed",
            "the server's certificate is not from a CA that is trusted",
            "name the CA that signed it: pki.openbao.ca",
        ),
        (
            r"wrong.version.number|record layer|http.request",
            "plain HTTP is spoken there, without TLS",
            "correct the address, or switch TLS on in the server",
        ),
        (
            r"certificate.required|handshake.failure|alert",
            "the server refused the TLS handshake",
            "does it want a client certificate, or another TLS version?",
        ),
        (
            r"disconnected|reset|broken pipe|closed",
            "the connection was cut",
            "is that OpenBao's API, and did it stop just now?",
        ),
    )
)


def obstacle(text: str, address: str) -> AuthorityUnreachable:
    """The exception for a connection that came to nothing.

    Args:
        text: all that was said about it.
        address: the URL of the server.
    """
    for pattern, what, hint in _OBSTACLES:
        if pattern.search(text):
            return AuthorityUnreachable.of(what, place=Place(address), hint=hint)
    return AuthorityUnreachable.of("no connection came about", place=Place(address), hint=_ADDRESS)


def too_slow(seconds: float, address: str) -> AuthorityUnreachable:
    """The exception for an answer that did not come in time."""
    hint = "is the server overloaded, or behind a firewall?"
    return AuthorityUnreachable.of(f"no answer within {seconds:g} s", place=Place(address), hint=hint)
