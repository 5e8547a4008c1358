"""``render calico --deliver``: the real manifests where they are at hand, else one like them; and what is refused."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.site import Ran, ringfence
from tests.unit.render.component_manifests import CANAL, HOSTED

_FOLDER = Path(__file__).parents[4] / "shared" / "manifests"
_REAL = ("calico-etcd-v3.24.6.yaml", "calico-etcd-v3.32.1.yaml") if _FOLDER.is_dir() else ()
_HEAD = """\
version: 1
cluster:
  name: site
  endpoints: [https://10.0.0.1:2379]
  members: [{name: a, hosts: [10.0.0.1]}]
"""
_OPENBAO = "  openbao: {address: 'https://bao:8200', mount: pki-etcd, auth: {method: token, token: {file: token}}}\n"
_BY_NODE = "  - {use: calico, calico: '3.32.1', segmentation: node, identity: node}\n"
_APART = "  - {use: calico, calico: '3.32.1', segmentation: component}\n"


def _write(folder: Path, components: str, *, authority: str = "pki: {key: ecdsa-p256}\n") -> None:
    nodes = "nodes: [n1, n2]\n" if "node}" in components else ""
    (folder / "ringfence.yaml").write_text(f"{_HEAD}{authority}{nodes}components:\n{components}")
    (folder / "own.yaml").write_text(HOSTED)
    (folder / "canal.yaml").write_text(CANAL)
    for name in _REAL:
        shutil.copy(_FOLDER / name, folder)


def _render(folder: Path, *args: str, manifest: str = "own.yaml") -> Ran:
    return ringfence("render", "calico", "--in", manifest, "--out", "out.yaml", *args, folder=folder)


def _pods(folder: Path) -> dict[str, Any]:
    """The pods of each workload, as Kubernetes' own parser reads them where it is at hand."""
    text = (folder / "out.yaml").read_text()
    if shutil.which("kubectl") is not None:
        overlay = folder / "overlay"
        overlay.mkdir(exist_ok=True)
        (overlay / "out.yaml").write_text(text)
        (overlay / "kustomization.yaml").write_text("resources: [out.yaml]\n")
        text = subprocess.run(["kubectl", "kustomize", str(overlay)], capture_output=True, text=True, check=True).stdout
    return {
        each["kind"]: each["spec"]["template"]["spec"]
        for each in yaml.safe_load_all(text)
        if each and each["kind"] in {"DaemonSet", "Deployment"}
    }


def _sorted(text: str) -> list[Any]:
    """The objects, whatever their order; what is null is left out, as a server does."""
    found = [_bare(one) for one in yaml.safe_load_all(text) if one]
    return sorted(found, key=lambda one: (one["kind"], one["metadata"]["name"]))


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(inner) for key, inner in value.items() if inner is not None}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def _wired(pod: dict[str, Any]) -> None:
    """Every mount has its volume, and no two volumes or containers have one name."""
    volumes = [each["name"] for each in pod["volumes"]]
    containers = [*pod.get("initContainers", []), *pod["containers"]]
    assert len(set(volumes)) == len(volumes)
    assert len({each["name"] for each in containers}) == len(containers)
    for container in containers:
        for mount in container.get("volumeMounts") or []:
            assert mount["name"] in volumes, (container["name"], mount)


@pytest.mark.parametrize("manifest", ["own.yaml", *_REAL])
def test_an_agent_in_every_pod(tmp_path: Path, manifest: str) -> None:
    """Init container, sidecar, token and folders; done again nothing changes; no certificate is needed here."""
    _write(tmp_path, _BY_NODE, authority=f"pki:\n  authority: openbao\n{_OPENBAO}")
    done = _render(tmp_path, "--deliver", "openbao-agent", manifest=manifest)
    assert 0 == done.code, done.err
    pods = _pods(tmp_path)
    for kind, user in (("DaemonSet", 0), ("Deployment", 999)):
        if manifest in _REAL:  # ours leaves out volumes that have nothing to do with etcd
            _wired(pods[kind])
        assert "etcd-agent-first" in [each["name"] for each in pods[kind]["initContainers"]]
        (agent,) = (each for each in pods[kind]["containers"] if each["name"] == "etcd-agent")
        assert ["bao", "agent", "-config=/ringfence/config/always.hcl"] == agent["command"]
        assert user == agent["securityContext"]["runAsUser"]
        (token,) = (each for each in pods[kind]["volumes"] if each["name"] == "etcd-agent-token")
        assert "openbao" == token["projected"]["sources"][0]["serviceAccountToken"]["audience"]
    before = (tmp_path / "out.yaml").read_text()
    again = _render(tmp_path, "--deliver", "openbao-agent", manifest="out.yaml")
    assert (0, before) == (again.code, (tmp_path / "out.yaml").read_text())
    assert "containers of one pod share a service account" in done.err


@pytest.mark.parametrize("manifest", ["own.yaml", *_REAL])
def test_folders_of_the_node(tmp_path: Path, manifest: str) -> None:
    """For what runs on nodes; kube-controllers keep a Secret, whose key goes only into the file."""
    _write(tmp_path, _BY_NODE)
    assert 0 == ringfence("certs", "issue", folder=tmp_path).code
    done = _render(tmp_path, "--deliver", "hostpath", manifest=manifest)
    assert 0 == done.code, done.err
    found = {each["name"]: each for each in _pods(tmp_path)["DaemonSet"]["volumes"]}
    assert {"path": "/etc/calico/etcd/node", "type": "Directory"} == found["etcd-certs"]["hostPath"]
    assert "/etc/calico/etcd/cni/etcd-key" in (tmp_path / "out.yaml").read_text()
    (volume,) = (each for each in _pods(tmp_path)["Deployment"]["volumes"] if each["name"] == "etcd-certs")
    assert "calico-kube-controllers-etcd-secrets" == volume["secret"]["secretName"]
    assert 0o600 == (tmp_path / "out.yaml").stat().st_mode & 0o777


@pytest.mark.parametrize("manifest", ["own.yaml", *_REAL])
def test_cert_manager(tmp_path: Path, manifest: str) -> None:
    """A Certificate for each program, for clients alone, and a policy that allows its one name."""
    _write(tmp_path, _APART)
    args = ("--deliver", "cert-manager", "--issuer", "Issuer/etcd", "--objects", "objects.yaml")
    done = _render(tmp_path, *args, manifest=manifest)
    assert 0 == done.code, done.err
    objects = list(yaml.safe_load_all((tmp_path / "objects.yaml").read_text()))
    names = {"calico-node", "calico-cni", "calico-kube-controllers"}
    certificates = [each["spec"] for each in objects if each["kind"] == "Certificate"]
    assert names == {each["commonName"] for each in certificates}
    for each in certificates:
        assert {"client auth", "digital signature"} == set(each["usages"])
        assert {"name": "etcd", "kind": "Issuer", "group": "cert-manager.io"} == each["issuerRef"]
    policies = [each["spec"] for each in objects if each["kind"] == "CertificateRequestPolicy"]
    assert names == {each["allowed"]["commonName"]["value"] for each in policies}
    for each in policies:
        assert {"commonName", "isCA", "usages"} == set(each["allowed"])
        assert {"matchNames": ["kube-system"]} == each["selector"]["namespace"]
    behind = {each["secretName"] for each in certificates}
    pods = _pods(tmp_path).values()
    assert behind == {v["secret"]["secretName"] for pod in pods for v in pod["volumes"] if "secret" in v}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here")
@pytest.mark.parametrize("manifest", ["own.yaml", *_REAL])
def test_cert_manager_in_an_overlay(tmp_path: Path, manifest: str) -> None:
    """What kustomize makes of it has the same objects and pods as the patched manifest with its file of objects."""
    _write(tmp_path, _APART)
    given = ("--deliver", "cert-manager", "--issuer", "Issuer/etcd")
    assert 0 == _render(tmp_path, *given, "--objects", "objects.yaml", manifest=manifest).code
    done = ringfence("render", "kustomize", "--in", manifest, *given, "--out", "ours", folder=tmp_path)
    assert 0 == done.code, done.err
    assert "render secrets" not in done.err
    assert "`kubectl apply -k .`" in (tmp_path / "ours" / "cert-manager.yaml").read_text()
    ran = subprocess.run(["kubectl", "kustomize", str(tmp_path / "ours")], capture_output=True, text=True, check=True)
    both = (tmp_path / "out.yaml").read_text() + "\n---\n" + (tmp_path / "objects.yaml").read_text()
    assert _sorted(both) == _sorted(ran.stdout)
    behind = {v["secret"]["secretName"] for pod in _pods(tmp_path).values() for v in pod["volumes"] if "secret" in v}
    made = [one for one in yaml.safe_load_all(ran.stdout) if one["kind"] == "Certificate"]
    assert behind == {one["spec"]["secretName"] for one in made}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--deliver", "cert-manager"), "cert-manager needs to know who signs\n  hint: add --issuer NAME"),
        (("--issuer", "etcd"), "certificates come by secret, not by cert-manager"),
        (("--deliver", "hostpath", "--issuer", "etcd"), "certificates come by hostpath, not by cert-manager"),
    ],
)
def test_an_overlay_and_its_issuer(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    """Without one nobody would make the Secrets; with another way it says nothing. No file is written."""
    _write(tmp_path, _APART)
    assert 0 == ringfence("certs", "issue", folder=tmp_path).code
    refused = ringfence("render", "kustomize", "--in", "own.yaml", *args, "--out", "ours", folder=tmp_path)
    assert (1, "") == (refused.code, refused.out)
    assert said in refused.err
    assert not (tmp_path / "ours").exists()


@pytest.mark.parametrize(
    ("components", "manifest", "args", "said"),
    [
        (_BY_NODE, "own.yaml", (), "a DaemonSet cannot pick a Secret for each node"),
        (_BY_NODE, "own.yaml", ("--deliver", "secret"), "a DaemonSet cannot pick a Secret for each node"),
        (
            _BY_NODE,
            "own.yaml",
            ("--deliver", "cert-manager", "--issuer", "a", "--objects", "o"),
            "a DaemonSet cannot pick one for each node",
        ),
        (_APART, "own.yaml", ("--deliver", "cert-manager"), "cert-manager needs to know who signs"),
        (_APART, "own.yaml", ("--issuer", "a"), "certificates come by secret, not by cert-manager"),
        (_APART, "own.yaml", ("--deliver", "openbao-agent"), "an agent draws from OpenBao, and the spec has none"),
        (_APART, "canal.yaml", ("--deliver", "hostpath"), "this is Canal's manifest"),
        (
            "  - {use: calico, network: canal, segmentation: component}\n",
            "canal.yaml",
            ("--deliver", "hostpath"),
            "canal is not delivered by hostpath",
        ),
    ],
)
def test_what_cannot_be_delivered(
    tmp_path: Path, components: str, manifest: str, args: tuple[str, ...], said: str
) -> None:
    """A clear reason, and nothing is written."""
    _write(tmp_path, components)
    assert 0 == ringfence("certs", "issue", folder=tmp_path).code
    refused = _render(tmp_path, *args, manifest=manifest)
    assert 1 == refused.code
    assert said in refused.err
    assert not (tmp_path / "out.yaml").exists()
    assert not (tmp_path / "o").exists()


_ALONE = "  - {use: calico, calico: '3.32.1', segmentation: single}\n"


@pytest.mark.parametrize(
    ("components", "args", "said"),
    [
        (_ALONE, ("--deliver", "hostpath"), "the chart puts the certificate into a Secret"),
        (_ALONE.replace("single", "single, deliver: hostpath"), (), "it is to come by hostpath"),
        (_ALONE, ("--in", "own.yaml"), "--in, --objects and --issuer say nothing with --format helm-values"),
    ],
    ids=["asked", "in the spec", "a manifest"],
)
def test_values_of_the_chart_are_for_a_secret(
    tmp_path: Path, components: str, args: tuple[str, ...], said: str
) -> None:
    """They are made where a Secret is the way; where it is another nothing is written, and it is said."""
    _write(tmp_path, _ALONE)
    assert 0 == ringfence("certs", "issue", folder=tmp_path).code
    values = ("render", "calico", "--format", "helm-values", "--out", "out.yaml")
    assert 0 == ringfence(*values, "--deliver", "secret", folder=tmp_path).code
    (tmp_path / "out.yaml").unlink()
    _write(tmp_path, components)
    refused = ringfence(*values, *args, folder=tmp_path)
    assert 1 == refused.code
    assert said in refused.err
    assert not (tmp_path / "out.yaml").exists()


def test_what_pods_draw_is_in_no_secret(tmp_path: Path) -> None:
    """The spec says that they draw, the command line says otherwise: nothing is issued that a Secret could hold."""
    authority = f"pki:\n  authority: openbao\n{_OPENBAO}"
    _write(tmp_path, _APART.replace("component}", "component, deliver: openbao-agent}"), authority=authority)
    assert 0 == _render(tmp_path).code
    (tmp_path / "out.yaml").unlink()
    for way in ("secret", "hostpath"):
        refused = _render(tmp_path, "--deliver", way)
        assert 1 == refused.code
        assert f"none is issued to be delivered by {way}" in refused.err
        assert f"write deliver: {way} into the spec" in refused.err
    secrets = ringfence("render", "secrets", "--out", "secrets", folder=tmp_path)
    assert 1 == secrets.code
    assert "by the spec pods draw their certificates" in secrets.err
    assert not (tmp_path / "out.yaml").exists()
    assert not (tmp_path / "secrets").exists()
