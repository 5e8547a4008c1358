"""What a full database gives, on every release at hand: where the release has that hole, all that root may do.

A tenant fills a small quota with its own keys; then it and a user who may not even write ask for the role root. Such a
server is of no more use, so each release gets one of its own.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from ringfence.etcd import rpcs
from ringfence.etcd.channel import Channel
from ringfence.etcd.client import Client
from ringfence.etcd.failure import Failure
from ringfence.etcd.rpcs import Rpc
from ringfence.etcd.schema import new
from ringfence.local.binary import Binary
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import State
from ringfence.rules.answer import answer
from ringfence.rules.calls import Call
from ringfence.rules.holdings import Holdings
from ringfence.rules.holes import holes
from ringfence.rules.requests import Range, Request, Service
from tests.integration.stage import Authority, Stage, prepare

FULL = "etcd-22386"
QUOTA = 4 * 1024 * 1024
"""Bytes, for ``quota-backend-bytes``."""
SECRET = b"/registry/secret"
TENANT, READER = UserName("inventory"), UserName("reader")
GRANTS = {TENANT: Access.READWRITE, READER: Access.READ}
"""Both have a role of their name on /inventory/; only the first may write, and so fill the quota."""

ASKED: dict[Request, tuple[Rpc[object], dict[str, object]]] = {
    Range(SECRET): (rpcs.RANGE, {"key": SECRET}),
    Service(Call.USER_LIST): (rpcs.USER_LIST, {}),
}
"""What is denied to both by the rules, and how it is asked; taking the role root is ``Call.AUTH_CHANGE``."""


@pytest.fixture
def small(tmp_path: Path, server: Binary) -> Stage:
    """One member with a small quota; it does not run yet."""
    prepared = prepare(tmp_path, server.path, Authority(), size=1)
    config = tmp_path / f"{prepared.members[0].name}.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "quota-backend-bytes": QUOTA}))
    return prepared


async def fence(stage: Stage) -> State:
    """Make root, the two users and the secret, and switch auth on."""
    async with Client(stage.members[0].client, stage.as_user("root")) as root:
        await root.auth.add_user(ROOT_USER)
        await root.auth.add_role(ROOT_ROLE)
        await root.auth.grant_role(ROOT_USER, ROOT_ROLE)
        for user, access in GRANTS.items():
            await root.auth.add_user(user)
            await root.auth.add_role(RoleName(user))
            await root.auth.grant_role(user, RoleName(user))
            await root.auth.grant(RoleName(user), Permission.on_prefix(access, b"/inventory/"))
        await root.keys.put(SECRET, b"hidden")
        users = [await root.auth.user(name) for name in await root.auth.users()]
        roles = [await root.auth.role(name) for name in await root.auth.roles()]
        await root.auth.enable()
        return State.of(users, roles)


async def given(channel: Channel, request: Request) -> bool:
    """Whether etcd does what is asked."""
    rpc, fields = ASKED[request]
    return not isinstance(await channel.ask(rpc, new(rpc.request, **fields)), Failure)


async def fill(channel: Channel) -> Failure:
    """Put own keys until etcd takes no more; its last word."""
    for number in range(200):  # etcd counts what it has committed, some time later
        message = new("PutRequest", key=b"/inventory/%d" % number, value=b"x" * 400_000)
        if isinstance(found := await channel.ask(rpcs.PUT, message), Failure):
            return found
    raise AssertionError("the quota did not hold")


async def become_root(channel: Channel, user: UserName) -> bool:
    """Whether a user may give itself the role root."""
    message = new("UserGrantRoleRequest", user=user, role=ROOT_ROLE)
    return not isinstance(await channel.ask(rpcs.USER_GRANT_ROLE, message), Failure)


async def played(stage: Stage) -> tuple[State, dict[UserName, list[bool]]]:
    """For each user whether it got the role root, before the quota was full and then; and then what it asks."""
    state = await fence(stage)
    endpoint = stage.members[0].client
    found: dict[UserName, list[bool]] = {}
    async with Channel(endpoint, stage.as_user(TENANT)) as tenant, Channel(endpoint, stage.as_user(READER)) as reader:
        channels = {TENANT: tenant, READER: reader}
        for user, channel in channels.items():
            assert [False] * len(ASKED) == [await given(channel, request) for request in ASKED]
            found[user] = [await become_root(channel, user)]
        assert "database space exceeded" in str(await fill(tenant))
        for user, channel in channels.items():
            found[user].append(await become_root(channel, user))
            found[user] += [await given(channel, request) for request in ASKED]
    return state, found


def test_a_full_database_gives_all_that_root_may_where_the_release_has_the_hole(small: Stage, server: Binary) -> None:
    """Before: denied. Full: who may write, and who only reads, become root and read the secret; elsewhere neither."""
    has_it = FULL in {hole.id for hole in holes(server.version)}
    with small.cluster:
        state, found = asyncio.run(played(small))
    expected = [False, has_it, *([has_it] * len(ASKED))]
    assert {TENANT: expected, READER: expected} == found
    for user in GRANTS:
        for request in (*ASKED, Service(Call.AUTH_CHANGE)):
            told = answer(Holdings(state), user, request, server.version)
            assert (False, has_it) == (told.allowed, FULL in {hole.id for hole in told.around})
