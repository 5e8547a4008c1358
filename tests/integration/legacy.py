"""A site whose cluster serves both stores, v2 and v3, as one with a legacy Calico does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.observe import observe_v2
from ringfence.model.credentials import Credentials
from ringfence.model.names import ROOT_ROLE, ROOT_USER
from ringfence.model.v2 import StateV2
from ringfence.ops.load import load
from tests.integration.site import Operation, Site

T = TypeVar("T")

LEGACY = """\
  - {use: kube-apiserver, compaction: etcd}
  - {use: calico, calico: "2.6", segmentation: single}
  - name: inventory
    grants: [{prefix: /inventory/, access: readwrite}]
    patterns: [{pattern: /inventory, access: readwrite}, {pattern: /inventory/*, access: readwrite}]
"""
"""Kubernetes in v3, Calico 2.6 in v2, and a tenant in both."""


@dataclass(frozen=True, slots=True)
class LegacySite(Site):
    """A site with calls to the v2 store of its cluster."""

    def in_v2(self, do: Callable[[ClientV2], Awaitable[T]], *, name: str = "root", at: int = 0) -> T:
        """What an identity gets from a member of the v2 API, with the certificate of that name."""
        return asyncio.run(self._in_v2(do, name, at))

    def state_v2(self) -> StateV2:
        """Users, roles and the switch of v2 as they are."""
        return self.in_v2(observe_v2)

    def fence_v2(self) -> None:
        """Put what the spec wants into v2 by bare calls, auth last: for tests of what comes after."""
        _, wanted = load(self.spec, _today())
        assert wanted.v2 is not None
        state = wanted.v2.state

        async def make(client: ClientV2) -> None:
            await client.auth.add_user(ROOT_USER, "a password")
            for role in state.roles.values():
                if role.name != ROOT_ROLE:
                    await client.auth.add_role(role)
            for user in state.users.values():
                if user.name != ROOT_USER:
                    await client.auth.add_user(user.name, "a password", user.roles)
            await client.auth.enable()

        self.in_v2(make)

    async def _in_v2(self, do: Callable[[ClientV2], Awaitable[T]], name: str, at: int) -> T:
        files = (self.pki / "ca.pem", self.pki / f"{name}.pem", self.pki / f"{name}-key.pem")
        credentials = Credentials(*(file.read_bytes() for file in files))
        async with ClientV2(self.endpoints[at], credentials) as client:
            return await do(client)


def clear_v2(shared: Operation) -> None:
    """Leave nothing behind in v2: no users, no roles, no keys, auth off, on every member."""
    asyncio.run(_clear_v2(shared))


async def _clear_v2(shared: Operation) -> None:
    async with ClientV2(shared.endpoints[0], shared.root) as client:
        await client.auth.disable()
        for user in await client.auth.users():
            await client.auth.delete_user(user)
        for role in await client.auth.roles():
            await client.auth.delete_role(role)
        for entry in await client.keys.children():
            await client.keys.delete(entry.path, recursive=True)
    for endpoint in shared.endpoints:
        async with ClientV2(endpoint, shared.root) as client:
            await client.keys.settle()


def _today() -> date:
    return datetime.now(UTC).date()
