"""Why no answer came to a request, by what the TLS library and the operating system say. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self


class Cause(enum.Enum):
    """What was in the way; the value says so in plain words."""

    NOTHING_LISTENS = "nothing listens there"
    UNKNOWN_HOST = "the host name is not known"
    NO_ROUTE = "there is no way to that host"
    WRONG_HOST = "the server's certificate is not for that host"
    EXPIRED = "the server's certificate has expired"
    NOT_YET_VALID = "the server's certificate is not valid yet"
    UNTRUSTED = "the server's certificate is not from a CA that is trusted"
    PLAIN_HTTP = "plain HTTP is spoken there, without TLS"
    NOTHING_IN_COMMON = "the server found no TLS version, cipher or kind of key in common"
    REFUSED = "the server refused our certificate"
    NOT_HTTP = "HTTP is not spoken there"
    CUT = "the connection was cut"
    TOO_SLOW = "no answer in time"
    TOO_LONG = "the answer is too long"
    UNKNOWN = "no connection came about"


_SAID = tuple(
    (re.compile(pattern, re.IGNORECASE), cause)
    for pattern, cause in (
        (r"connection refused|all connection attempts failed", Cause.NOTHING_LISTENS),
        (r"name or service not known|nodename|name resolution|no address", Cause.UNKNOWN_HOST),
        (r"no route to host|network is unreachable|host is down", Cause.NO_ROUTE),
        (r"hostname mismatch|ip address mismatch|doesn't match", Cause.WRONG_HOST),
        (r"verify failed: certificate has expired", Cause.EXPIRED),
        (r"verify failed: certificate is not yet valid", Cause.NOT_YET_VALID),
        (r"verify failed", Cause.UNTRUSTED),
        (r"wrong.version.number|record layer|http.request", Cause.PLAIN_HTTP),
        (r"handshake.failure", Cause.NOTHING_IN_COMMON),
        (r"certificate.required|alert", Cause.REFUSED),
        (r"illegal|malformed|invalid.*(status|header|http)|bad status line", Cause.NOT_HTTP),
        (r"disconnected|reset|broken pipe|closed|eof|end of stream", Cause.CUT),
    )
)


@dataclass(frozen=True, slots=True)
class Silence:
    """A request without an answer.

    Args:
        cause: why.
        limit: what an answer went beyond: seconds where it was too slow, bytes where it was too long; else 0.
    """

    cause: Cause
    limit: float = 0

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """What an exception means, by all that was said along its causes; the outermost often says nothing."""
        return cls.of_text("; ".join(f"{type(each).__name__}: {each}" for each in _causes(error)))

    @classmethod
    def of_text(cls, said: str) -> Self:
        """What words mean; UNKNOWN where they tell nothing."""
        return cls(next((cause for pattern, cause in _SAID if pattern.search(said)), Cause.UNKNOWN))


def _causes(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        if isinstance(current, BaseExceptionGroup):
            yield from current.exceptions
        current = current.__cause__ or current.__context__
