"""A site as an operator has one: a spec, a pki folder, and a three-member cluster that runs from rendered files.

Everything is made by ringfence's own verbs. One cluster serves all tests of a run; each test gets a folder of its own
with a copy of the certificates, and finds no users, no roles, no keys, and auth switched off.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock
from urllib.parse import urlsplit

import yaml

from ringfence.cli import main, output
from ringfence.etcd.client import Client
from ringfence.etcd.inflight import each
from ringfence.etcd.observe import observe
from ringfence.keyspace import EVERYTHING
from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalCluster, LocalMember
from ringfence.local.ports import free_ports
from ringfence.model.credentials import Credentials
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import State
from ringfence.ops.certs.of_spec import issue
from ringfence.ops.load import load
from ringfence.rules.holes import holes

T = TypeVar("T")

COMPONENTS = """\
  - {use: kube-apiserver, compaction: etcd}
  - {use: calico, segmentation: single}
  - {name: inventory, grants: [{prefix: /inventory/, access: readwrite}]}
"""
"""Kubernetes, Calico and a tenant: what most tests fence in."""

IDENTITIES = ("kube-apiserver", "calico", "inventory")


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of ringfence: its exit code, and what it wrote where."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout, which must be one JSON value."""
        return json.loads(self.out)

    @property
    def problems(self) -> list[str]:
        """The lines of stderr that name a problem."""
        return [line for line in self.err.splitlines() if line and not line.startswith("  ")]


def ringfence(*args: str, folder: Path) -> Ran:
    """Run the command line in this process, in ``folder``; a traceback anywhere in the output is a failure."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["ringfence", *args]),
    ):
        code = output.run(main.command)
    return _checked(Ran(code, out.getvalue(), err.getvalue()))


def spawned(*args: str, folder: Path, env: Mapping[str, str] | None = None) -> Ran:
    """Run the command line as a process of its own, without a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", *args],
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return _checked(Ran(done.returncode, done.stdout, done.stderr))


def _checked(ran: Ran) -> Ran:
    assert "Traceback" not in ran.out + ran.err
    assert "PRIVATE KEY" not in ran.out + ran.err
    return ran


@dataclass(frozen=True, slots=True)
class Operation:
    """The running cluster that sites share, and the folder in which it was made."""

    folder: Path
    header: str
    cluster: LocalCluster
    members: tuple[LocalMember, ...]
    endpoints: tuple[str, ...]

    @property
    def root(self) -> Credentials:
        """root's credentials."""
        pki = self.folder / "pki"
        return Credentials(*((pki / name).read_bytes() for name in ("ca.pem", "root.pem", "root-key.pem")))

    def reset(self) -> None:
        """Leave nothing behind: every member runs, no keys, no users, no roles, auth off."""
        for member in self.members:
            if self.cluster.pid(member.name) is None:
                self.cluster.restart(member.name, wait=False)
        self.cluster.wait_healthy()
        asyncio.run(self._clear())

    async def _clear(self) -> None:
        async with Client(self.endpoints[0], self.root) as client:
            await client.auth.disable()
            await each(await client.auth.users(), client.auth.delete_user)
            await each(await client.auth.roles(), client.auth.delete_role)
            await client.keys.delete(EVERYTHING)


@dataclass(frozen=True, slots=True)
class Site:
    """A folder with ``ringfence.yaml`` and ``pki/``, for the shared cluster."""

    folder: Path
    operation: Operation

    @property
    def spec(self) -> Path:
        """The spec."""
        return self.folder / "ringfence.yaml"

    @property
    def pki(self) -> Path:
        """The certificates."""
        return self.folder / "pki"

    @property
    def cluster(self) -> LocalCluster:
        """The processes of the cluster."""
        return self.operation.cluster

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The client URLs."""
        return self.operation.endpoints

    def run(self, *args: str) -> Ran:
        """Run ringfence here, in this process."""
        return ringfence(*args, folder=self.folder)

    def spawn(self, *args: str, env: Mapping[str, str] | None = None) -> Ran:
        """Run ringfence here, in another process."""
        return spawned(*args, folder=self.folder, env=env)

    def write(self, components: str = COMPONENTS, *, more: str = "", accept: bool = True) -> None:
        """Write the spec, and issue what it asks for.

        Args:
            components: the lines below ``components:``.
            more: further sections.
            accept: whether the holes of the server are accepted.
        """
        header = self.operation.header if accept else _without_acceptances(self.operation.header)
        self.spec.write_text(f"{header}components:\n{components}{more}")
        assert 0 == self.run("certs", "issue").code

    def fence(self) -> None:
        """Apply the spec."""
        done = self.run("apply", "--yes")
        assert 0 == done.code, done.err

    def as_root(self, do: Callable[[Client], Awaitable[T]]) -> T:
        """What root gets from the first member."""
        return asyncio.run(self._as("root", do))

    def as_user(self, name: str, do: Callable[[Client], Awaitable[T]]) -> T:
        """What an identity gets with its own certificate."""
        return asyncio.run(self._as(name, do))

    def state(self) -> State:
        """Users, roles and the switch as they are."""

        async def look(client: Client) -> State:
            return (await observe(client)).state

        return self.as_root(look)

    def auth_revision(self) -> int:
        """etcd's count of auth writes; before 3.5, where no call tells it, from the first member's metrics."""

        async def ask(client: Client) -> int | None:
            await client.keys.settle()
            return await client.auth.revision()

        told = self.as_root(ask)
        return _measured_auth_revision(self.operation.members[0].metrics) if told is None else told

    async def _as(self, name: str, do: Callable[[Client], Awaitable[T]]) -> T:
        files = (self.pki / "ca.pem", self.pki / f"{name}.pem", self.pki / f"{name}-key.pem")
        async with Client(self.endpoints[0], Credentials(*(file.read_bytes() for file in files))) as client:
            return await do(client)


def _measured_auth_revision(metrics: str) -> int:
    with contextlib.closing(http.client.HTTPConnection(urlsplit(metrics).netloc, timeout=10)) as connection:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    samples = dict(line.rsplit(" ", 1) for line in text.splitlines())
    return int(samples["etcd_debugging_auth_revision"])


async def add_root(client: Client) -> None:
    """The user root, holding the role root."""
    await client.auth.add_user(UserName(ROOT_USER))
    await client.auth.add_role(RoleName(ROOT_ROLE))
    await client.auth.grant_role(ROOT_USER, ROOT_ROLE)


@contextmanager
def operation(
    folder: Path,
    etcd: Binary,
    *,
    member_config: Callable[[dict[str, Any]], None] = lambda _config: None,
    api: str = "[v3]",
) -> Iterator[Operation]:
    """Make certificates and configuration as an operator would, and run the cluster.

    Args:
        folder: where.
        etcd: the program.
        member_config: may edit each member's rendered configuration, to do it wrong.
        api: which stores it is about.
    """
    names = ("etcd-1", "etcd-2", "etcd-3")
    ports = free_ports(9)
    urls = {name: ports[3 * at : 3 * at + 3] for at, name in enumerate(names)}
    endpoints = tuple(f"https://127.0.0.1:{client}" for client, _, _ in urls.values())
    header = _header(folder, etcd, urls, api)
    (folder / "ringfence.yaml").write_text(f"{header}components:\n{COMPONENTS}")
    long_ago = datetime.now(UTC) - timedelta(days=3)  # so that the authority could sign what has expired by now
    asyncio.run(issue(*load(folder / "ringfence.yaml", long_ago.date()), long_ago))
    rendered = ringfence("render", "etcd", "--out", "etcd", folder=folder)
    assert 0 == rendered.code, rendered.err
    (folder / "data").mkdir(mode=0o700)
    members = []
    for name, (_, _, metrics) in urls.items():
        config = folder / "etcd" / name / "etcd.conf.yml"
        settings = yaml.safe_load(config.read_text())
        settings["unsafe-no-fsync"] = True  # the tests' own: no power cut is tested here
        member_config(settings)
        config.write_text(json.dumps(settings))
        log = folder / f"{name}.log"
        members.append(LocalMember(name=name, config=config, log=log, metrics=f"http://127.0.0.1:{metrics}"))
    with LocalCluster(etcd.path, members) as cluster:
        yield Operation(folder, header, cluster, tuple(members), endpoints)


def site_of(folder: Path, shared: Operation) -> Site:
    """A site in an empty folder, with the shared cluster's certificates and the usual spec."""
    shutil.copytree(shared.folder / "pki", folder / "pki")
    site = Site(folder, shared)
    site.spec.write_text(f"{shared.header}components:\n{COMPONENTS}")
    return site


def _header(folder: Path, etcd: Binary, urls: Mapping[str, tuple[int, ...]], api: str) -> str:
    until = datetime.now(UTC).date().replace(month=12, day=31)
    accepted = [f"    - {{id: {hole.id}, until: {until}, reason: a test}}" for hole in holes(etcd.version)]
    members = [
        f"    - {{name: {name}, hosts: [127.0.0.1], data-dir: {json.dumps(str(folder / 'data' / name))},"
        f" client: https://127.0.0.1:{client}, peer: https://127.0.0.1:{peer}, metrics: http://127.0.0.1:{metrics}}}"
        for name, (client, peer, metrics) in urls.items()
    ]
    lines = [
        "version: 1",
        "cluster:",
        "  name: site",
        f"  endpoints: [{', '.join(f'https://127.0.0.1:{client}' for client, _, _ in urls.values())}]",
        f'  etcd: "{etcd.version}"',
        f"  api: {api}",
        *(["  accept:", *accepted] if accepted else []),
        "  members:",
        *members,
    ]
    return "\n".join(lines) + "\n"


def _without_acceptances(header: str) -> str:
    kept = [line for line in header.splitlines() if not line.startswith(("  accept:", "    - {id: "))]
    return "\n".join(kept) + "\n"
