"""Whether a member that was just started is ready, asked in the simplest way there is.

Not a client of etcd: one unauthenticated GET of ``/health`` on the metrics listener of a member of our own.
"""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

_SECONDS = 2.0


def is_healthy(url: str) -> bool:
    """Whether ``GET url/health`` says that the member has a leader and answers reads; False while nothing listens.

    Args:
        url: a plain ``http://host:port`` of ``listen-metrics-urls``. Proxies of the environment are not used.
    """
    address = urlsplit(url)
    assert address.scheme == "http"
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=_SECONDS)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return answer.status == http.HTTPStatus.OK and isinstance(told, dict) and told.get("health") == "true"
