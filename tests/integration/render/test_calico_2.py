"""``render`` for a cluster with Calico 2 in etcd v2: its manifest, and every other file that names the store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.site import Ran, ringfence
from tests.unit.render.legacy_manifests import CALICO_2_5, CALICO_2_6, CALICOCTL
from tests.unit.render.manifests import HOSTED

_SPEC = """\
version: 1
cluster:
  name: legacy
  endpoints: [https://10.0.0.1:2379]
  etcd: "3.4.23"
  api: [v2]
  members: [{{name: a, hosts: [10.0.0.1]}}]
  paths: {{pki: /etc/etcd/pki}}
components:
  - {{use: kube-apiserver, kubernetes: "1.9", storage-backend: etcd2}}
  - {{use: calico, calico: "{}", segmentation: component, calicoctl: [full]}}
"""


def _site(folder: Path, calico: str = "2.6") -> None:
    (folder / "ringfence.yaml").write_text(_SPEC.format(calico))
    for name, text in {"2.5.yaml": CALICO_2_5, "2.6.yaml": CALICO_2_6, "3.yaml": HOSTED, "pod.yaml": CALICOCTL}.items():
        (folder / name).write_text(text)
    assert 0 == ringfence("certs", "issue", folder=folder).code


def _run(folder: Path, *args: str) -> Ran:
    done = ringfence("render", *args, folder=folder)
    assert 0 == done.code, done.err
    return done


@pytest.mark.parametrize(("release", "controllers"), [
    ("2.5", "calico-policy-controller"),
    ("2.6", "calico-kube-controllers"),
])  # fmt: skip
def test_the_hosted_manifest(tmp_path: Path, release: str, controllers: str) -> None:
    """Each container has its own Secret, done again nothing changes, and other releases are told apart."""
    _site(tmp_path, release)
    _run(tmp_path, "calico", "--in", f"{release}.yaml", "--out", "out.yaml")
    text = (tmp_path / "out.yaml").read_text()
    found = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(text) if each}
    assert "https://10.0.0.1:2379" == found["ConfigMap", "calico-config"]["data"]["etcd_endpoints"]
    seen: dict[str, str] = {}
    for kind, name in (("DaemonSet", "calico-node"), ("Deployment", controllers)):
        pod: dict[str, Any] = found[kind, name]["spec"]["template"]["spec"]
        behind = {each["name"]: each["secret"]["secretName"] for each in pod["volumes"]}
        seen |= {each["name"]: behind[each["volumeMounts"][0]["name"]] for each in pod["containers"]}
    assert {
        "calico-node": "calico-node-etcd-secrets",
        "install-cni": "calico-cni-etcd-secrets",
        controllers: "calico-kube-controllers-etcd-secrets",
    } == seen
    assert {*seen.values(), "calico-etcd-secrets"} == {name for kind, name in found if kind == "Secret"}
    _run(tmp_path, "calico", "--in", "out.yaml", "--out", "out.yaml")
    assert text == (tmp_path / "out.yaml").read_text()
    refused = ringfence("render", "calico", "--in", "3.yaml", folder=tmp_path)
    assert (1, "") == (refused.code, refused.out)
    assert "this is Calico 3.32.1, which keeps its data in etcd v3, and the spec's Calico in v2" in refused.err


def test_everything_else_names_the_store(tmp_path: Path) -> None:
    """calicoctl, the CNI plugin, environments, the API server and the members; an Ansible project with all of them."""
    _site(tmp_path)
    _run(tmp_path, "calicoctl", "--out", "ctl")
    config = yaml.safe_load((tmp_path / "ctl" / "calicoctl.cfg").read_text())
    assert ("v1", "calicoApiConfig", "etcdv2") == (
        config["apiVersion"],
        config["kind"],
        config["spec"]["datastoreType"],
    )
    plugin = json.loads(_run(tmp_path, "cni").out)
    assert ("calico", "etcdv2", "/etc/etcd/pki/calico-cni.pem") == (
        plugin["type"],
        plugin["datastore_type"],
        plugin["etcd_cert_file"],
    )
    assert "DATASTORE_TYPE=etcdv2\n" in _run(tmp_path, "kube-controllers").out
    assert "--storage-backend=etcd2\n" in _run(tmp_path, "kube-apiserver").out
    _run(tmp_path, "calicoctl", "--in", "pod.yaml", "--out", "pod-out.yaml")
    assert "secretName: calicoctl-full-etcd-secrets" in (tmp_path / "pod-out.yaml").read_text()
    _run(tmp_path, "etcd", "--out", "etcd")
    assert True is yaml.safe_load((tmp_path / "etcd" / "a" / "etcd.conf.yml").read_text())["enable-v2"]
    _run(tmp_path, "ansible", "--out", "project")
    group = yaml.safe_load((tmp_path / "project/group_vars/calico_nodes/00-ringfence.yml").read_text())
    assert "/etc/cni/net.d/10-calico.conf" == group["calico_node_conflist"]
    assert '"datastore_type": "etcdv2"' in (tmp_path / "project/templates/calico/10-calico.conflist.j2").read_text()
    assert "enable-v2: true" in (tmp_path / "project/templates/etcd/a.conf.yml.j2").read_text()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("calico", "--format", "helm-values"), "Calico 2.6 has no chart"),
        (
            ("calico", "--in", "2.6.yaml", "--deliver", "cert-manager", "--issuer", "x", "--objects", "o.yaml"),
            "Calico 2.6 is not delivered by cert-manager",
        ),
        (("kube-apiserver", "--format", "kubeadm"), "kubeadm is newer than API servers with storage-backend: etcd2"),
        (("kube-apiserver", "--format", "kubespray"), "kubespray is newer than API servers with"),
    ],
)
def test_what_came_after_calico_2(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    """Refused with a reason, and nothing is written; the way that is left works."""
    _site(tmp_path)
    found = _run(tmp_path, "calico", "--in", "2.6.yaml", "--deliver", "hostpath").out
    (node,) = (each for each in yaml.safe_load_all(found) if each and each["kind"] == "DaemonSet")
    assert [{"name": "etcd-certs", "hostPath": {"path": "/etc/calico/etcd/node"}}] == (
        node["spec"]["template"]["spec"]["volumes"]
    )
    refused = ringfence("render", *args, folder=tmp_path)
    assert (1, "") == (refused.code, refused.out)
    assert said in refused.err
    assert not (tmp_path / "o.yaml").exists()


def test_members_that_do_not_know_the_flag(tmp_path: Path) -> None:
    """Before 3.2 v2 was always on; and without v2 in the spec nobody is told."""
    _site(tmp_path)
    spec = (tmp_path / "ringfence.yaml").read_text()
    (tmp_path / "ringfence.yaml").write_text(spec.replace("3.4.23", "3.1.20"))
    _run(tmp_path, "etcd", "--out", "old")
    assert "enable-v2" not in (tmp_path / "old" / "a" / "etcd.conf.yml").read_text()
