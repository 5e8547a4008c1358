"""What a client can ask of etcd, as far as authorization looks at it: values, limits and revisions are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ringfence.model.names import RoleName, UserName
from ringfence.rules.calls import Call


@dataclass(frozen=True, slots=True)
class Range:
    """Read a key or a range; ``range_end`` as in a permission."""

    key: bytes
    range_end: bytes = b""


@dataclass(frozen=True, slots=True)
class RangeStream:
    """Read a key or a range in pieces: etcdctl's ``get --stream``, from etcd 3.7.0 on. Judged once, as ``Range`` is."""

    key: bytes
    range_end: bytes = b""

    @property
    def call(self) -> Call:
        """By which it is found in the table of releases."""
        return Call.RANGE_STREAM


@dataclass(frozen=True, slots=True)
class Put:
    """Write a key.

    ``lease_keys`` are the keys that are attached already to the lease which the put names; ``ignore_value`` keeps the
    value that is there, and needs no permission of its own.
    """

    key: bytes
    prev_kv: bool = False
    lease_keys: tuple[bytes, ...] = ()
    ignore_value: bool = False


@dataclass(frozen=True, slots=True)
class DeleteRange:
    """Delete a key or a range."""

    key: bytes
    range_end: bytes = b""
    prev_kv: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """A condition of a transaction; what it compares with does not matter."""

    key: bytes
    range_end: bytes = b""


@dataclass(frozen=True, slots=True)
class Txn:
    """A transaction; both branches may hold further transactions."""

    compares: tuple[Compare, ...] = ()
    success: tuple[Operation, ...] = ()
    failure: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """Open a watch; ``prev_kv`` needs no permission of its own. The empty key is the first key."""

    key: bytes
    range_end: bytes = b""
    prev_kv: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A call that names no key: Compact, Maintenance, Cluster, LeaseGrant, and Auth but for the two below."""

    call: Call


@dataclass(frozen=True, slots=True)
class OfLease:
    """A call on a lease to which ``keys`` are attached; for ``LEASE_LIST`` the keys of every lease there is."""

    call: Call
    keys: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class UserGet:
    """Read a user; anybody may read itself."""

    name: UserName


@dataclass(frozen=True, slots=True)
class RoleGet:
    """Read a role; anybody may read a role that it holds."""

    name: RoleName


Operation: TypeAlias = "Range | Put | DeleteRange | Txn"
"""What may stand in a transaction."""

Request: TypeAlias = "Operation | RangeStream | Watch | Service | OfLease | UserGet | RoleGet"
"""Everything that can be asked."""
