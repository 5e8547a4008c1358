"""``render kube-apiserver --annotation``: what a static pod says beside, so that a kubelet makes it anew."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.integration.site import ringfence
from tests.unit.render.component_manifests import APISERVER

_RENDER = ("render", "kube-apiserver", "--in", "pod.yaml", "--format")
_SPEC = """\
version: 1
cluster: {endpoints: [https://10.0.0.1:2379], paths: {pki: /etc/etcd/pki}}
components: [{use: kube-apiserver, compaction: etcd}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a spec and a static pod."""
    (tmp_path / "ringfence.yaml").write_text(_SPEC)
    (tmp_path / "pod.yaml").write_text(APISERVER)
    return tmp_path


def test_a_pod_is_annotated(folder: Path) -> None:
    """With each that is given; a value may have an equals sign."""
    given = ("--annotation", "example.org/a=b=c", "--annotation", "d=")
    done = ringfence(*_RENDER, "static-pod", *given, folder=folder)
    assert 0 == done.code, done.err
    assert {"example.org/a": "b=c", "d": ""} == yaml.safe_load(done.out)["metadata"]["annotations"]


@pytest.mark.parametrize(
    ("form", "given", "problem"),
    [
        ("static-pod", "a", "'a' is no annotation"),
        ("static-pod", "a b=c", "'a b=c' is no annotation"),
        ("systemd", "a=b", "systemd is no pod that could be annotated"),
    ],
)
def test_what_is_no_annotation_is_refused(folder: Path, form: str, given: str, problem: str) -> None:
    """And nothing is written."""
    refused = ringfence(*_RENDER, form, "--annotation", given, "--out", "made", folder=folder)
    assert 1 == refused.code
    assert problem in refused.err
    assert not (folder / "made").exists()
