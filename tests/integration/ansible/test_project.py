"""The rendered project, played by the real Ansible on three hosts whose members of etcd run from what it installs."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.errors import AccessDenied
from ringfence.etcd.client import Client
from ringfence.local.binary import Binary
from tests.integration.ansible.hosts import NAMES, NODES, PKI, Hosts, Played, three_hosts

_UNCHANGED = dict.fromkeys(("localhost", *NAMES), 0)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, etcd: Binary) -> Iterator[tuple[Hosts, Played, Played]]:
    """The hosts as they are after a first --check and a first run, and what those two said."""
    with three_hosts(tmp_path_factory.mktemp("ansible"), etcd) as hosts:
        checked = hosts.play("site.yml", "--check")
        assert not any((hosts.root(name) / "etc").exists() for name in NAMES)
        yield hosts, checked, hosts.play("site.yml")


@pytest.fixture
def hosts(fresh: tuple[Hosts, Played, Played]) -> Hosts:
    """The hosts, everything installed and running."""
    found, _, installed = fresh
    assert 0 == installed.code, installed.text
    return found


def test_the_first_check_promises_changes(fresh: tuple[Hosts, Played, Played]) -> None:
    """On hosts that have nothing --check succeeds, says that much will change, and writes nothing."""
    _, checked, _ = fresh
    assert 0 == checked.code, checked.text
    assert all(checked.changed[name] > 0 for name in NAMES)


def test_a_second_run_changes_nothing(hosts: Hosts) -> None:
    """Whatever is installed and running is left alone."""
    before = hosts.pids()
    again = hosts.play("site.yml")
    assert (0, _UNCHANGED) == (again.code, again.changed), again.text
    assert before == hosts.pids()


@pytest.mark.long
def test_check_is_clean_afterwards(hosts: Hosts) -> None:
    """--check on hosts that are as they should be promises no change."""
    checked = hosts.play("site.yml", "--check", "--diff")
    assert (0, _UNCHANGED) == (checked.code, checked.changed), checked.text


def test_each_host_has_its_own_keys_and_no_others(hosts: Hosts) -> None:
    """A host gets the keys of its member, of its node and of its API server, each for the owner alone."""
    for name in NAMES:
        wanted = {f"{name}-server", f"{name}-peer"}
        wanted |= {f"{part}.{name}" for part in ("calico-node", "calico-cni") if name in NODES}
        wanted |= {"kube-apiserver"} if name == "etcd-3" else set()
        folder = hosts.root(name) / PKI
        assert (hosts.folder / "pki/ca.pem").read_bytes() == (folder / "ca.pem").read_bytes()
        keys = {path.name.removesuffix("-key.pem"): path for path in folder.glob("*-key.pem")}
        assert wanted == keys.keys()
        assert {0o600} == {path.stat().st_mode & 0o777 for path in keys.values()}
        assert all(path.read_bytes() == (hosts.folder / "pki" / path.name).read_bytes() for path in keys.values())


def test_the_programs_of_a_node_are_told_its_own_certificate(hosts: Hosts) -> None:
    """The CNI configuration and both environments name files that are there."""
    root = hosts.root("etcd-2")
    conflist = json.loads((root / "etc/cni/net.d/10-calico.conflist").read_text())
    assert str(root / PKI / "calico-cni.etcd-2-key.pem") == conflist["plugins"][0]["etcd_key_file"]
    assert "etcd-2" == conflist["plugins"][0]["nodename"]
    for file in ("calico-node.env", "felix.env"):
        lines = (root / "etc/calico" / file).read_text().splitlines()
        paths = [Path(line.partition("=")[2]) for line in lines if "_FILE=" in line or "FILE=" in line]
        assert 3 == len(paths)
        assert all(path.is_file() for path in paths)
    assert not (hosts.root("etcd-3") / "etc/calico").exists()


@pytest.mark.long
def test_keys_may_come_from_ansible_vault(hosts: Hosts) -> None:
    """From a copy of the pki folder with encrypted keys the very same is installed."""
    vaulted, password = hosts.folder / "vaulted", hosts.folder / "password"
    shutil.copytree(hosts.folder / "pki", vaulted)
    password.write_text("a password\n")
    vault = Path(sys.executable).with_name("ansible-vault")
    keys = sorted(vaulted.glob("*-key.pem"))
    secret = ("--vault-password-file", str(password))
    subprocess.run([vault, "encrypt", *secret, *keys], cwd=hosts.project, check=True, capture_output=True)
    assert all(key.read_bytes().startswith(b"$ANSIBLE_VAULT;") for key in keys)
    played = hosts.play("site.yml", *secret, "-e", f"ringfence_pki={vaulted}")
    assert (0, _UNCHANGED) == (played.code, played.changed), played.text


@pytest.mark.long
def test_only_the_member_with_new_configuration_is_restarted(hosts: Hosts) -> None:
    """One member's configuration changes: that one is restarted, and it is healthy afterwards."""
    template = hosts.project / "templates/etcd/etcd-2.conf.yml.j2"
    before = hosts.pids()
    template.write_text(f"{template.read_text()}max-txn-ops: 256\n")
    changed = hosts.play("site.yml")
    assert 0 == changed.code, changed.text
    assert {"etcd-2"} == {name for name, count in changed.changed.items() if count}
    assert {"etcd-2"} == {name for name, pid in hosts.pids().items() if before[name] != pid}
    again = hosts.play("site.yml")
    assert (0, _UNCHANGED) == (again.code, again.changed), again.text


def test_a_host_that_only_one_of_the_two_has_is_refused(hosts: Hosts) -> None:
    """A node that the spec does not have, or a missing one, stops the run before any host is touched."""
    more = hosts.project / "inventory" / "more.yml"
    more.write_text(json.dumps({"calico_nodes": {"hosts": {"stranger": {"ringfence_root": "/nowhere"}}}}))
    try:
        refused = hosts.play("site.yml")
    finally:
        more.unlink()
    assert 2 == refused.code
    assert "not in the spec: stranger" in refused.text
    assert {"localhost"} == refused.changed.keys()


def test_etcd_is_fenced_and_proved_with_what_is_on_the_hosts(hosts: Hosts) -> None:
    """The module plans, applies, then has nothing to do; the installed certificates pass the proof."""
    checked = hosts.play("fence.yml", "--check")
    assert (0, {"localhost": 1}) == (checked.code, checked.changed), checked.text
    assert not hosts.run("auth", "status", "-o", "json").json.get("enabled")
    applied = hosts.play("fence.yml")
    assert (0, {"localhost": 1}) == (applied.code, applied.changed), applied.text
    for args in ((), ("--check",)):
        again = hosts.play("fence.yml", *args)
        assert (0, {"localhost": 0}) == (again.code, again.changed), again.text

    _with_installed_pairs(hosts)
    proved = hosts.run("-f", "installed/ringfence.yaml", "verify", "-o", "json")
    assert 0 == proved.code, proved.err
    assert proved.json["holds"]
    for name in NODES:
        asyncio.run(_reaches_calico_only(hosts, name))


def _with_installed_pairs(hosts: Hosts) -> None:
    """A copy of the spec whose pki folder has, of every pair that a host has, the host's own files."""
    folder = hosts.folder / "installed"
    shutil.copytree(hosts.folder / "pki", folder / "pki")
    shutil.copy(hosts.folder / "ringfence.yaml", folder)
    for name in NAMES:
        for path in (hosts.root(name) / PKI).glob("*.pem"):
            target = folder / "pki" / path.name
            target.unlink()
            shutil.copy(path, target)


async def _reaches_calico_only(hosts: Hosts, name: str) -> None:
    endpoint = _endpoint(hosts)
    async with Client(endpoint, hosts.credentials(name, f"calico-node.{name}")) as client:
        await client.keys.get(b"/calico/resources/v3/projectcalico.org/nodes/" + name.encode())
        with pytest.raises(AccessDenied):
            await client.keys.get(b"/registry/secrets/anything")


def _endpoint(hosts: Hosts) -> str:
    line = next(line for line in (hosts.folder / "ringfence.yaml").read_text().splitlines() if "endpoints:" in line)
    return line.partition("[")[2].partition(",")[0]
