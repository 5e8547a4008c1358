"""The manifests that Calico's releases ship, with an identity for each part, where they are at hand."""

from __future__ import annotations

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest

from ringfence.model.credentials import Credentials
from ringfence.render.calico.components import SECRETS, patch_calico_components
from ringfence.render.calico.parts import Part
from ringfence.render.calicoctl_pod import patch_calicoctl_pod
from ringfence.render.manifests.manifest import containers, mounts, resources, volumes
from ringfence.render.manifests.patch import Patched

_FOLDER = Path(__file__).parents[4] / "shared" / "manifests"
pytestmark = pytest.mark.skipif(not _FOLDER.is_dir(), reason="the real manifests are not here")

_HOSTED = ("calico-etcd-v3.24.6.yaml", "calico-etcd-v3.32.1.yaml", "canal-etcd-v3.32.1.yaml")
_POD = "calicoctl-etcd-v3.32.1.yaml"


def _read(name: str) -> str:
    return (_FOLDER / name).read_bytes().decode()


def _patched(name: str, text: str, *, with_keys: bool = True) -> Patched:
    identities = {
        part: Credentials(b"ca", part.value.encode(), b"-----BEGIN PRIVATE KEY-----\n")
        for part in Part
        if part is not Part.FLANNEL or "canal" in name
    }
    if name == _POD:
        return patch_calicoctl_pod(text, name, secret="only", credentials=identities[Part.NODE], with_keys=with_keys)
    return patch_calico_components(
        text, name, endpoints=("https://a:2379",), identities=identities, with_keys=with_keys
    )


@pytest.mark.parametrize("name", _HOSTED)
def test_each_container_sees_its_own_secret(name: str) -> None:
    """All that mount one at the usual path, and no other does."""
    found: dict[str, tuple[str | None, str | None]] = {}
    for workload in resources(_patched(name, _read(name)).text, name):
        behind = {volume.text("name"): volume for volume in volumes(workload)}
        for container in containers(workload):
            for mount in mounts(container, "/calico-secrets"):
                volume = behind[mount.text("name")]
                found[container.name] = (volume.text("secret", "secretName"), volume.text("secret", "defaultMode"))
    expected = {
        part.value: (secret, "0440" if part is Part.CONTROLLERS else "0400")
        for part, secret in SECRETS.items()
        if part is not Part.FLANNEL or "canal" in name
    }
    expected |= {"configure-flannel": (SECRETS[Part.FLANNEL], "0400")} if "canal" in name else {}
    assert expected == found


@pytest.mark.parametrize("name", [*_HOSTED, _POD])
def test_few_lines_are_taken_away(name: str) -> None:
    """Placeholders, names of Secrets and volumes, commented lines that are switched on, and words of the Job."""
    lines = difflib.unified_diff(_read(name).split("\n"), _patched(name, _read(name)).text.split("\n"), lineterm="")
    removed = [line[1:].split() for line in lines if line.startswith("-") and not line.startswith("---")]
    heads = {"etcd_endpoints:", "etcd_ca:", "etcd_cert:", "etcd_key:", "name:", "secretName:", "#", "-"}
    assert heads >= {words[0] for words in removed}
    assert [["name:", "etcd-certs"]] * (2 if "canal" in name else name != _POD) == [
        words for words in removed if words[0] == "name:"
    ]


@pytest.mark.parametrize("name", [*_HOSTED, _POD])
@pytest.mark.parametrize("with_keys", [False, True])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_doing_it_again_changes_nothing(name: str, ending: str, *, with_keys: bool) -> None:
    """Byte for byte, with either line ending; and keys can be put in later."""
    before = _read(name).replace("\n", ending)
    once = _patched(name, before, with_keys=with_keys)
    again = _patched(name, once.text, with_keys=with_keys)
    assert (once.text, ()) == (again.text, again.changes)
    assert _patched(name, before).text == _patched(name, once.text).text


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here")
@pytest.mark.parametrize("name", [*_HOSTED, _POD])
def test_kubectl_reads_the_result(name: str, tmp_path: Path) -> None:
    """Kubernetes' own parser takes it, modes are numbers to it, and the Secrets hold what they should."""
    (tmp_path / "calico.yaml").write_text(_patched(name, _read(name)).text)
    (tmp_path / "kustomization.yaml").write_text("resources: [calico.yaml]\n")
    ran = subprocess.run(["kubectl", "kustomize", str(tmp_path)], capture_output=True, text=True, check=True)
    secrets = 1 if name == _POD else 4 if "canal" in name else 3
    assert secrets == ran.stdout.count("\n  etcd-key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCg==\n")
    modes = [line.split(": ")[1] for line in ran.stdout.splitlines() if "defaultMode" in line]
    assert {"256", "288"} >= set(modes)
