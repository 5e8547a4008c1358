"""The whole road with an authority elsewhere: keys that stay on their machine, intermediates, a fence that holds."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from ringfence.errors import AccessDenied
from ringfence.etcd.client import Client
from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalCluster, LocalMember
from ringfence.local.ports import free_ports
from ringfence.model.credentials import Credentials
from ringfence.rules.holes import holes
from tests.integration.pki.outside import OutsideCa
from tests.integration.site import Ran, ringfence

MEMBER = ("etcd-1-peer", "etcd-1-server")
NODE_MADE = ("inventory", *MEMBER)


@dataclass(frozen=True, slots=True)
class Company:
    """A folder with a spec, one machine that uses keys, and the authority of another department."""

    folder: Path
    ca: OutsideCa
    root: OutsideCa
    endpoint: str

    @property
    def csr(self) -> Path:
        """What goes to the authority."""
        return self.folder / "csr"

    def run(self, *args: str) -> Ran:
        """Run ringfence here."""
        return ringfence(*args, folder=self.folder)

    def on_the_machine(self, where: str) -> Path:
        """Run every script on the machine, and bring the requests back."""
        made = self.folder / where
        for script in sorted(self.csr.glob("*.sh")):
            subprocess.run(["/bin/sh", str(script), str(made)], check=True, capture_output=True)
        for csr in made.glob("*.csr"):
            shutil.copy(csr, self.csr)
        return made

    def sign_all(self) -> None:
        """The authority signs what the manifest lists, and sends each with its own certificate below it."""
        for each in self.manifest:
            signed = self.ca.sign(self.csr / each["csr"], days=each["validity_seconds"] // 86400)
            (self.csr / each["certificate"]).write_text(self.ca.certificate.read_text() + signed)

    @property
    def manifest(self) -> list[dict[str, Any]]:
        """What is asked for."""
        return list(json.loads((self.csr / "manifest.json").read_text())["requests"])

    def deploy(self, keys: Path) -> None:
        """Put each certificate beside its key, where etcd and its clients look for them."""
        target = self.folder / "target"
        target.mkdir(exist_ok=True)
        for path in (*(self.folder / "pki").glob("*.pem"), *keys.glob("*-key.pem")):
            shutil.copy(path, target)

    def as_inventory(self) -> Client:
        """etcd, as the tenant sees it from its machine."""
        files = (self.folder / "target" / name for name in ("ca.pem", "inventory.pem", "inventory-key.pem"))
        return Client(self.endpoint, Credentials(*(file.read_bytes() for file in files)))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, etcd: Binary) -> Company:
    """A spec with an external authority and keys on the nodes; etcd does not run yet."""
    folder = tmp_path_factory.mktemp("company")
    root = OutsideCa.make(folder / "outside" / "root", "Company")
    ca = OutsideCa.make(folder / "outside" / "etcd", "Company etcd", root)
    client, peer, metrics = free_ports(3)
    until = datetime.now(UTC).date().replace(month=12, day=31)
    spec = {
        "version": 1,
        "cluster": {
            "name": "company",
            "endpoints": [f"https://127.0.0.1:{client}"],
            "etcd": str(etcd.version),
            "accept": [{"id": hole.id, "until": str(until), "reason": "a test"} for hole in holes(etcd.version)],
            "members": [
                {
                    "name": "etcd-1",
                    "hosts": ["127.0.0.1"],
                    "client": f"https://127.0.0.1:{client}",
                    "peer": f"https://127.0.0.1:{peer}",
                    "metrics": f"http://127.0.0.1:{metrics}",
                    "data-dir": str(folder / "data"),
                }
            ],
            "paths": {"pki": str(folder / "target")},
        },
        "pki": {"authority": "external", "external": {"keys": "node"}},
        "components": [{"name": "inventory", "grants": [{"prefix": "/inventory/", "access": "readwrite"}]}],
    }
    (folder / "ringfence.yaml").write_text(json.dumps(spec, indent=1))
    return Company(folder, ca, root, f"https://127.0.0.1:{client}")


def _etcd(company: Company, etcd: Binary) -> LocalCluster:
    assert 0 == company.run("render", "etcd", "--out", "etcd").code
    config = company.folder / "etcd" / "etcd-1" / "etcd.conf.yml"
    settings = yaml.safe_load(config.read_text())
    metrics = settings["listen-metrics-urls"]
    config.write_text(json.dumps(settings | {"unsafe-no-fsync": True}))
    (company.folder / "data").mkdir(mode=0o700, exist_ok=True)
    member = LocalMember(name="etcd-1", config=config, log=company.folder / "etcd-1.log", metrics=metrics)
    return LocalCluster(etcd.path, [member])


def test_the_whole_road(company: Company, etcd: Binary) -> None:
    """Asked, made on the machine, signed, accepted, applied and proved; then renewed with new keys."""
    asked = company.run("certs", "issue", "-o", "json")
    assert 2 == asked.code
    assert dict.fromkeys(NODE_MADE, "request") | {"root": "certificate"} == {
        each["name"]: each["for"] for each in asked.json["waiting"]
    }
    keys = company.on_the_machine("machine")
    assert {f"{name}-key.pem" for name in NODE_MADE} == {each.name for each in keys.glob("*-key.pem")}
    assert {"certificate"} == {each["for"] for each in company.run("certs", "issue", "-o", "json").json["waiting"]}
    assert all(each["public_key_sha256"] for each in company.manifest)

    company.sign_all()
    accepted = company.run("certs", "accept", "--ca", str(company.root.certificate), "-o", "json")
    assert 0 == accepted.code, accepted.err
    assert {*NODE_MADE, "root"} == set(accepted.json["accepted"])
    kept_here = {each.name for each in (company.folder / "pki").rglob("*-key.pem")}
    assert {"root-key.pem"} == kept_here
    listed = {each["name"]: each for each in company.run("certs", "list", "-o", "json").json["certificates"]}
    assert dict.fromkeys(NODE_MADE, ("good", True)) | {"root": ("good", False), "ca": ("good", False)} == {
        name: (each["condition"], each["key_on_node"]) for name, each in listed.items()
    }
    assert (0, []) == (company.run("certs", "issue").code, company.manifest)

    company.deploy(keys)
    with _etcd(company, etcd):
        applied = company.run("apply", "--yes")
        assert 0 == applied.code, applied.out + applied.err
        asyncio.run(_reaches_its_own_alone(company))
        verified = company.run("verify", "-o", "json")
        assert (0, True) == (verified.code, verified.json["holds"]), verified.err
        why = {each["identity"]: each["why"] for each in verified.json["unproven"]}
        assert "its key is on its node and not at hand; its roles were read back" == why["inventory"]
        _renew(company)
        asyncio.run(_reaches_its_own_alone(company))


async def _reaches_its_own_alone(company: Company) -> None:
    async with company.as_inventory() as client:
        await client.keys.put(b"/inventory/x", b"1")
        with pytest.raises(AccessDenied):
            await client.keys.put(b"/registry/x", b"1")


def _renew(company: Company) -> None:
    """The machine makes a new key in a new folder, and what comes of it replaces the pair there."""
    (company.folder / "pki" / "inventory.pem").unlink()
    before = (company.folder / "target" / "inventory-key.pem").read_bytes()
    assert 2 == company.run("certs", "issue").code
    keys = company.on_the_machine("machine-again")
    company.sign_all()
    assert 0 == company.run("certs", "accept").code
    company.deploy(keys)
    assert before != (company.folder / "target" / "inventory-key.pem").read_bytes()


def test_another_authority_accepts_nothing(tmp_path: Path) -> None:
    """With the built-in one the verb says why it has nothing to do."""
    (tmp_path / "ringfence.yaml").write_text(
        "version: 1\ncluster: {name: x, endpoints: [https://127.0.0.1:2379]}\ncomponents:\n  - {use: kube-apiserver}\n"
    )
    ran = ringfence("certs", "accept", folder=tmp_path)
    assert 1 == ran.code
    assert "there is nothing to accept: the authority is file" in ran.err
