"""What a client shows to etcd, as bytes that never reach a log or a message."""

from __future__ import annotations

from dataclasses import dataclass, field

from ringfence.model.names import UserName


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM bytes for one TLS client: the authority to trust, and a certificate chain with its key, or neither."""

    ca: bytes = field(repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SpareKey:
    """A second way in, by password, for the moments in which it is not yet known that root's certificate is one."""

    user: UserName
    password: str = field(repr=False)
