"""Whether a client listener lets in what auth by certificate must keep out.

Asked before auth is switched on. It can only look at the URLs it is given: a listener that is not advertised to the
cluster is not seen.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ringfence.etcd.diagnosis import anybody, http_status, listens, speaks_plain_http


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """What a listener was found to do.

    Args:
        url: what was asked.
        listens: a connection to it could be made; where not, nothing is known of it.
        takes_no_certificate: a TLS client that shows no certificate gets an answer.
        speaks_plain_http: a client without TLS gets an answer.
    """

    url: str
    listens: bool
    takes_no_certificate: bool
    speaks_plain_http: bool


async def look_at(url: str) -> Listener:
    """Try to get an answer from ``https://host:port`` (or ``http://``) in the two ways that must not work.

    An answer counts, not the handshake: with TLS 1.3 the server refuses a missing certificate after it.
    """
    reached, over_tls, in_plain = await asyncio.gather(
        listens(url), http_status(url, anybody()), speaks_plain_http(url)
    )
    return Listener(url=url, listens=reached, takes_no_certificate=over_tls is not None, speaks_plain_http=in_plain)
