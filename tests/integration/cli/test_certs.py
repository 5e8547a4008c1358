"""``ringfence certs list --expiring`` and ``certs renew``, as an operator runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.site import ringfence

SPEC = """\
version: 1
cluster:
  endpoints: [https://127.0.0.1:2379]
  members: [{name: etcd-1, hosts: [127.0.0.1]}]
pki: {validity: {ca: 1y, member: 200d, client: 40d}}
components:
  - {use: kube-apiserver, compaction: etcd}
  - {use: calico, segmentation: component}
  - {name: inventory, grants: [{prefix: /inventory/, access: readwrite}]}
"""
CLIENTS = ["root", "kube-apiserver", "calico-node", "calico-cni", "calico-kube-controllers", "inventory"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a spec and what it asks for."""
    (tmp_path / "ringfence.yaml").write_text(SPEC)
    assert 0 == ringfence("certs", "issue", folder=tmp_path).code
    return tmp_path


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ("39d", []),
        ("41d", CLIENTS),
        ("201d", ["etcd-1-server", "etcd-1-peer", *CLIENTS]),
        ("2y", ["ca", "etcd-1-server", "etcd-1-peer", *CLIENTS]),
    ],
)
def test_what_ends_soon_is_exit_2(folder: Path, within: str, expected: list[str]) -> None:
    """The names of it and nothing else, as text and as JSON; 0 where nothing does."""
    ran = ringfence("certs", "list", "--expiring", within, "-o", "json", folder=folder)
    assert expected == [each["name"] for each in ran.json["certificates"]]
    text = ringfence("certs", "list", "--expiring", within, folder=folder)
    assert [2 if expected else 0] * 2 == [ran.code, text.code]
    assert all(name in text.out for name in expected)
    assert bool(expected) == ("ends within that time" not in text.out)


def test_what_nobody_asked_for_does_not_count(folder: Path) -> None:
    """A file that was left over would raise the alarm for ever."""
    (folder / "ringfence.yaml").write_text(SPEC.replace("  - {use: calico, segmentation: component}\n", ""))
    ran = ringfence("certs", "list", "--expiring", "41d", "-o", "json", folder=folder)
    assert ["root", "kube-apiserver", "inventory"] == [each["name"] for each in ran.json["certificates"]]


def test_a_renewal_says_what_makes_it_count(folder: Path) -> None:
    """By component: what reads it again, and the CNI plugin, for which a pod must be made again."""
    ran = ringfence("certs", "renew", "calico-cni", "calico-node", "etcd-1-server", "inventory", folder=folder)
    assert 0 == ran.code, ran.err
    lines = ran.out.splitlines()
    assert ["  ~ etcd-1-server", "  ~ calico-node", "  ~ calico-cni", "  ~ inventory"] == lines[:4]
    assert "Renewed 4 certificates, kept 4." == lines[4]
    said = {line.split(" (")[0].strip(): line.split("): ")[1] for line in lines[6:]}
    assert {"etcd", "calico/node", "calico/cni", "own component"} == set(said)
    assert "nothing to restart" in said["etcd"]
    assert "nothing to restart" in said["calico/node"]
    assert "re-create the calico-node pods" in said["calico/cni"]
    assert "restart it, unless" in said["own component"]


def test_a_renewal_is_told_as_json(folder: Path) -> None:
    """What was replaced, what it was, and when it counts."""
    ran = ringfence("certs", "renew", "--within", "41d", "-o", "json", folder=folder)
    assert CLIENTS == [each["name"] for each in ran.json["replaced"]]
    assert {"good"} == {each["was"] for each in ran.json["replaced"]}
    assert {"component": "calico/cni", "names": ["calico-cni"], "uptake": "pod"} in ran.json["effects"]
    assert ringfence("certs", "renew", folder=folder).out.startswith("Renewed 0 certificates, kept 8.")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("renew", "nobody"), "no certificate is called 'nobody'"),
        (("renew", "root", "--due", "1/2"), "exclude each other"),
        (("renew", "--within", "30d", "--due", "1/2"), "exclude each other"),
        (("renew", "--due", "0"), "'0' is no share of a life"),
        (("renew", "--due", "3/2"), "'3/2' is no share of a life"),
        (("renew", "--due", "1/0"), "'1/0' is no share of a life"),
        (("renew", "--within", "30"), "'30' is not a duration"),
        (("list", "--expiring", "soon"), "'soon' is not a duration"),
    ],
)
def test_slips_of_the_pen_are_refused(folder: Path, arguments: tuple[str, ...], reason: str) -> None:
    """With exit 1, and nothing is exchanged."""
    ran = ringfence("certs", *arguments, folder=folder)
    assert 1 == ran.code
    assert reason in ran.err
    assert not (folder / "pki" / ".pairs").exists()
