"""API servers with ``--storage-backend=etcd2``; nobody's store is changed by the way."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from ringfence.errors import ManifestError
from ringfence.model.names import UserName
from ringfence.model.version import Version
from ringfence.render.kube_apiserver.backend import Backend, in_use
from ringfence.render.kube_apiserver.flags import etcd_flags, kube_apiserver_flags
from ringfence.render.kube_apiserver.pod import patch_kube_apiserver
from ringfence.render.systemd import kube_apiserver_drop_in

from .component_manifests import APISERVER

_ARGUMENTS: dict[str, Any] = {
    "endpoints": ("https://10.0.0.1:2379",),
    "prefix": "/registry",
    "folder": PurePosixPath("/etc/kubernetes/pki"),
    "identity": UserName("api"),
    "compacts": False,
}
_IN_V2 = APISERVER.replace(
    "    - --allow-privileged=true\n", "    - --allow-privileged=true\n    - --storage-backend=etcd2\n"
)
_UNIT = "[Service]\nExecStart=/usr/bin/kube-apiserver --etcd-servers=http://a:2379 {}--secure-port=6443\n"


def test_flags() -> None:
    """The store is named, and a history that it has not is not compacted."""
    text = kube_apiserver_flags(**_ARGUMENTS, backend=Backend.ETCD2)
    assert [
        "--etcd-servers=https://10.0.0.1:2379",
        "--etcd-prefix=/registry",
        "--etcd-cafile=/etc/kubernetes/pki/ca.pem",
        "--etcd-certfile=/etc/kubernetes/pki/api.pem",
        "--etcd-keyfile=/etc/kubernetes/pki/api-key.pem",
        "--storage-backend=etcd2",
    ] == [line for line in text.splitlines() if not line.startswith("#")]
    assert "compact" not in text


@pytest.mark.parametrize(
    ("words", "version", "expected"),
    [
        (["--storage-backend=etcd2"], None, Backend.ETCD2),
        (["--storage-backend=etcd3"], Version(1, 5), Backend.ETCD3),
        (["--storage-backend=etcd2", "--storage-backend=etcd3"], None, Backend.ETCD3),
        ([], Version(1, 5, 8), Backend.ETCD2),
        ([], Version(1, 6), Backend.ETCD3),
        ([], None, Backend.ETCD3),
    ],
)
def test_the_store_in_use(words: list[str], version: Version | None, expected: Backend) -> None:
    """The last flag wins; without one it is the default of the release."""
    assert expected is in_use(words, version)


@pytest.mark.parametrize(("text", "right"), [(APISERVER, Backend.ETCD3), (_IN_V2, Backend.ETCD2)])
def test_a_static_pod_stays_in_its_store(text: str, right: Backend) -> None:
    """Patched for the store that it uses; refused for the other, which would be empty."""
    patched = patch_kube_apiserver(text, "a.yaml", **_ARGUMENTS, backend=right)
    assert "--etcd-certfile=/etc/kubernetes/pki/api.pem" in patched.text
    assert ("--storage-backend=etcd2" in patched.text) is (right is Backend.ETCD2)
    (wrong,) = set(Backend) - {right}
    with pytest.raises(ManifestError) as caught:
        patch_kube_apiserver(text, "a.yaml", **_ARGUMENTS, backend=wrong)
    (problem,) = caught.value.problems
    assert f"keeps its data in etcd v{right.value[-1]}" in problem.what


@pytest.mark.parametrize(
    ("flag", "right"),
    [("", Backend.ETCD3), ("--storage-backend=etcd2 ", Backend.ETCD2), ("--storage-backend etcd2 ", Backend.ETCD2)],
)
def test_a_unit_stays_in_its_store(flag: str, right: Backend) -> None:
    """The same for a drop-in, whether the flag is one word or two."""
    unit = _UNIT.format(flag)
    text = kube_apiserver_drop_in(unit, "u", etcd_flags(**_ARGUMENTS, backend=right), right)
    assert (1 if right is Backend.ETCD2 else 0) == text.count("--storage-backend")
    (wrong,) = set(Backend) - {right}
    with pytest.raises(ManifestError, match="keeps its data in etcd"):
        kube_apiserver_drop_in(unit, "u", etcd_flags(**_ARGUMENTS, backend=wrong), wrong)
