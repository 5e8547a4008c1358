"""The three machines of the pages, on this one: their addresses become ports, and their folders one folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalCluster, LocalMember
from ringfence.local.ports import free_ports
from ringfence.rules.holes import holes
from tests.integration.site import Operation, Site

NAMES = ("etcd-1", "etcd-2", "etcd-3")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where on this machine the members of a page are.

    Args:
        folder: the operator's folder; the members' data and logs are below ``machine`` in it.
        ports: for each member those of clients, peers, metrics, and one to spare.
    """

    folder: Path
    ports: tuple[tuple[int, ...], ...]

    @classmethod
    def under(cls, folder: Path) -> Machine:
        """One with ports that are free."""
        (folder / "machine").mkdir()
        found = free_ports(4 * len(NAMES))
        return cls(folder, tuple(tuple(found[at : at + 4]) for at in range(0, len(found), 4)))

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The client URLs."""
        return tuple(f"https://127.0.0.1:{client}" for client, *_ in self.ports)

    def data(self, name: str) -> Path:
        """The data of a member."""
        return self.folder / "machine" / name

    def config(self, name: str) -> Path:
        """What a member starts from."""
        return self.folder / "machine" / f"{name}.yml"

    def bring(self, name: str, **other: str) -> None:
        """What ``render etcd --out etcd`` wrote to the member, with ``other`` values on lines of that name."""
        text = (self.folder / "etcd" / name / "etcd.conf.yml").read_text()
        for key, value in other.items():
            text, count = re.subn(rf"^( *{key.replace('_', '-')}): .*$", rf"\1: {value}", text, flags=re.MULTILINE)
            assert count, key
        self.config(name).write_text(text)

    def placed(self, text: str) -> str:
        """A text of a page with its addresses and folders exchanged, and with nothing else changed."""
        for number, (name, (client, peer, metrics, other)) in enumerate(zip(NAMES, self.ports, strict=True), start=1):
            written = f"{{name: {name}, hosts: [10.0.0.{number}]}}"
            urls = f"client: https://127.0.0.1:{client}, peer: https://127.0.0.1:{peer}"
            more = f"metrics: http://127.0.0.1:{metrics}, data-dir: '{self.data(name)}'"
            text = text.replace(written, f"{{name: {name}, hosts: [127.0.0.1], {urls}, {more}}}")
            for port, ours in ((2379, client), (2380, peer), (2378, other)):
                text = text.replace(f"10.0.0.{number}:{port}", f"127.0.0.1:{ours}")
        assert not re.search(r"\b10\.0\.0\.\d", text), "an address that no member has"
        return text.replace("/etc/etcd/pki", str(self.folder / "pki"))

    def site(self, etcd: Binary, endpoints: tuple[str, ...] = ()) -> Site:
        """The folder as a site, with members that start from what was brought to them."""
        members = tuple(
            LocalMember(
                name=name,
                config=self.config(name),
                log=self.folder / "machine" / f"{name}.log",
                metrics=f"http://127.0.0.1:{metrics}",
            )
            for name, (_, _, metrics, _) in zip(NAMES, self.ports, strict=True)
        )
        cluster = LocalCluster(etcd.path, members)
        return Site(self.folder, Operation(self.folder, "", cluster, members, endpoints or self.endpoints))


def accepting(etcd: Binary, spec: str) -> str:
    """The spec, and on a release with known holes the acceptances without which ``apply`` refuses it."""
    day = (datetime.now(UTC) + timedelta(days=9)).date()
    accepted = [f"    - {{id: {hole.id}, until: {day}, reason: a test}}" for hole in holes(etcd.version)]
    return spec.replace("cluster:\n", "\n".join(["cluster:", "  accept:", *accepted, ""]) if accepted else "cluster:\n")
