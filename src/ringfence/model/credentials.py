"""What a client shows to etcd, as bytes that never reach a log or a message."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM bytes for one TLS client: the authority to trust, and a certificate chain with its key, or neither."""

    ca: bytes = field(repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    key: bytes | None = field(default=None, repr=False)
