"""A real member of etcd under the unit that the project installs; systemd is a stand-in (``systemctl.py``)."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.local.binary import Binary
from ringfence.local.ports import free_ports
from ringfence.rules.holes import holes
from tests.integration.ansible.units import Machines, furnish


def _spec(etcd: Binary) -> str:
    until = datetime.now(UTC).date().replace(month=12, day=31)
    accepted = "".join(f"    - {{id: {hole.id}, until: {until}, reason: a test}}\n" for hole in holes(etcd.version))
    client, peer, metrics = (
        f"http{s}://127.0.0.1:{port}" for s, port in zip(("s", "s", ""), free_ports(3), strict=True)
    )
    return (
        f'version: 1\ncluster:\n  name: hosts\n  endpoints: [{client}]\n  etcd: "{etcd.version}"\n'
        f"{'  accept:' if accepted else ''}\n{accepted}  paths: {{pki: /etc/etcd/pki}}\n  members:\n"
        f"    - {{name: one, hosts: [127.0.0.1], client: {client}, peer: {peer}, metrics: {metrics}}}\n"
        "components:\n  - {use: kube-apiserver, compaction: etcd}\n"
    )


def _hosts(folder: Path, etcd: Binary) -> Machines:
    hosts = Machines(folder)
    (folder / "ringfence.yaml").write_text(_spec(etcd))
    for args in (("certs", "issue"), ("render", "ansible", "--out", "project")):
        done = hosts.run(*args)
        assert 0 == done.code, done.err
    root = hosts.root("one")
    furnish(root, 0)
    program = root / "usr/bin/etcd"
    program.write_text(f'#!/bin/sh\nexec {etcd.path} "$1" {root}"$2"\n')
    program.chmod(0o755)
    variables = {
        "ringfence_root": str(root),
        "ansible_connection": "local",
        "ansible_python_interpreter": str(root / "usr/bin/python"),
        "ringfence_become": False,
        "ringfence_command": [sys.executable, "-m", "ringfence"],
        "etcd_member_owner": getpass.getuser(),
        "etcd_member_group": "",
        "etcd_member_binary": "/usr/bin/etcd",
    }
    (hosts.project / "group_vars" / "all" / "own.yml").write_text(json.dumps(variables))
    return hosts


@pytest.mark.long
def test_a_member_runs_as_a_unit(tmp_path: Path, etcd: Binary) -> None:
    """``--check`` before and after, a first run, one that changes nothing, and what restarts it and what does not."""
    hosts = _hosts(tmp_path, etcd)
    (hosts.root("one") / "var/lib/ringfence").mkdir(parents=True)  # as where a node was set up before
    try:
        for args, changes in ((("--check",), True), ((), True), ((), False), (("--check", "--diff"), False)):
            played = hosts.play("site.yml", *args)
            assert 0 == played.code, played.text
            assert changes == (played.changed["one"] > 0), played.text
        assert ["start etcd"] == [each for each in hosts.calls("one") if each.startswith(("start", "restart"))]
        template = hosts.project / "templates/etcd/one.conf.yml.j2"
        template.write_text(f"{template.read_text()}max-txn-ops: 256\n")
        wants = hosts.root("one") / "etc/systemd/system/multi-user.target.wants/etcd.service"
        wants.unlink()
        assert ["enable etcd", "daemon-reload", "restart etcd"] == _calls(hosts)  # although it is enabled first
        assert wants.is_symlink()
        own = hosts.project / "group_vars/all/own.yml"
        own.write_text(json.dumps({**json.loads(own.read_text()), "etcd_member_binary": "/usr/bin/etcd-new"}))
        programs = hosts.root("one") / "usr/bin"
        (programs / "etcd").rename(programs / "etcd-new")
        assert "restart etcd" == _calls(hosts)[-1]
        template.write_text(f"# reworded\n{template.read_text()}")
        assert [] == _calls(hosts)
        assert 0 == hosts.play("fence.yml").code
    finally:
        hosts.end()


def _calls(hosts: Machines) -> list[str]:
    """What a run asked of the service manager."""
    hosts.forget()
    played = hosts.play("site.yml")
    assert 0 == played.code, played.text
    return hosts.calls("one")
