"""Which check each call goes through, by release: the one table, as data.

Read from etcd ``server/etcdserver/api/v3rpc/{key,maintenance,member,lease,auth}.go``, ``v3_server.go``, ``server.go``
and ``apply_auth.go`` (from 3.6 ``apply/apply_auth.go``) at the tags that begin a column; the integration tests hold
the columns against live servers. Range, Put, DeleteRange, Txn and Watch are not here: every release has them and checks
them by key.
"""

from __future__ import annotations

import enum
from bisect import bisect_right

from ringfence.errors import InputError
from ringfence.model.version import Version


class Call(enum.Enum):
    """A call whose check depends on the release; the values are the verbs of ``can-i``, near to etcdctl's words."""

    RANGE_STREAM = "range-stream"
    COMPACT = "compact"
    STATUS = "status"
    ALARM_LIST = "alarm-list"
    ALARM_SET = "alarm-set"
    SNAPSHOT = "snapshot"
    DEFRAG = "defrag"
    HASH = "hash"
    HASH_KV = "hash-kv"
    MOVE_LEADER = "move-leader"
    DOWNGRADE = "downgrade"
    MEMBER_LIST = "member-list"
    MEMBER_CHANGE = "member-change"
    LEASE_GRANT = "lease-grant"
    LEASE_REVOKE = "lease-revoke"
    LEASE_KEEP_ALIVE = "lease-keep-alive"
    LEASE_TIME_TO_LIVE = "lease-timetolive"
    LEASE_KEYS = "lease-keys"
    LEASE_LIST = "lease-list"
    AUTH_STATUS = "auth-status"
    AUTH_CHANGE = "auth-change"
    USER_LIST = "user-list"
    ROLE_LIST = "role-list"


WITHOUT_KEYS = tuple(
    call
    for call in Call
    if call is Call.LEASE_GRANT or not (call is Call.RANGE_STREAM or call.value.startswith("lease-"))
)
"""The calls that name no key and no lease."""


class Check(enum.Enum):
    """What a call is checked for; the values are the words of the table."""

    NOTHING = "-"
    """Not even who asks: whoever completes the TLS handshake may."""
    ANYBODY = "any"
    """A valid token or a Common Name, also one that is no user of etcd."""
    ROOT = "root"
    """The role root."""
    KEYS = "keys"
    """Permission on the keys asked for, or on those of the lease: to write for revoke and keep-alive, else to read."""
    ABSENT = "."
    """The release does not have the call."""


_TABLE = """
call             3.2.0 3.3.0 3.4.0 3.4.26 3.4.42 3.4.43 3.5.0 3.5.9 3.5.28 3.5.29 3.5.32 3.6.0 3.6.9 3.6.10 3.6.12 3.7.0
range-stream     .     .     .     .      .      .      .     .     .      .      .      .     .     .      .      keys
compact          -     -     -     -      root   root   -     -     root   root   root   -     root  root   root   root
status           -     -     -     -      root   root   -     -     root   root   any    root  root  root   any    any
alarm-list       -     -     -     -      root   any    -     -     root   any    any    -     root  any    any    any
alarm-set        -     -     -     -      root   root   -     -     root   root   root   -     root  root   root   root
snapshot         root  root  root  root   root   root   root  root  root   root   root   root  root  root   root   root
defrag           root  root  root  root   root   root   root  root  root   root   root   root  root  root   root   root
hash             root  root  root  root   root   root   root  root  root   root   root   root  root  root   root   root
hash-kv          .     root  root  root   root   root   root  root  root   root   root   root  root  root   root   root
move-leader      .     -     -     -      root   root   -     -     root   root   root   root  root  root   root   root
downgrade        .     .     .     .      .      .      -     -     root   root   root   root  root  root   root   root
member-list      -     -     -     -      root   any    -     -     root   any    any    -     root  any    any    any
member-change    root  root  root  root   root   root   root  root  root   root   root   root  root  root   root   root
lease-grant      -     -     -     -      any    any    -     -     any    any    any    -     any   any    any    any
lease-revoke     -     keys  keys  keys   keys   keys   keys  keys  keys   keys   keys   keys  keys  keys   keys   keys
lease-keep-alive -     -     -     -      keys   keys   -     -     keys   keys   keys   -     keys  keys   keys   keys
lease-timetolive -     -     -     -      any    any    -     -     any    any    any    -     any   any    any    any
lease-keys       -     -     -     keys   keys   keys   -     keys  keys   keys   keys   keys  keys  keys   keys   keys
lease-list       -     -     -     -      keys   keys   -     -     keys   keys   keys   -     keys  keys   keys   keys
auth-status      .     .     .     .      .      .      root  root  root   root   root   root  root  root   root   -
auth-change      root  root  root  root   root   root   root  root  root   root   root   root  root  root   root   root
user-list        root  root  root  root   root   root   root  root  root   root   root   root  root  root   root   root
role-list        root  root  root  root   root   root   root  root  root   root   root   root  root  root   root   root
"""
"""A column counts from the release at its head to the next column, or to the end of its line of releases."""

OLDEST = (3, 2)
"""The first line with these rules: 3.0 and 3.1 merge permissions otherwise, and know no certificate users."""


def check(call: Call, version: Version) -> Check:
    """What the release checks before it does the call; of a whole line, of its first release.

    Raises:
        InputError: the release is older than the table.
    """
    check_known(version)
    return _CHECKS[call][bisect_right(_COLUMNS, (*version.line, version.patch or 0)) - 1]


def check_known(version: Version) -> None:
    """Refuse a release whose rules are others.

    Raises:
        InputError: it is older than the table.
    """
    if version.line < OLDEST:
        raise InputError.of(f"the rules of etcd {version} are not known here", hint="they are known from etcd 3.2 on")


def check_meant(call: Call, version: Version) -> Check:
    """What the last release of the line checks: what etcd's authors came to want.

    A line that never got the checks is held against the next one, which did.
    """
    major, minor = max(version.line, (3, 4))
    return check(call, Version(major, minor, 10**6))


def _read() -> tuple[list[tuple[int, ...]], dict[Call, tuple[Check, ...]]]:
    head, *rows = (line.split() for line in _TABLE.strip().splitlines())
    columns = [tuple(int(part) for part in release.split(".")) for release in head[1:]]
    return columns, {Call(row[0]): tuple(Check(word) for word in row[1:]) for row in rows}


_COLUMNS, _CHECKS = _read()
