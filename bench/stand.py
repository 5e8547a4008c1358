"""The etcd to measure on: three members with TLS on loopback, set up by ringfence from a spec with many tenants."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from ringfence.etcd.client import Client
from ringfence.etcd.inflight import each
from ringfence.local.binary import Binary, find
from ringfence.local.cluster import LocalCluster, LocalMember
from ringfence.local.ports import free_ports
from ringfence.ops.certs.of_spec import issue
from ringfence.ops.live import Connection, Live, prepare
from ringfence.ops.load import load
from ringfence.ops.publish import publish
from ringfence.ops.reach.target import connected
from ringfence.ops.rendering.configuration import render_etcd
from ringfence.rules.holes import holes

MEMBERS = ("etcd-1", "etcd-2", "etcd-3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A running cluster, and what a live verb needs for it; ``folder`` has its ``pki``."""

    folder: Path
    etcd: Binary
    live: Live

    @property
    def description(self) -> str:
        """What runs, for the setting of a result."""
        return f"etcd {self.etcd.version}, three members with TLS on this machine"

    async def forget(self) -> None:
        """Switch auth off and delete all users and roles, as if nobody had ever used the cluster."""
        async with connected(self.live.target) as client:
            await client.auth.disable()
            await _delete_all(client)


@asynccontextmanager
async def stand(tenants: int, program: Binary | None = None, *, v2: bool = False) -> AsyncIterator[Stand]:
    """Start the cluster for a spec with so many components, each with a prefix of its own; auth is off.

    Args:
        tenants: how many.
        program: the etcd to run; None for the one that ringfence finds.
        v2: whether they are in the v2 store, with patterns, instead of v3.

    Raises:
        RingfenceError: no etcd was found, or it does not start.
    """
    etcd = program or find("etcd")
    now = datetime.now(UTC)
    with TemporaryDirectory(prefix="ringfence-bench-") as name:
        folder = Path(name)
        path = folder / "ringfence.yaml"
        publish({path: _spec(folder, etcd, tenants, now, v2=v2)}, private=False)
        spec, wanted = load(path, now.date())
        await issue(spec, wanted, now)
        publish({folder / "etcd" / file: text for file, text in render_etcd(spec).items()}, private=False)
        members = [
            LocalMember(
                name=member.name,
                config=folder / "etcd" / member.name / "etcd.conf.yml",
                log=folder / "etcd" / member.name / "etcd.log",
                metrics=member.metrics,
            )
            for member in spec.cluster.members
        ]
        with LocalCluster(etcd.path, members):
            yield Stand(folder=folder, etcd=etcd, live=prepare(path, Connection(), now))


async def _delete_all(client: Client) -> None:
    await each(await client.auth.users(), client.auth.delete_user)
    await each(await client.auth.roles(), client.auth.delete_role)


def _spec(folder: Path, etcd: Binary, tenants: int, now: datetime, *, v2: bool) -> str:
    """JSON is YAML."""
    ports = iter(free_ports(3 * len(MEMBERS)))
    members = [
        {
            "name": name,
            "hosts": ["127.0.0.1"],
            "data-dir": str(folder / "data" / name),
            "client": f"https://127.0.0.1:{next(ports)}",
            "peer": f"https://127.0.0.1:{next(ports)}",
            "metrics": f"http://127.0.0.1:{next(ports)}",
        }
        for name in MEMBERS
    ]
    names = [f"tenant-{number:04}" for number in range(tenants)]
    spec = {
        "version": 1,
        "cluster": {
            "name": "bench",
            "endpoints": [member["client"] for member in members],
            "etcd": str(etcd.version),
            "api": ["v2" if v2 else "v3"],
            "accept": [
                {"id": hole.id, "until": str((now + timedelta(days=1)).date()), "reason": "a benchmark"}
                for hole in holes(etcd.version)
            ],
            "members": members,
        },
        "pki": {"directory": "pki"},
        "components": [{"name": name, **(_patterns(name) if v2 else _grants(name))} for name in names],
    }
    return json.dumps(spec, indent=1)


def _grants(name: str) -> dict[str, object]:
    return {"grants": [{"prefix": f"/{name}/", "access": "readwrite"}]}


def _patterns(name: str) -> dict[str, object]:
    return {"patterns": [{"pattern": pattern, "access": "readwrite"} for pattern in (f"/{name}", f"/{name}/*")]}
