"""Carrying out batches of changes: each batch pipelined, the next one only when every change of it is in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from ringfence.changes.change import (
    AddRole,
    AddUser,
    Change,
    DeleteRole,
    DeleteUser,
    DisableAuth,
    EnableAuth,
    GrantPermission,
    GrantRole,
    ReplacePermission,
    RevokePermission,
    RevokeRole,
)
from ringfence.etcd.client import Client
from ringfence.etcd.inflight import Window, each
from ringfence.model.state import Login
from ringfence.model.version import Version
from ringfence.ops.execution.passwords import Passwords
from ringfence.ops.reach.pace import FULL_SPEED, Pace

_PASSWORDLESS = (3, 4)
"""The first line of releases with users without a password (etcd PR 9817)."""

NO_PASSWORDS = Passwords()
"""For plans that make no user by password; one that does gets a password that nobody knows."""


async def carry_out(
    client: Client,
    batches: Iterable[Sequence[Change]],
    version: Version | None,
    pace: Pace,
    *,
    done: Callable[[], None],
    checked: Callable[[Sequence[Change]], Awaitable[None]],
    passwords: Passwords = NO_PASSWORDS,
    making: Callable[[Change], AbstractContextManager[None]] = lambda _change: nullcontext(),
) -> None:
    """Make the changes, in order.

    Args:
        client: an identity that may.
        batches: changes that may run together, in the order of a plan.
        version: of the server: before 3.4 each user needs a password, so it gets one that nobody knows.
        pace: how fast; without one, the changes of a batch are pipelined.
        done: called after each change.
        checked: awaited after each batch; what it raises ends the work.
        passwords: those of new users that log in by password; a user without one gets one that nobody knows.
        making: entered for each change while its request is under way.

    Raises:
        ClusterError: a change was not made; those that were stay, and the next plan starts from there.
    """
    passwordless = version is None or version.line >= _PASSWORDLESS
    first = True

    async def work(change: Change) -> None:
        nonlocal first
        if not first:
            await pace.wait()
        first = False
        with making(change):
            await _make(client, change, passwords, passwordless)
        done()

    window = Window()
    for batch in batches:
        await each(batch, work, window if pace == FULL_SPEED else 1)
        await checked(batch)


async def _make(client: Client, change: Change, passwords: Passwords, passwordless: bool) -> None:
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
            needless = passwordless and login is not Login.PASSWORD
            await client.auth.add_user(user, None if needless else passwords.of(user))
        case GrantRole(user, role):
            await client.auth.grant_role(user, role)
        case RevokeRole(user, role):
            await client.auth.revoke_role(user, role)
        case DeleteUser(user):
            await client.auth.delete_user(user)
        case DeleteRole(role):
            await client.auth.delete_role(role)
        case EnableAuth():
            await client.auth.enable()
        case DisableAuth():
            await client.auth.disable()


def auth_writes(change: Change) -> int:
    """By how much etcd's auth revision grows through a change (etcd ``server/auth/store.go``, commitRevision)."""
    match change:
        case EnableAuth():
            return 0
        case ReplacePermission():
            return 2
        case _:
            return 1
