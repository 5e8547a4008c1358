"""What installs an API server, told in its own format."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from ringfence.errors import ManifestError
from ringfence.model.names import UserName
from ringfence.render.kube_apiserver.flags import etcd_flags
from ringfence.render.kube_apiserver.k3s import Distribution, server_configuration
from ringfence.render.kube_apiserver.kubeadm_patch import kubeadm_patch
from ringfence.render.kube_apiserver.kubespray import kubespray_variables
from ringfence.render.kube_apiserver.pod import patch_kube_apiserver
from ringfence.render.manifests.plain import plain
from ringfence.render.systemd import kube_apiserver_drop_in, member_drop_in
from ringfence.yamlio.nodes import parse

_FOLDER = PurePosixPath("/etc/kubernetes/pki/etcd")
_ARGUMENTS: dict[str, Any] = {
    "endpoints": ("https://10.0.0.1:2379", "https://[::1]:2379"),
    "prefix": "/blue",
    "folder": _FOLDER,
    "identity": UserName("blue"),
    "compacts": False,
}
_FLAGS = etcd_flags(**_ARGUMENTS)
_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
  - name: kube-apiserver
    image: registry.k8s.io/kube-apiserver:v1.32.0
    command:
    - kube-apiserver
    - --allow-privileged=true
    - --etcd-servers=https://127.0.0.1:2379
    - --secure-port=6443
    volumeMounts:
    - {mountPath: /etc/ssl/certs, name: ca-certs, readOnly: true}
  volumes:
  - {name: ca-certs, hostPath: {path: /etc/ssl/certs, type: DirectoryOrCreate}}
"""


def _read(text: str) -> Any:
    node = parse(text, "file")
    assert node is not None
    return plain(node)


@pytest.mark.parametrize("distribution", Distribution)
def test_k3s_and_rke2(distribution: Distribution) -> None:
    """The settings of the datastore; flags are added to those in config.yaml; the other prefix is said."""
    text = server_configuration(distribution, **_ARGUMENTS)
    assert {
        "datastore-endpoint": "https://10.0.0.1:2379,https://[::1]:2379",
        "datastore-cafile": "/etc/kubernetes/pki/etcd/ca.pem",
        "datastore-certfile": "/etc/kubernetes/pki/etcd/blue.pem",
        "datastore-keyfile": "/etc/kubernetes/pki/etcd/blue-key.pem",
        "kube-apiserver-arg+": ["etcd-prefix=/blue", "etcd-compaction-interval=0"],
    } == _read(text)
    for said in ("/bootstrap", f"/etc/rancher/{distribution.value}/config.yaml.d/", "# Undo:"):
        assert said in text
    assert (distribution is Distribution.RKE2) == ("experimental" in text)


@pytest.mark.parametrize(
    ("folder", "inside"), [("/etc/kubernetes/pki/etcd", "ringfence/"), ("/etc/ssl/etcd/ssl/own", "own/")]
)
def test_kubespray(folder: str, inside: str) -> None:
    """Files are named below kubespray's folder, and the head says where to put them if they are elsewhere."""
    text = kubespray_variables(**{**_ARGUMENTS, "folder": PurePosixPath(folder), "compacts": True})
    assert {
        "etcd_access_addresses": "https://10.0.0.1:2379,https://[::1]:2379",
        "kube_etcd_cacert_file": f"{inside}ca.pem",
        "kube_etcd_cert_file": f"{inside}blue.pem",
        "kube_etcd_key_file": f"{inside}blue-key.pem",
        "kube_apiserver_etcd_compaction_interval": "5m",
        "kube_kubeadm_apiserver_extra_args": {"etcd-prefix": "/blue"},
    } == _read(text)
    assert f"/etc/ssl/etcd/ssl/{inside.rstrip('/')} of each control plane" in text


def test_a_patch_of_kubeadm() -> None:
    """The one flag that is there is replaced after a test, the others and the folder are added at the end."""
    patched = patch_kube_apiserver(_POD, "pod.yaml", **_ARGUMENTS)
    operations = _read(kubeadm_patch(_POD, patched.text, "pod.yaml"))
    command = "/spec/containers/0/command"
    assert [
        ("test", "/spec/containers/0/name"),
        ("test", f"{command}/2"),
        ("replace", f"{command}/2"),
        *[("add", f"{command}/-")] * 5,
        ("add", "/spec/containers/0/volumeMounts/-"),
        ("add", "/spec/volumes/-"),
    ] == [(each["op"], each["path"]) for each in operations]
    added = [each["value"] for each in operations if each["path"].startswith(command) and each["op"] != "test"]
    assert [f"{name}={value}" for name, value in _FLAGS.items()] == added


def _command(text: str) -> list[str]:
    """The words of the last ExecStart; the one before it must be empty, or systemd would refuse two."""
    told = [line for line in text.replace(" \\\n", " ").splitlines() if line.startswith("ExecStart=")]
    assert ["ExecStart="] == told[:-1]
    return told[-1].removeprefix("ExecStart=").split()


def test_a_member_is_started_from_its_file() -> None:
    """Nothing of the unit's own command is left."""
    text = member_drop_in("etcd-1", PurePosixPath("/etc/etcd/etcd.conf.yml"))
    assert ["etcd", "--config-file=/etc/etcd/etcd.conf.yml"] == _command(text)


@pytest.mark.parametrize(
    "flags",
    [
        "",
        "--etcd-servers=http://127.0.0.1:2379",
        "--etcd-servers http://127.0.0.1:2379",
        "-etcd-servers=http://127.0.0.1:2379",
        '"--etcd-servers=http://127.0.0.1:2379"',
        "--etcd-prefix=/old --etcd-certfile \\\n # a comment\n /old.pem",
    ],
)
def test_flags_of_a_unit(flags: str) -> None:
    """Those of etcd are set anew however they were written, and all others stay, once each and in their order."""
    unit = (
        "[Unit]\nDescription=API\n[Service]\nExecStart=/old/kube-apiserver --gone\nExecStart=\n"
        f"ExecStart=/usr/bin/kube-apiserver \\\n  --v=2 {flags} \\\n  $MORE --audit-log-path '/a b'\nType=notify\n"
    )
    text = kube_apiserver_drop_in(unit, "unit", _FLAGS)
    ours = [
        '"--etcd-servers=https://10.0.0.1:2379,https://[::1]:2379"',
        *(f"{name}={value}" for name, value in list(_FLAGS.items())[1:]),
    ]
    kept = ["/usr/bin/kube-apiserver", "--v=2", "$MORE", "--audit-log-path", "'/a", "b'"]
    assert [*kept, *ours] == _command(text)
    assert "$MORE may bring flags of etcd too" in text


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("", "found no command"),
        ("[Unit]\nExecStart=/usr/bin/kube-apiserver\n", "found no command"),
        ("[Service]\nExecStart=/usr/bin/kube-apiserver\nExecStart=/usr/bin/kube-apiserver\n", "more than one"),
        ("[Service]\nExecStart=/usr/bin/kubelet --v=2\n", "runs kubelet"),
        ("[Service]\nExecStart=/usr/bin/kube-apiserver ; /bin/true\n", "separates two commands"),
    ],
)
def test_units_that_are_refused(unit: str, said: str) -> None:
    """A good one passes (above); the fault is told with its place and what to do."""
    with pytest.raises(ManifestError) as raised:
        kube_apiserver_drop_in(unit, "the.service", _FLAGS)
    assert said in raised.value.problems[0].what
    assert all(
        problem.hint and problem.place and problem.place.file == "the.service" for problem in raised.value.problems
    )


def test_values_that_systemd_would_change() -> None:
    """Percent signs and dollars are doubled, and what has spaces is quoted."""
    text = kube_apiserver_drop_in(
        "[Service]\nExecStart=kube-apiserver\n", "unit", {"--etcd-prefix": "/50%", "--etcd-cafile": "/a $b/ca.pem"}
    )
    assert text.endswith('"--etcd-prefix=/50%%" \\\n  "--etcd-cafile=/a $$b/ca.pem"\n')
