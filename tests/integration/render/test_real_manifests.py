"""The hosted manifests that Calico's releases ship, where they are at hand."""

from __future__ import annotations

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest

from ringfence.errors import ManifestError
from ringfence.model.credentials import Credentials
from ringfence.model.version import Version
from ringfence.render.calico.single import Patched, patch_calico

_FOLDER = Path(__file__).parents[4] / "shared" / "manifests"
pytestmark = pytest.mark.skipif(not _FOLDER.is_dir(), reason="the real manifests are not here")

_CREDENTIALS = Credentials(b"ca", b"certificate", b"-----BEGIN PRIVATE KEY-----\n")
_HOSTED = {"calico-etcd-v3.24.6.yaml": Version(3, 24, 5), "calico-etcd-v3.32.1.yaml": Version(3, 32, 1)}
"""The manifest of v3.24.6 names the images of v3.24.5."""


def _read(name: str) -> str:
    return (_FOLDER / name).read_bytes().decode()


def _patched(name: str, text: str, *, with_keys: bool = True) -> Patched:
    return patch_calico(
        text, name, endpoints=("https://a:2379", "https://b:2379"), credentials=_CREDENTIALS, with_keys=with_keys
    )


@pytest.mark.parametrize(("name", "version"), _HOSTED.items())
def test_only_the_expected_lines_differ(name: str, version: Version) -> None:
    """Seven are replaced, three and a comment are added, and all others are as they were."""
    before = _read(name)
    patched = _patched(name, before)
    lines = list(difflib.unified_diff(before.split("\n"), patched.text.split("\n"), n=0, lineterm=""))
    removed = [line[1:].split()[:2] for line in lines if line.startswith("-") and not line.startswith("---")]
    added = [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]
    assert [
        ["#", "etcd-key:"],
        ["#", "etcd-cert:"],
        ["#", "etcd-ca:"],
        ["etcd_endpoints:", '"http://<ETCD_IP>:<ETCD_PORT>"'],
        ["etcd_ca:", '""'],
        ["etcd_cert:", '""'],
        ["etcd_key:", '""'],
    ] == removed
    assert [
        "etcd-key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCg==",
        "etcd-cert: Y2VydGlmaWNhdGU=",
        "etcd-ca: Y2E=",
        'etcd_endpoints: "https://a:2379,https://b:2379"',
        'etcd_ca: "/calico-secrets/etcd-ca"   # "/calico-secrets/etcd-ca"',
        'etcd_cert: "/calico-secrets/etcd-cert" # "/calico-secrets/etcd-cert"',
        'etcd_key: "/calico-secrets/etcd-key"  # "/calico-secrets/etcd-key"',
        "# etcd compacts itself; 0 because Calico must not compact what it shares with others.",
        "- name: COMPACTION_PERIOD",
        'value: "0"',
    ] == added
    assert version == patched.version


@pytest.mark.parametrize("name", _HOSTED)
@pytest.mark.parametrize("with_keys", [False, True])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_doing_it_again_changes_nothing(name: str, ending: str, *, with_keys: bool) -> None:
    """Byte for byte, with either line ending."""
    once = _patched(name, _read(name).replace("\n", ending), with_keys=with_keys)
    again = _patched(name, once.text, with_keys=with_keys)
    assert (once.text, ()) == (again.text, again.changes)


@pytest.mark.parametrize("name", _HOSTED)
def test_keys_can_be_put_in_later(name: str) -> None:
    """What was rendered without keys and then with them is what is rendered with them at once."""
    before = _read(name)
    assert _patched(name, before).text == _patched(name, _patched(name, before, with_keys=False).text).text


@pytest.mark.parametrize("name", ["canal-etcd-v3.32.1.yaml", "calicoctl-etcd-v3.32.1.yaml"])
def test_other_manifests_are_refused(name: str) -> None:
    """Canal's and calicoctl's have other parts."""
    with pytest.raises(ManifestError) as raised:
        _patched(name, _read(name))
    assert all(problem.hint for problem in raised.value.problems)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here")
@pytest.mark.parametrize("name", _HOSTED)
def test_kubectl_reads_the_result(name: str, tmp_path: Path) -> None:
    """Kubernetes' own parser takes it, and finds the values; no server is asked."""
    (tmp_path / "calico.yaml").write_text(_patched(name, _read(name)).text)
    (tmp_path / "kustomization.yaml").write_text("resources: [calico.yaml]\n")
    ran = subprocess.run(["kubectl", "kustomize", str(tmp_path)], capture_output=True, text=True, check=True)
    assert 1 == ran.stdout.count('- name: COMPACTION_PERIOD\n          value: "0"\n')
    assert 1 == ran.stdout.count("\n  etcd-cert: Y2VydGlmaWNhdGU=\n")
    assert 1 == ran.stdout.count("\n  etcd_endpoints: https://a:2379,https://b:2379\n")
