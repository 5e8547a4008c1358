"""A permission in etcd's own words: an access type on a key, or on a range of keys."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ringfence.keyspace import Span, prefix_end

OPEN_END = b"\x00"
"""etcd's ``range_end`` for "from the key on, without end"."""


class Access(enum.Enum):
    """What a permission allows; the values are etcdctl's words."""

    READ = "read"
    WRITE = "write"
    READWRITE = "readwrite"

    @property
    def reads(self) -> bool:
        """Whether it allows Range and Watch."""
        return self is not Access.WRITE

    @property
    def writes(self) -> bool:
        """Whether it allows Put and DeleteRange."""
        return self is not Access.READ

    def __or__(self, other: Access) -> Access:
        """What both together allow."""
        return self if self is other else Access.READWRITE


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission of a role, byte for byte as etcd stores it.

    ``range_end`` is empty for the single key, ``OPEN_END`` for everything from the key on, else the first key after
    the range. Two permissions may cover the same keys and yet differ here, and etcd revokes by these very bytes
    (etcd ``server/auth/store.go`` RoleRevokePermission).
    """

    access: Access
    key: bytes
    range_end: bytes = b""

    @classmethod
    def on_prefix(cls, access: Access, prefix: bytes) -> Permission:
        """The permission that etcdctl grants with ``--prefix``."""
        return cls(access, prefix or b"\x00", prefix_end(prefix) or OPEN_END)

    @classmethod
    def on_span(cls, access: Access, span: Span) -> Permission:
        """The one way in which ringfence writes a span."""
        if span.is_key:
            return cls(access, span.start)
        return cls(access, span.start, OPEN_END if span.end is None else span.end)

    @property
    def has_keys(self) -> bool:
        """Whether it covers any key: etcd before 3.4.25 and 3.5.8 also took the empty key and inverted ranges."""
        return bool(self.key) and (not self.range_end or self.range_end == OPEN_END or self.key < self.range_end)

    @property
    def end(self) -> bytes | None:
        """The first key after those that it covers; None is infinity."""
        if not self.range_end:
            return self.key + b"\x00"
        return None if self.range_end == OPEN_END else self.range_end

    @property
    def span(self) -> Span:
        """The keys that it covers; an empty span where it covers none."""
        # etcd compares the empty key as infinity, so a permission that begins there covers nothing.
        return Span(self.key, self.end) if self.key else Span(b"\x00", b"\x00")

    @property
    def place(self) -> tuple[bytes, bytes]:
        """The bytes that etcd tells permissions of a role apart by; the access type is not part of them."""
        return self.key, self.range_end
