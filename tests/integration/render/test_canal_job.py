"""The command of canal's Job, run by a real etcdctl against a real etcd."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ringfence.local.binary import find
from ringfence.model.credentials import Credentials
from ringfence.render.calico.components import patch_calico_components
from ringfence.render.calico.parts import Part
from ringfence.render.manifests.manifest import Container, containers, resources
from ringfence.yamlio.nodes import Mapping, Scalar, Sequence
from tests.integration.stage import Authority, Stage
from tests.unit.render.component_manifests import CANAL

_KEY = "/coreos.com/network/config"


def _patched_container(endpoint: str) -> tuple[Container, dict[str, str]]:
    """The container of the patched Job, and what the ConfigMap says."""
    identities = {part: Credentials(b"ca", b"certificate", b"key") for part in Part}
    patched = patch_calico_components(CANAL, "c", endpoints=(endpoint,), identities=identities, with_keys=True)
    found = resources(patched.text, "c")
    (job,) = (one for one in found if one.kind == "Job")
    (config,) = (one for one in found if one.kind == "ConfigMap")
    (container,) = containers(job)
    data = config.body.get("data")
    assert isinstance(data, Mapping)
    settings = {
        key.text: value.text for key, value in data.entries if isinstance(key, Scalar) and isinstance(value, Scalar)
    }
    return container, settings


def _environment(container: Container, settings: dict[str, str], folder: Path) -> dict[str, str]:
    """The container's variables as Kubernetes would set them, with the Secret in another folder."""
    entries = container.body.get("env")
    assert isinstance(entries, Sequence)
    found: dict[str, str] = {}
    for entry in entries:
        assert isinstance(entry, Mapping)
        key = entry.text("valueFrom", "configMapKeyRef", "key")
        value = entry.text("value") if key is None else settings[key]
        found[entry.text("name") or ""] = (value or "").replace("/calico-secrets", str(folder))
    return found


def test_the_job_writes_the_network_over_tls(stage: Stage, authority: Authority, tmp_path: Path) -> None:
    """With the files of the Secret it gets through, without them it does not."""
    pair = authority.issue("flannel")
    for name, content in {"etcd-ca": authority.ca, "etcd-cert": pair.certificate, "etcd-key": pair.key}.items():
        (tmp_path / name).write_bytes(content)
    container, settings = _patched_container(stage.members[0].client)
    variables = _environment(container, settings, tmp_path)
    command = container.body.get("command")
    assert isinstance(command, Sequence)
    words = [word.text for word in command if isinstance(word, Scalar)]
    etcdctl = str(find("etcdctl").path)
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ETCDCTL_")}

    def run(*rest: str, without: str = "") -> subprocess.CompletedProcess[str]:
        env = bare | {name: value for name, value in variables.items() if name != without}
        return subprocess.run([etcdctl, *rest], env=env, capture_output=True, text=True, check=False, timeout=60)

    assert "etcdctl" == words[0]
    assert 0 != run("--command-timeout=2s", *words[1:], without="ETCDCTL_CACERT").returncode
    written = run(*words[1:])
    assert (0, "OK\n") == (written.returncode, written.stdout), written.stderr
    assert '{ "Network": "10.244.0.0/16" }\n' == run("get", "--print-value-only", _KEY).stdout
    run("del", _KEY)
