"""Carrying out batches of changes: each batch pipelined, the next one only when every change of it is in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

from ringfence.changes.change import (
    AddRole,
    AddUser,
    Change,
    EnableAuth,
    GrantPermission,
    GrantRole,
    ReplacePermission,
    RevokePermission,
    RevokeRole,
)
from ringfence.etcd.client import Client
from ringfence.etcd.inflight import each
from ringfence.model.state import Login
from ringfence.model.version import Version

_PASSWORDLESS = (3, 4)
"""The first line of releases with users without a password (etcd PR 9817)."""


async def carry_out(
    client: Client, batches: Iterable[Iterable[Change]], version: Version | None, done: Callable[[], None]
) -> None:
    """Make the changes, in order.

    Args:
        client: an identity that may.
        batches: changes that may run together, in the order of a plan.
        version: of the server: before 3.4 each user needs a password, so it gets one that nobody knows.
        done: called after each change.

    Raises:
        ClusterError: a change was not made; those that were stay, and the next plan starts from there.
    """
    passwordless = version is None or version.line >= _PASSWORDLESS

    async def work(change: Change) -> None:
        await _make(client, change, passwordless)
        done()

    for batch in batches:
        await each(batch, work)


async def _make(client: Client, change: Change, passwordless: bool) -> None:
    match change:
        case AddRole(role):
            await client.auth.add_role(role)
        case GrantPermission(role, permission):
            await client.auth.grant(role, permission)
        case ReplacePermission(role, permission):
            await client.auth.revoke(role, permission)
            await client.auth.grant(role, permission)
        case RevokePermission(role, permission):
            await client.auth.revoke(role, permission)
        case AddUser(user, login):
            unknown = None if passwordless and login is not Login.PASSWORD else secrets.token_urlsafe(48)
            await client.auth.add_user(user, unknown)
        case GrantRole(user, role):
            await client.auth.grant_role(user, role)
        case RevokeRole(user, role):
            await client.auth.revoke_role(user, role)
        case EnableAuth():
            await client.auth.enable()


def auth_writes(change: Change) -> int:
    """By how much etcd's auth revision grows through a change (etcd ``server/auth/store.go``, commitRevision)."""
    match change:
        case EnableAuth():
            return 0
        case ReplacePermission():
            return 2
        case _:
            return 1
