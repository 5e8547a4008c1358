"""The real kustomize makes of an overlay what the patch in place makes, object by object."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.render.calico.components import patch_calico_components
from ringfence.render.calico.parts import Part
from ringfence.render.calico.single import patch_calico
from ringfence.render.kube_apiserver.kubeadm_patch import FILE, kubeadm_patch
from ringfence.render.kube_apiserver.pod import patch_kube_apiserver
from ringfence.render.manifests.kustomize import overlay
from tests.unit.render import component_manifests

_FOLDER = Path(__file__).parents[4] / "shared" / "manifests"
_KUBECTL = shutil.which("kubectl")
pytestmark = pytest.mark.skipif(_KUBECTL is None, reason="kubectl is not here")
_real = pytest.mark.skipif(not _FOLDER.is_dir(), reason="the real manifests are not here")

_OWN = Credentials(b"ca", b"certificate", b"-----BEGIN PRIVATE KEY-----\n")
_ENDPOINTS = ("https://a:2379", "https://b:2379")
_HOSTED = ("calico-etcd-v3.24.6.yaml", "calico-etcd-v3.32.1.yaml", "canal-etcd-v3.32.1.yaml")


def _single(text: str, name: str, *, with_keys: bool) -> str:
    canal = name.startswith("canal")
    return patch_calico(text, name, endpoints=_ENDPOINTS, credentials=_OWN, with_keys=with_keys, canal=canal).text


def _components(text: str, name: str, *, with_keys: bool) -> str:
    identities = {part: _OWN for part in Part if part is not Part.FLANNEL or name.startswith("canal")}
    return patch_calico_components(text, name, endpoints=_ENDPOINTS, identities=identities, with_keys=with_keys).text


def _kustomized(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False)


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _objects(text: str) -> dict[tuple[str, ...], Any]:
    """The objects by what tells them apart; what is null is left out, as a server does."""
    found = [_bare(one) for one in yaml.safe_load_all(text) if one]
    keys = [(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]) for one in found]
    assert len(set(keys)) == len(keys)
    return dict(zip(keys, found, strict=True))


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(inner) for key, inner in value.items() if inner is not None}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


@_real
@pytest.mark.parametrize("name", _HOSTED)
@pytest.mark.parametrize("patch", [_single, _components])
def test_the_same_objects(name: str, patch: Any, tmp_path: Path) -> None:
    """With keys all of them, values, order of lists and file modes included."""
    before = (_FOLDER / name).read_text()
    after = patch(before, name, with_keys=True)
    made = overlay(before, after, name, "base.yaml", with_keys=True)
    _write(tmp_path, {**made.public, **made.private, "base.yaml": before})
    ran = _kustomized(tmp_path)
    assert 0 == ran.returncode, ran.stderr
    assert _objects(after) == _objects(ran.stdout)
    assert _objects(before) != _objects(after)


@_real
@pytest.mark.parametrize("name", _HOSTED)
@pytest.mark.parametrize("patch", [_single, _components])
def test_the_same_objects_but_for_secrets(name: str, patch: Any, tmp_path: Path) -> None:
    """Without keys each Secret that would differ is left out and named, and everything else is the same."""
    before = (_FOLDER / name).read_text()
    after = patch(before, name, with_keys=False)
    made = overlay(before, after, name, "base.yaml", with_keys=False)
    assert not made.private
    _write(tmp_path, {**made.public, "base.yaml": before})
    ran = _kustomized(tmp_path)
    assert 0 == ran.returncode, ran.stderr
    assert made.left_out
    wanted = {key: one for key, one in _objects(after).items() if key[0] != "Secret" or key[2] not in made.left_out}
    assert wanted == _objects(ran.stdout)


@_real
def test_a_base_in_another_folder(tmp_path: Path) -> None:
    """A name leads to another kustomization as well."""
    name = _HOSTED[1]
    before = (_FOLDER / name).read_text()
    after = _single(before, name, with_keys=False)
    made = overlay(before, after, name, "../base", with_keys=False)
    base = {"calico.yaml": before, "kustomization.yaml": "resources: [calico.yaml]\n"}
    _write(tmp_path / "base", base)
    _write(tmp_path / "ours", dict(made.public))
    assert "- name: COMPACTION_PERIOD" in _kustomized(tmp_path / "ours").stdout


@_real
def test_a_base_of_another_release(tmp_path: Path) -> None:
    """Its containers stand elsewhere: refused as a whole, not patched in the wrong place."""
    name = _HOSTED[1]
    before = (_FOLDER / name).read_text()
    made = overlay(before, _components(before, name, with_keys=True), name, "base.yaml", with_keys=True)
    other = before.replace("- name: install-cni", "- name: another")
    assert other != before
    _write(tmp_path, {**made.public, **made.private, "base.yaml": other})
    ran = _kustomized(tmp_path)
    assert 0 != ran.returncode
    assert "test" in ran.stderr


def test_the_patch_for_kubeadm(tmp_path: Path) -> None:
    """The same library applies it in kubeadm; out comes the patched static pod, and another command is refused."""
    before = component_manifests.APISERVER
    after = patch_kube_apiserver(
        before,
        "pod.yaml",
        endpoints=_ENDPOINTS,
        prefix="/registry",
        folder=PurePosixPath("/etc/etcd-pki"),
        identity=UserName("kube-apiserver"),
        compacts=False,
    ).text
    assert before != after
    kustomization = f"resources: [pod.yaml]\npatches: [{{path: {FILE}, target: {{kind: Pod}}}}]\n"
    files = {"pod.yaml": before, FILE: kubeadm_patch(before, after, "pod.yaml"), "kustomization.yaml": kustomization}
    _write(tmp_path, files)
    ran = _kustomized(tmp_path)
    assert 0 == ran.returncode, ran.stderr
    assert _objects(after) == _objects(ran.stdout)
    (tmp_path / "pod.yaml").write_text(after)
    assert 0 != _kustomized(tmp_path).returncode
