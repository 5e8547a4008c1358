"""What can be asked of the v2 API, and what comes of a path on its way to the rules."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.permission import Access

_KEYS = "/v2/keys"


@dataclass(frozen=True, slots=True)
class Request2:
    """One request to ``/v2/keys``.

    Args:
        path: what follows ``/v2/keys``, with nothing percent-encoded; ``""`` and ``"/"`` both are the root.
        access: what etcd asks for is READ for GET and HEAD, watches included, and WRITE for every other method (v2http
            ``client_auth.go`` hasKeyPrefixAccess); READWRITE is a request of each kind.
        recursive: whether it says ``recursive=true``.
    """

    path: str
    access: Access
    recursive: bool = False


def clean(path: str) -> str | None:
    """The path with which a request comes to the rules; None where it is none of ``/v2/keys`` any more.

    Go's multiplexer answers a path with ``//``, ``/./`` or ``/../`` in it with a redirection to the shorter one (status
    301), also where these are percent-encoded, and keeps a slash at the end (Go ``net/http/server.go`` cleanPath).
    """
    parts: list[str] = []
    sent = f"{_KEYS}{path}"
    for part in sent.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in {"", "."}:
            parts.append(part)
    short = "/" + "/".join(parts)
    if sent.endswith("/") and short != "/":
        short += "/"
    if short != _KEYS and not short.startswith(f"{_KEYS}/"):
        return None
    return short.removeprefix(_KEYS)
