"""``ringfence certs list --expiring`` and ``certs renew``, as an operator runs them."""

from __future__ import annotations

from collections.abc import Callable
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


def mismatched(pki: Path) -> None:
    """root's key is another one's."""
    (pki / "root-key.pem").write_bytes((pki / "inventory-key.pem").read_bytes())


def garbage(pki: Path) -> None:
    """No certificate is in the file."""
    (pki / "root.pem").write_text("garbage")


def gone(pki: Path) -> None:
    """The certificate is lost, its key is there."""
    (pki / "root.pem").unlink()


def both_gone(pki: Path) -> None:
    """Nothing is left of the pair."""
    gone(pki)
    (pki / "root-key.pem").unlink()


@pytest.mark.parametrize(
    ("destroy", "condition"),
    [(mismatched, "wrong"), (garbage, "wrong"), (gone, "wrong"), (both_gone, "missing")],
)
def test_what_is_broken_counts_as_due(folder: Path, destroy: Callable[[Path], None], condition: str) -> None:
    """However long its life: a program that needs it has none."""
    assert 0 == ringfence("certs", "list", "--expiring", "30d", folder=folder).code
    destroy(folder / "pki")
    ran = ringfence("certs", "list", "--expiring", "30d", "-o", "json", folder=folder)
    assert 2 == ran.code
    assert [("root", condition)] == [(each["name"], each["condition"]) for each in ran.json["certificates"]]
    text = ringfence("certs", "list", "--expiring", "30d", folder=folder)
    assert 2 == text.code
    told = f"Not good: 1 {condition}: `ringfence certs issue` sees to it, or says what stands in its way.\n"
    assert text.out.endswith(told)
    plain = ringfence("certs", "list", folder=folder)
    assert (0, f"Not good: 1 {condition}, of 9.") == (plain.code, plain.out.splitlines()[-1])
    assert 0 == ringfence("certs", "issue", folder=folder).code
    assert 0 == ringfence("certs", "list", "--expiring", "30d", folder=folder).code
    assert "Not good" not in ringfence("certs", "list", folder=folder).out


def test_without_the_authority_nothing_is_good(folder: Path) -> None:
    """Nobody can say that a certificate is trusted."""
    (folder / "pki" / "ca.pem").unlink()
    ran = ringfence("certs", "list", "--expiring", "1d", folder=folder)
    assert 2 == ran.code
    assert "Not good: 1 missing, 8 wrong: " in ran.out.splitlines()[-1]


def test_what_is_waited_for_counts_as_due(tmp_path: Path) -> None:
    """The authority is elsewhere: until it has signed, there is nothing to log in with."""
    (tmp_path / "ringfence.yaml").write_text(SPEC.replace("pki: {", "pki: {authority: external, "))
    assert 2 == ringfence("certs", "issue", folder=tmp_path).code
    ran = ringfence("certs", "list", "--expiring", "30d", "-o", "json", folder=tmp_path)
    assert (2, 9) == (ran.code, len(ran.json["certificates"]))
    assert {"missing"} == {each["condition"] for each in ran.json["certificates"]}


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


def test_a_life_that_the_authority_cuts_is_told(folder: Path) -> None:
    """Two years are asked for and the authority ends in one: a line in the text, a date in JSON; else neither."""
    whole = ringfence("certs", "renew", "etcd-1-server", "-o", "json", folder=folder)
    assert whole.json["cut"] is None
    assert "cut:" not in ringfence("certs", "renew", "etcd-1-server", folder=folder).out
    spec = folder / "ringfence.yaml"
    spec.write_text(SPEC.replace("ca: 1y, member: 200d", "ca: 3y, member: 2y"))
    cut = ringfence("certs", "renew", "etcd-1-server", "-o", "json", folder=folder).json["cut"]
    listed = ringfence("certs", "list", "-o", "json", folder=folder).json["certificates"]
    ends = {each["name"]: each["not_after"] for each in listed}
    assert ends["ca"] == ends["etcd-1-server"] == cut["not_after"]
    said = f"  ! cut: the authority {cut['authority']} ends {cut['not_after'][:10]}, and with it what it signs"
    assert said in ringfence("certs", "renew", "etcd-1-server", folder=folder).out.splitlines()
    (folder / "pki" / "etcd-1-server.pem").unlink()
    assert said in ringfence("certs", "issue", folder=folder).out.splitlines()
    assert "cut:" not in ringfence("certs", "renew", "inventory", folder=folder).out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("renew", "nobody"), "no certificate is called 'nobody'"),
        (("renew", "ca"), "the authority is not renewed here\n  hint: docs/runbook.md, chapter 2"),
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
