"""What a denial by etcd looks like in a program's own output.

Only etcd's words count: a file without permission, or a refusal of the Kubernetes API, is something else. Texts: etcd
``api/v3rpc/rpctypes/error.go`` and ``server/auth/store.go``; the latter reach clients raw from Maintenance calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_DENIAL = re.compile(
    r"etcdserver: permission denied"
    r"|code = PermissionDenied"
    r"|auth: (?:permission denied|user name is empty|user not found)"
    r"|etcdserver: (?:user name (?:is empty|not found)|invalid auth token|authentication)"
)
_NOISE = re.compile(r"^[A-Z]\d{4} [\d:.]+ +\d+ |\d{4}-\d\d-\d\d[T ][\d:.]+Z? ")
_LONGEST = 300


def denials(text: str) -> Iterator[str]:
    """The lines of ``text`` in which etcd refused something."""
    return (line for line in text.splitlines() if _DENIAL.search(line))


def first_denial(text: str) -> str | None:
    """The first of them, without its time and process id, and not endless.

    A program's own words are preferred to those of the etcd client library in it, which logs each failed call as JSON.
    """
    found = list(denials(text))
    own = next((line for line in found if not line.startswith("{")), None)
    if own is not None:
        return shortened(own)
    return _call(found[0]) if found else None


def shortened(line: str) -> str:
    """A line of a log as a record keeps it."""
    plain = _NOISE.sub("", line.strip())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 3] + "..."


def _call(line: str) -> str:
    """The client library's line as ``/etcdserverpb.KV/Range: rpc error: ...``."""
    try:
        entry = json.loads(line)
    except ValueError:
        return shortened(line)
    return shortened(f"{entry.get('method', entry.get('msg', ''))}: {entry.get('error', '')}")
