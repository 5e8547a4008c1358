"""Identities by node on a real cluster: each way is applied and proved; a narrowed node writes its own keys alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ringfence.errors import AccessDenied, Refused
from ringfence.etcd.client import Client
from ringfence.model.names import RoleName, UserName
from tests.integration.site import Site

NODES = ("n1", "n10", "worker-1.example.org")
P = "/calico/resources/v3/projectcalico.org"
OWN = (
    P + "/nodes/{}",
    P + "/felixconfigurations/node.{}",
    "/calico/ipam/v2/host/{}/ipv4/block/10.244.1.0-26",
    "/calico/ipam/v2/handle/wireguard-v6-tunnel-addr-{}",
    "/calico/felix/v1/host/{}/endpoint/eth0",
    "/calico/felix/v2/no-region/host/{}/status",
)
"""The keys of a node as calico/node writes them."""


def write(site: Site, way: str, *nodes: str) -> None:
    """A kube-apiserver, and a Calico on these nodes; their names stand in a file."""
    (site.folder / "nodes.txt").write_text("".join(f"{node}\n" for node in nodes))
    site.write(
        "  - {use: kube-apiserver, compaction: etcd}\n"
        f"  - {{use: calico, calico: '3.32', segmentation: node, identity: {way}}}\n",
        more="nodes: {file: nodes.txt}\n",
    )


def may_put(site: Site, certificate: str, key: str) -> bool:
    """Whether whoever shows this certificate may write a key."""

    async def put(client: Client) -> bool:
        try:
            await client.keys.put(key.encode(), b"{}")
        except AccessDenied:
            return False
        return True

    return site.as_user(certificate, put)


@pytest.mark.parametrize("way", ["shared", "node", "node-scoped"])
def test_each_way_holds(site: Site, way: str) -> None:
    """Certificates, plan, apply, proof; then in sync, and every node has its own certificate and key."""
    write(site, way, *NODES)
    for component in ("calico-node", "calico-cni"):
        assert not (site.pki / f"{component}.pem").exists()
        assert all((site.pki / f"{component}.{node}.pem").exists() for node in NODES)
    costs = site.run("check", "-o", "json").json["nodes"]
    (cost,) = (one for one in costs["ways"] if one["identity"] == way)
    planned = site.run("plan", "-o", "json").json
    assert cost["auth_writes"]["first"] == len(planned["changes"])
    site.fence()
    assert 0 == site.run("plan").code
    verified = site.run("verify", "-o", "json")
    assert (True, []) == (verified.json["holds"], verified.json["unproven"]), verified.out
    assert (2 if way == "shared" else 6) + 2 + 3 == verified.json["identities"]
    for node in NODES:
        assert may_put(site, f"calico-node.{node}", OWN[0].format(node))
        assert not may_put(site, f"calico-cni.{node}", OWN[0].format(node))
        assert not may_put(site, f"calico-node.{node}", "/registry/x")


def test_a_narrowed_node_writes_its_own_keys_alone(site: Site) -> None:
    """Also where its name is the beginning of the other's; what names no node every node still writes."""
    write(site, "node-scoped", *NODES)
    site.fence()
    for node in NODES:
        for owner in NODES:
            for key in OWN:
                assert (node == owner) == may_put(site, f"calico-node.{node}", key.format(owner)), (node, owner, key)
            block = f"/calico/ipam/v2/host/{owner}/ipv4/block/10.244.2.0-26"
            assert (node == owner) == may_put(site, f"calico-cni.{node}", block), (node, owner)
        assert may_put(site, f"calico-node.{node}", f"{P}/tiers/default")
        assert may_put(site, f"calico-cni.{node}", "/calico/ipam/v2/handle/k8s-pod-network.0f")
        for key in (f"{P}/ippools/default-ipv4-ippool", f"{P}/felixconfigurations/default", "/calico/ipam/v2/config"):
            assert not may_put(site, f"calico-node.{node}", key), key


@pytest.mark.parametrize(
    ("way", "writes"), [("shared", 0), ("node", 4), pytest.param("node-scoped", 19, marks=pytest.mark.long)]
)
def test_one_node_more(site: Site, way: str, writes: int) -> None:
    """Its certificates and its writes are all that comes: the other nodes' files and users stay as they are."""
    write(site, way, *NODES)
    site.fence()
    before = {path: path.read_bytes() for path in site.pki.glob("calico-*")}
    write(site, way, *NODES, "n2")
    after = {path: path.read_bytes() for path in site.pki.glob("calico-*")}
    assert before == {path: after[path] for path in before}
    assert {f"calico-{part}.n2{end}" for part in ("node", "cni") for end in (".pem", "-key.pem")} == {
        path.name for path in after.keys() - before.keys()
    }
    changes = site.run("plan", "-o", "json").json["changes"]
    assert writes == len(changes)
    assert all("n2" in change["etcdctl"] for change in changes)
    revision = site.auth_revision()
    site.fence()
    assert revision + writes == site.auth_revision()
    assert site.run("verify", "-o", "json").json["holds"]


def test_one_node_is_shut_out(site: Site, tmp_path: Path) -> None:
    """Taken from the nodes and pruned, its certificate is nobody's; the others go on."""
    write(site, "node", *NODES)
    site.fence()
    kept = tmp_path / "kept"
    shutil.copytree(site.pki, kept)
    write(site, "node", *NODES[1:])
    done = site.run("apply", "--yes", "--prune", "users")
    assert 0 == done.code, done.err
    key = OWN[0].format("n1")
    with pytest.raises((AccessDenied, Refused)):
        site.as_user("calico-node.n1", lambda client: client.keys.put(key.encode(), b"{}"))
    assert may_put(site, "calico-node.n10", key)
    assert (kept / "calico-node.n1.pem").read_bytes() == (site.pki / "calico-node.n1.pem").read_bytes()


@pytest.mark.long
def test_a_few_of_many_nodes_are_tried(site: Site) -> None:
    """Those who hold the same role are listed as unproven, each with who stands for it; their roles are read back."""
    write(site, "node", *(f"n{number}" for number in range(12)))
    site.fence()
    verified = site.run("verify", "-o", "json").json
    left = {each["identity"]: each["why"] for each in verified["unproven"]}
    assert (True, 8, 16 + 2 + 3) == (verified["holds"], len(left), verified["identities"])
    why = "not probed: the same roles as calico-node.n0, which was; they were read back"
    assert {why} == {left[name] for name in left if name.startswith("calico-node.")}
    text = site.run("verify").out
    assert "  calico-node.n" in text
    assert "as far as they were tried: 8 identities unproven." in text

    async def widen(client: Client) -> None:
        await client.auth.grant_role(UserName(next(iter(left))), RoleName("kube-apiserver"))

    site.as_root(widen)
    assert not site.run("verify", "-o", "json").json["holds"]


@pytest.mark.parametrize("way", ["shared", "node", "node-scoped"])
def test_it_comes_back_by_import(site: Site, way: str) -> None:
    """The imported spec plans nothing, and knows the nodes where etcd does."""
    write(site, way, *NODES)
    site.fence()
    ran = site.run("import")
    assert (0, "") == (ran.code, ran.err)
    assert (way != "shared") == (f"identity: {way}" in ran.out)
    assert (way != "shared") == ("nodes:\n  - n1\n  - n10\n" in ran.out)
    site.spec.write_text(ran.out)
    assert (0, []) == ((done := site.run("plan", "-o", "json")).code, done.json["changes"])


def test_what_is_not_rendered_by_node(site: Site, tmp_path: Path) -> None:
    """A manifest has no place for a Secret for each node; what runs once is rendered as ever."""
    write(site, "shared", *NODES)
    manifest = tmp_path / "calico.yaml"
    manifest.write_text("kind: ConfigMap\n")
    for verb in (("calico", "--in", str(manifest)), ("cni",), ("calico-node",)):
        ran = site.run("render", *verb)
        assert 1 == ran.code, verb
        assert "each node has a certificate of its own" in ran.err, verb
    assert 0 == site.run("render", "kube-controllers").code
