"""What the answers of etcd look like to a type checker: the fields that are read, and nothing that runs.

The messages themselves are made at run time by ``schema``; a unit test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Header(Protocol):
    """In every answer: who answered, and at which revision of the key space."""

    cluster_id: int
    member_id: int
    revision: int


class Answer(Protocol):
    """An answer of which only the header is read."""

    header: Header


class KeyValue(Protocol):
    """A key and what is stored there."""

    key: bytes
    value: bytes


class RangeAnswer(Answer, Protocol):
    """KV.Range."""

    kvs: Sequence[KeyValue]
    count: int


class TxnAnswer(Answer, Protocol):
    """KV.Txn."""

    succeeded: bool


class WatchAnswer(Answer, Protocol):
    """Watch.Watch."""

    watch_id: int
    created: bool
    canceled: bool
    cancel_reason: str


class LeaseGrantAnswer(Answer, Protocol):
    """Lease.LeaseGrant."""

    ID: int


class AuthenticateAnswer(Answer, Protocol):
    """Auth.Authenticate."""

    token: str


class AuthStatusAnswer(Answer, Protocol):
    """Auth.AuthStatus."""

    enabled: bool
    authRevision: int  # noqa: N815  # etcd's name


class UserGetAnswer(Answer, Protocol):
    """Auth.UserGet."""

    roles: Sequence[str]


class UserListAnswer(Answer, Protocol):
    """Auth.UserList."""

    users: Sequence[str]


class WirePermission(Protocol):
    """A permission; its type is 0 read, 1 write, 2 both."""

    permType: int  # noqa: N815  # etcd's name
    key: bytes
    range_end: bytes


class RoleGetAnswer(Answer, Protocol):
    """Auth.RoleGet."""

    perm: Sequence[WirePermission]


class RoleListAnswer(Answer, Protocol):
    """Auth.RoleList."""

    roles: Sequence[str]


class StatusAnswer(Answer, Protocol):
    """Maintenance.Status."""

    version: str
    dbSize: int  # noqa: N815  # etcd's name
    leader: int


class WireAlarm(Protocol):
    """An alarm that is raised: 1 NOSPACE, 2 CORRUPT."""

    memberID: int  # noqa: N815  # etcd's name
    alarm: int


class AlarmAnswer(Answer, Protocol):
    """Maintenance.Alarm."""

    alarms: Sequence[WireAlarm]


class WireMember(Protocol):
    """A member as it announced itself; the name is empty until it has started once."""

    ID: int
    name: str
    clientURLs: Sequence[str]  # noqa: N815  # etcd's name


class MemberListAnswer(Answer, Protocol):
    """Cluster.MemberList."""

    members: Sequence[WireMember]
