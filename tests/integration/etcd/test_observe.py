"""Observing a real cluster, with auth off and on."""

from __future__ import annotations

import asyncio

import pytest

from ringfence.errors import AccessDenied, NotThere
from ringfence.etcd.client import Client
from ringfence.etcd.observe import Observed, observe
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Permission
from ringfence.model.state import Role, State, User
from tests.integration.conftest import GUARDED
from tests.integration.stage import Stage

EXPECTED = State.of(
    [
        User(ROOT_USER, frozenset({ROOT_ROLE})),
        *(User(UserName(name), frozenset({RoleName(name)})) for name in GUARDED),
    ],
    [
        Role(ROOT_ROLE),
        *(Role(RoleName(name), (Permission.on_prefix(access, b"/tenant/"),)) for name, access in GUARDED.items()),
    ],
)


async def observed(stage: Stage, user: str, member: int = 0) -> Observed:
    """What a user observes at a member."""
    async with Client(stage.members[member].client, stage.as_user(user)) as client:
        return await observe(client)


def test_a_cluster_without_auth_is_observed_by_anybody(stage: Stage) -> None:
    """Before anything is set up there are no users and no roles, and auth is off."""
    found = asyncio.run(observed(stage, "anybody"))
    assert State.of(auth_enabled=False) == found.state
    assert ["m0", "m1", "m2"] == [member.name for member in found.members]


def test_a_guarded_cluster_is_observed_by_root(guarded: Stage) -> None:
    """All users, roles and permissions are found, the same at each member."""
    every = [asyncio.run(observed(guarded, "root", member)) for member in range(3)]
    assert [EXPECTED] * 3 == [found.state for found in every]
    assert 1 == len({(found.cluster_id, found.auth_revision) for found in every})


@pytest.mark.parametrize("user", ["tenant", "stranger"])
def test_who_is_not_root_is_told_so(guarded: Stage, user: str) -> None:
    """A user that is not root, and a Common Name that is no user, get the same error with a hint."""
    with pytest.raises(AccessDenied) as caught:
        asyncio.run(observed(guarded, user))
    assert "root" in (caught.value.problems[0].hint or "")


def test_a_state_that_changes_meanwhile_is_read_again(guarded: Stage) -> None:
    """While users come and go, what is returned is still one state that was: every user has its role."""

    async def main() -> Observed:
        async with Client(guarded.members[0].client, guarded.as_user("root")) as client:
            changing = asyncio.create_task(change(client))
            try:
                return await observe(client)
            finally:
                await changing

    async def change(client: Client) -> None:
        for number in range(3):
            await client.auth.add_user(UserName(f"brief-{number}"))
            await client.auth.delete_user(UserName(f"brief-{number}"))

    found = asyncio.run(main())
    assert EXPECTED.roles == found.state.roles
    assert EXPECTED.users.keys() <= found.state.users.keys()


@pytest.mark.parametrize("user", ["root", "tenant", "stranger"])
def test_anybody_can_tell_whether_auth_is_on(guarded: Stage, user: str) -> None:
    """The switch is seen without any permission, and seen to be off after it was switched off."""

    async def main() -> tuple[bool, bool]:
        asked = Client(guarded.members[0].client, guarded.as_user(user))
        root = Client(guarded.members[0].client, guarded.as_user("root"))
        async with asked, root:
            on = await asked.auth.enabled()
            await root.auth.disable()
            off = await asked.auth.enabled()
            await root.auth.enable()
            return on, off

    assert (True, False) == asyncio.run(main())


def test_an_identity_reads_its_own_definition_and_no_other(guarded: Stage) -> None:
    """UserGet of oneself and RoleGet of one's own roles need no root; those of others are denied."""

    async def main() -> None:
        async with Client(guarded.members[0].client, guarded.as_user("tenant")) as client:
            assert EXPECTED.users[UserName("tenant")] == await client.auth.user(UserName("tenant"))
            assert EXPECTED.roles[RoleName("tenant")] == await client.auth.role(RoleName("tenant"))
            with pytest.raises(AccessDenied):
                await client.auth.user(UserName("reader"))
            with pytest.raises(AccessDenied):
                await client.auth.role(RoleName("reader"))
        async with Client(guarded.members[0].client, guarded.as_user("root")) as client:
            with pytest.raises(NotThere):
                await client.auth.user(UserName("nobody"))

    asyncio.run(main())
