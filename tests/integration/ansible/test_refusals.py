"""What ``render ansible`` refuses, and that nothing is written then; each beside a spec that it takes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ringfence.ops.load import load
from ringfence.ops.rendering.ansible import render_ansible
from tests.integration.site import ringfence

_SPEC = """\
version: 1
cluster:
  name: hosts
  endpoints: [https://10.0.0.1:2379]
  etcd: "3.5.28"
  paths: {pki: /etc/etcd/pki}
  members:
    - {name: etcd-1, hosts: [10.0.0.1]}
components:
  - {use: calico, segmentation: node}
nodes: [etcd-1, {name: worker-1, address: 10.0.1.1}]
"""
_INVENTORY = {"etcd": {"hosts": ["etcd-1"]}, "calico_nodes": {"hosts": ["etcd-1", "worker-1"]}}


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that spec and its certificates."""
    folder = tmp_path_factory.mktemp("issued")
    (folder / "ringfence.yaml").write_text(_SPEC)
    assert 0 == ringfence("certs", "issue", folder=folder).code
    return folder


@pytest.fixture
def folder(issued: Path, tmp_path: Path) -> Path:
    """The same for one test, which may change it."""
    (tmp_path / "ringfence.yaml").write_text(_SPEC)
    (tmp_path / "pki").mkdir(mode=0o700)
    for path in (issued / "pki").glob("*.pem"):
        (tmp_path / "pki" / path.name).write_bytes(path.read_bytes())
        (tmp_path / "pki" / path.name).chmod(path.stat().st_mode)
    return tmp_path


def test_a_project_is_written_once_and_holds_no_key(folder: Path) -> None:
    """The second time every file is as it was; in none of them stands a key."""
    first = ringfence("render", "ansible", "--out", "project", folder=folder)
    assert 0 == first.code, first.err
    files = [path for path in (folder / "project").rglob("*") if path.is_file()]
    assert files
    assert not any(b"PRIVATE KEY-----" in path.read_bytes() for path in files)
    again = ringfence("render", "ansible", "--out", "project", folder=folder)
    assert f"unchanged: {len(files)} of {len(files)} files\n" == again.err


def test_it_tells_how_far_it_is(folder: Path) -> None:
    """Certificate by certificate, of which thousands of nodes have thousands."""
    spec, _ = load(folder / "ringfence.yaml", datetime.now(UTC).date())
    told: list[tuple[int, int]] = []
    render_ansible(spec, folder / "project", advance=lambda done, all_: told.append((done, all_)))
    kinds = ("ca.", "etcd-1-", "calico-node.", "calico-cni.", "calico-kube-controllers")
    installed = [path for path in (folder / "pki").glob("*.pem") if path.name.startswith(kinds)]
    assert [(number, len(installed)) for number in range(1, len(installed) + 1)] == told


def test_files_of_the_operator_are_left_alone(folder: Path) -> None:
    """What stands beside the rendered files survives, and a rendered file that was edited is put back."""
    assert 0 == ringfence("render", "ansible", "--out", "project", folder=folder).code
    own, ours = folder / "project/inventory/own.yml", folder / "project/inventory/ringfence.yml"
    own.write_text("mine")
    text = ours.read_text()
    ours.write_text("")
    again = ringfence("render", "ansible", "--out", "project", folder=folder)
    assert ["wrote project/inventory/ringfence.yml"] == [line for line in again.problems if line.startswith("wrote")]
    assert ("mine", text) == (own.read_text(), ours.read_text())


@pytest.mark.parametrize("missing", ["ca.pem", "etcd-1-peer-key.pem", "calico-node.worker-1.pem"])
def test_a_missing_certificate_is_named(folder: Path, missing: str) -> None:
    """Nothing is written where a playbook would miss a file."""
    (folder / "pki" / missing).unlink()
    refused = ringfence("render", "ansible", "--out", "project", folder=folder)
    assert 1 == refused.code
    assert [f"{folder}/pki/{missing}: there is no such file"] == refused.problems
    assert not (folder / "project").exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("  paths: {pki: /etc/etcd/pki}\n", ""), "the spec does not say where certificates lie on the hosts"),
        (("[etcd-1, {", "[{name: etcd-1, address: 10.0.1.9}, {"), "etcd-1 is reached at 10.0.1.9, and the member"),
        (
            ("hosts: [10.0.0.1]}", 'hosts: [10.0.0.1], metrics: "https://10.0.0.1:2381"}'),
            "the health of etcd-1 cannot be asked",
        ),
    ],
)
def test_a_spec_that_makes_no_project_is_refused(folder: Path, change: tuple[str, str], problem: str) -> None:
    """The problem is named, and nothing is written."""
    assert change[0] in _SPEC
    (folder / "ringfence.yaml").write_text(_SPEC.replace(*change))
    refused = ringfence("render", "ansible", "--out", "project", folder=folder)
    assert 1 == refused.code
    assert problem in refused.err
    assert not (folder / "project").exists()


def test_an_inventory_must_have_the_hosts_of_the_spec(folder: Path) -> None:
    """One that has them is taken; a host more and a host less are both named, and nothing is written."""
    inventory = folder / "inventory.json"
    render = ("render", "ansible", "--out", "project", "--inventory", "inventory.json")
    inventory.write_text(json.dumps(_INVENTORY | {"calico_nodes": {"hosts": ["etcd-1", "worker-2"]}}))
    refused = ringfence(*render, folder=folder)
    assert 1 == refused.code
    assert [
        "inventory.json: calico_nodes: worker-2 is not in the spec",
        "inventory.json: calico_nodes: worker-1 of the spec is missing",
    ] == refused.problems
    assert not (folder / "project").exists()
    inventory.write_text(json.dumps(_INVENTORY))
    assert 0 == ringfence(*render, folder=folder).code


def _variables(folder: Path, name: str) -> dict[str, Any]:
    """What the inventory says of a host."""
    lines = (folder / "project/inventory/ringfence.yml").read_text().splitlines()
    line = next(line for line in lines if line.lstrip().startswith(f'"{name}"'))
    found: dict[str, Any] = json.loads(line.partition(": ")[2])
    return found


@pytest.mark.parametrize(
    ("segmentation", "names"), [("single", ["calico"]), ("component", ["calico-node", "calico-cni"])]
)
def test_nodes_are_hosts_of_services_that_share_an_identity(folder: Path, segmentation: str, names: list[str]) -> None:
    """Each gets the files that all share; without nodes there would be no host to start anything on, which is said."""
    spec = _SPEC.replace("segmentation: node", f"segmentation: {segmentation}, services: {{felix: unit}}")
    (folder / "ringfence.yaml").write_text(spec)
    assert 0 == ringfence("certs", "issue", folder=folder).code
    done = ringfence("render", "ansible", "--out", "project", folder=folder)
    assert 0 == done.code, done.err
    found = _variables(folder, "worker-1")
    assert "10.0.1.1" == found["ansible_host"]
    (installed,) = found["calico_node_certificates"]
    assert names == [pair["name"] for pair in installed["pairs"]]

    (folder / "ringfence.yaml").write_text(spec.partition("nodes:")[0])
    refused = ringfence("render", "ansible", "--out", "other", folder=folder)
    assert 1 == refused.code
    assert "felix is to run on hosts, and the spec names no nodes" in refused.err
    assert not (folder / "other").exists()


def test_a_node_of_a_manifest_gets_the_folders_that_its_pods_look_for(folder: Path) -> None:
    """With deliver: hostpath, certificates go under the names of Calico's Secrets, and no configuration is written."""
    (folder / "ringfence.yaml").write_text(_SPEC.replace("segmentation: node", "segmentation: node, deliver: hostpath"))
    done = ringfence("render", "ansible", "--out", "project", folder=folder)
    assert 0 == done.code, done.err
    variables = _variables(folder, "worker-1")
    assert [
        ("/etc/calico/etcd/node", "etcd-ca", "calico-node.worker-1", "etcd-cert", "etcd-key"),
        ("/etc/calico/etcd/cni", "etcd-ca", "calico-cni.worker-1", "etcd-cert", "etcd-key"),
    ] == [
        (each["folder"], each["ca"], pair["name"], pair["certificate"], pair["key"])
        for each in variables["calico_node_certificates"]
        for pair in each["pairs"]
    ]
    assert not (folder / "project/templates/calico/calico-node.env.j2").exists()
