"""A fenced etcd, set up the way an operator does it: spec, ``certs issue``, ``render etcd``, start, ``apply``.

Three members on loopback, TLS, certificates as users. ``give`` changes who may do what on the running cluster, by a
new spec and another ``apply``; nothing here writes roles behind ringfence's back.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from ringfence.etcd.client import Client
from ringfence.keyspace import EVERYTHING, Span, SpanSet
from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalCluster, LocalMember
from ringfence.local.ports import free_ports
from ringfence.model.credentials import Credentials
from ringfence.rules.holes import holes

T = TypeVar("T")

_NAMES = ("etcd-1", "etcd-2", "etcd-3")


class RingfenceFailed(Exception):
    """A verb of ringfence did not do what the harness needs; carries what it wrote."""


def component(name: str, grants: Sequence[str]) -> str:
    """A component of the operator's own with these grants, as the spec has it."""
    return f"  - {{name: {name}, grants: [{', '.join(grants)}]}}\n"


class Fence:
    """The cluster and its spec, in a folder of its own; a context manager that stops what it started.

    Args:
        folder: an empty folder.
        etcd: the program.
        components: the lines below ``components:`` to begin with.
    """

    def __init__(self, folder: Path, etcd: Binary, components: str) -> None:
        self.folder = folder
        self.etcd = etcd
        ports = free_ports(3 * len(_NAMES))
        self._urls = {name: ports[3 * at : 3 * at + 3] for at, name in enumerate(_NAMES)}
        self._write(components)
        self.ringfence("certs", "issue")
        self.ringfence("render", "etcd", "--out", "etcd")
        members = [
            LocalMember(
                name=name,
                config=folder / "etcd" / name / "etcd.conf.yml",
                log=folder / f"{name}.log",
                metrics=f"http://127.0.0.1:{metrics}",
            )
            for name, (_, _, metrics) in self._urls.items()
        ]
        (folder / "data").mkdir(mode=0o700)
        self._cluster = LocalCluster(etcd.path, members)

    def __enter__(self) -> Self:
        self._cluster.__enter__()
        try:
            self.ringfence("apply", "--yes")
        except BaseException:  # Ctrl-C too: __exit__ is not called for what __enter__ began
            self._cluster.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cluster.stop()

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The client URLs."""
        return tuple(f"https://127.0.0.1:{client}" for client, _, _ in self._urls.values())

    def pki(self, name: str) -> Path:
        """A file of the pki folder."""
        return self.folder / "pki" / name

    def ringfence(self, *args: str) -> str:
        """What a verb of ringfence writes to stdout, run in this folder.

        Raises:
            RingfenceFailed: its exit code is not 0.
        """
        command = [sys.executable, "-m", "ringfence", *args]
        ran = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if ran.returncode != 0:
            said = (ran.stdout + ran.stderr).strip()
            raise RingfenceFailed(f"ringfence {' '.join(args)}: exit {ran.returncode}: {said}")
        return ran.stdout

    def give(self, components: str) -> None:
        """Make these components, and no more than they need, what the cluster allows."""
        self._write(components)
        self.ringfence("certs", "issue")
        self.ringfence("apply", "--yes")

    def empty(self, span: Span = EVERYTHING) -> None:
        """Delete every key of a span, as root."""
        self.as_root(lambda client: client.keys.delete(span))

    def count(self, span: Span) -> int:
        """How many keys there are in a span."""
        return self.as_root(lambda client: client.keys.count(span))

    def count_outside(self, inside: Sequence[Span]) -> int:
        """How many keys lie in none of these spans."""
        return sum(self.count(span) for span in SpanSet([EVERYTHING]) - SpanSet(inside))

    def compacted_at(self) -> int:
        """The revision up to which the first member has forgotten its history; 0: nothing was compacted."""
        url = f"http://127.0.0.1:{self._urls[_NAMES[0]][2]}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        name = "etcd_debugging_mvcc_compact_revision "
        return next((int(float(line.removeprefix(name))) for line in lines if line.startswith(name)), 0)

    def as_root(self, do: Callable[[Client], Awaitable[T]]) -> T:
        """What root gets from the first member."""
        files = (self.pki(name).read_bytes() for name in ("ca.pem", "root.pem", "root-key.pem"))

        async def run() -> T:
            async with Client(self.endpoints[0], Credentials(*files)) as client:
                return await do(client)

        return asyncio.run(run())

    def _write(self, components: str) -> None:
        until = (datetime.now(UTC) + timedelta(days=30)).date()
        accepted = [
            f"    - {{id: {hole.id}, until: {until}, reason: loopback only}}" for hole in holes(self.etcd.version)
        ]
        lines = [
            "version: 1",
            "cluster:",
            "  name: conformance",
            f"  endpoints: [{', '.join(self.endpoints)}]",
            f'  etcd: "{self.etcd.version}"',
            *(["  accept:", *accepted] if accepted else []),
            "  members:",
            *(
                f"    - {{name: {name}, hosts: [127.0.0.1], data-dir: {json.dumps(str(self.folder / 'data' / name))},"
                f" client: https://127.0.0.1:{client}, peer: https://127.0.0.1:{peer},"
                f" metrics: http://127.0.0.1:{metrics}}}"
                for name, (client, peer, metrics) in self._urls.items()
            ),
            "components:",
        ]
        (self.folder / "ringfence.yaml").write_text("\n".join(lines) + f"\n{components}")
