"""What integration tests share: real etcd clusters, started once for a run of the tests."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.etcd.client import Client
from ringfence.keyspace import EVERYTHING
from ringfence.local.binary import Binary, find
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.ops.switch.outliving import CONTAINER_STAYS
from tests.integration.legacy import LEGACY, LegacySite, clear_v2
from tests.integration.site import Operation, Site, operation, site_of
from tests.integration.stage import Authority, Stage, prepare

os.environ.setdefault("RINGFENCE_PACE", "1000/s")
"""No other clients are at work on the tests' clusters, so nobody has to be spared."""

os.environ.setdefault(CONTAINER_STAYS, "1")
"""Where the tests run in a container it stays when a command ends; ``guard/test_container.py`` makes its own."""

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
"""A shell in the background or nohup has them ignored, and every program that a test starts would inherit that."""

GUARDED = {"tenant": Access.READWRITE, "reader": Access.READ, "writer": Access.WRITE}
"""Users (and roles of the same names) of the fixture ``guarded``, with what they may do on /tenant/."""


@pytest.fixture(scope="session")
def etcd() -> Binary:
    """The etcd that tests run against; without one they fail."""
    return find("etcd")


@pytest.fixture(scope="session")
def authority() -> Authority:
    """The authority that the shared cluster trusts."""
    return Authority()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, etcd: Binary, authority: Authority) -> Iterator[Stage]:
    """A three-member cluster with auth off. A test that changes users, roles or auth puts them back."""
    prepared = prepare(tmp_path_factory.mktemp("stage"), etcd.path, authority)
    with prepared.cluster:
        yield prepared


@pytest.fixture
def guarded(stage: Stage) -> Iterator[Stage]:
    """The shared cluster with users, roles and auth on, for one test; afterwards auth is off and all of it gone.

    ``root`` is root; ``tenant`` may read and write /tenant/, ``reader`` read it, ``writer`` only write it.
    """
    asyncio.run(_guard(stage))
    yield stage
    asyncio.run(_clear(stage))


@pytest.fixture(scope="session")
def shared_operation(tmp_path_factory: pytest.TempPathFactory, etcd: Binary) -> Iterator[Operation]:
    """A cluster that was set up by ringfence itself; tests reach it through ``site``."""
    with operation(tmp_path_factory.mktemp("operation"), etcd) as running:
        yield running


@pytest.fixture
def site(tmp_path: Path, shared_operation: Operation) -> Iterator[Site]:
    """A folder with spec and certificates for that cluster, which is put back afterwards."""
    yield site_of(tmp_path, shared_operation)
    shared_operation.reset()


@pytest.fixture(scope="session")
def legacy_operation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operation]:
    """One with v2 and v3, on PyPI's etcd 3.5.1, whatever the other tests run on: newer lines have no v2."""
    with operation(tmp_path_factory.mktemp("legacy"), find("etcd", {}), api="[v2, v3]") as running:
        yield running


@pytest.fixture
def legacy_site(tmp_path: Path, legacy_operation: Operation) -> Iterator[LegacySite]:
    """A folder with a spec for both stores of that cluster, and certificates; everything is put back afterwards."""
    shutil.copytree(legacy_operation.folder / "pki", tmp_path / "pki")
    site = LegacySite(tmp_path, legacy_operation)
    site.write(LEGACY)
    yield site
    legacy_operation.reset()
    clear_v2(legacy_operation)


async def _guard(stage: Stage) -> None:
    async with Client(stage.members[0].client, stage.as_user("root")) as client:
        await client.auth.add_user(ROOT_USER)
        await client.auth.add_role(ROOT_ROLE)
        await client.auth.grant_role(ROOT_USER, ROOT_ROLE)
        for name, access in GUARDED.items():
            await client.auth.add_role(RoleName(name))
            await client.auth.grant(RoleName(name), Permission.on_prefix(access, b"/tenant/"))
            await client.auth.add_user(UserName(name))
            await client.auth.grant_role(UserName(name), RoleName(name))
        await client.auth.enable()


async def _clear(stage: Stage) -> None:
    async with Client(stage.members[0].client, stage.as_user("root")) as client:
        await client.auth.disable()
        for user in await client.auth.users():
            await client.auth.delete_user(user)
        for role in await client.auth.roles():
            await client.auth.delete_role(role)
        await client.keys.delete(EVERYTHING)
