"""A real OpenBao server, and desks to work with it from: each a folder, a spec and an engine of its own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from ringfence.local.openbao import LocalOpenBao, find_bao
from ringfence.local.ports import free_ports
from ringfence.pki.openbao.answer import Answer
from ringfence.pki.openbao.client import Client, Server
from ringfence.pki.openbao.login import Login, TokenLogin
from tests.integration.site import Ran, ringfence

T = TypeVar("T")

_COUNT = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with a spec that names an engine nobody else uses; the server's root token lies in ``token``."""

    folder: Path
    bao: LocalOpenBao
    mount: str

    def write(
        self,
        components: str = "  - {name: inventory, grants: [{prefix: /inventory/, access: readwrite}]}\n",
        *,
        login: str = "{method: token, token: {file: token}}",
        hosts: str = "127.0.0.1, etcd-1.example",
        address: str | None = None,
        more: str = "",
    ) -> None:
        """Write the spec, with one member on free ports."""
        client, peer, metrics = free_ports(3)
        authority = f"{{address: '{address or self.bao.address}', mount: {self.mount}, auth: {login}{more}}}"
        (self.folder / "ringfence.yaml").write_text(
            "version: 1\n"
            f"cluster:\n  name: site\n  endpoints: [https://127.0.0.1:{client}]\n  members:\n"
            f"    - {{name: etcd-1, hosts: [{hosts}], client: https://127.0.0.1:{client},"
            f" peer: https://127.0.0.1:{peer}, metrics: http://127.0.0.1:{metrics}}}\n"
            f"pki:\n  authority: openbao\n  openbao: {authority}\n"
            f"components:\n{components}"
        )

    def run(self, *args: str) -> Ran:
        """Run ringfence here."""
        return ringfence(*args, folder=self.folder)

    def prepare(self, *args: str) -> Ran:
        """``certs prepare`` with the root token."""
        return self.run("certs", "prepare", "--token-file", "token", *args)

    def ask(self, do: Callable[[Client], Awaitable[T]], login: Login | None = None) -> T:
        """What somebody gets from the server; root where nobody is named."""

        async def asked() -> T:
            async with Client(Server(address=self.bao.address), login or TokenLogin(self.bao.token)) as client:
                return await do(client)

        return asyncio.run(asked())

    def post(self, path: str, body: Mapping[str, object], login: Login | None = None) -> Answer:
        """Write to a path."""
        return self.ask(lambda client: client.write(path, body), login)

    def get(self, path: str) -> Answer:
        """What is at a path."""
        found = self.ask(lambda client: client.read(path))
        assert found is not None
        return found

    def token_with(self, policy: str, ttl: str = "10m") -> TokenLogin:
        """A token that has one policy and no other."""
        body = {"policies": [policy], "no_default_policy": True, "ttl": ttl}
        return TokenLogin(self.post("auth/token/create", body).part("auth").text("client_token"))

    def keep(self, name: str, secret: str) -> None:
        """Write a secret into a file as an operator would."""
        path = self.folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"{secret}\n")


@pytest.fixture(scope="session")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalOpenBao]:
    """One server for all tests; without the program they fail."""
    with LocalOpenBao(find_bao(), tmp_path_factory.mktemp("bao")) as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, bao: LocalOpenBao) -> Desk:
    """A desk of its own."""
    made = Desk(tmp_path, bao, f"pki-{next(_COUNT)}")
    made.keep("token", bao.token)
    made.write()
    return made
