"""Random pairs of states, and getting a real cluster into one: for tests that stop in the middle of a change."""

from __future__ import annotations

import random

from ringfence.changes.change import Change
from ringfence.changes.diff import diff
from ringfence.etcd.client import Client
from ringfence.etcd.inflight import each
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login, Role, State, User
from ringfence.ops.execution.batches import carry_out
from ringfence.ops.reach.pace import FULL_SPEED

_PLACES = [(b"/a/", b"/a0"), (b"/a/", b"/a/m"), (b"/a/m", b"/a0"), (b"/b", b""), (b"/b", b"/c"), (b"/c", b"\x00")]
_ROLES = [RoleName(name) for name in ("r", "s", "t")]
_USERS = [UserName(name) for name in ("u", "v", "w")]


def state(draw: random.Random, *, auth: bool) -> State:
    """Up to three roles with up to three permissions each, up to three users that hold some of them; and root."""
    roles = [
        Role(
            name,
            tuple(Permission(draw.choice(list(Access)), *place) for place in draw.sample(_PLACES, draw.randint(0, 3))),
        )
        for name in draw.sample(_ROLES, draw.randint(1, 3))
    ]
    names = [role.name for role in roles]
    users = [
        User(name, frozenset(draw.sample(names, draw.randint(0, len(names)))), Login.CERTIFICATE)
        for name in draw.sample(_USERS, draw.randint(1, 3))
    ]
    root = User(ROOT_USER, frozenset({ROOT_ROLE}), Login.CERTIFICATE)
    return State.of([root, *users], [Role(ROOT_ROLE), *roles], auth_enabled=auth)


async def become(client: Client, wanted: State) -> None:
    """Wipe users and roles, and make ``wanted`` of nothing."""
    await client.auth.disable()
    await each(await client.auth.users(), client.auth.delete_user)
    await each(await client.auth.roles(), client.auth.delete_role)
    await carry_out(
        client, diff(wanted, State.of(auth_enabled=False)), None, FULL_SPEED, done=_nothing, checked=_nobody
    )


def _nothing() -> None:
    """Nobody waits."""


async def _nobody(_batch: object) -> None:
    """Nobody checks."""


def changes(wanted: State, observed: State) -> list[Change]:
    """The changes between two states, in order."""
    return [change for batch in diff(wanted, observed) for change in batch]
