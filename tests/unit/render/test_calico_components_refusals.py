"""What cannot be split among identities is refused with everything that is wrong; beside it, what is taken."""

from __future__ import annotations

import pytest

from ringfence.errors import ManifestError, Problem
from ringfence.render.calico.components import patch_calico_components

from . import component_manifests as own
from . import manifests
from .test_calico_components import CALICO, CANAL


def _problems(text: str, *, canal: bool = False, with_keys: bool = True) -> tuple[Problem, ...]:
    """What is wrong with a manifest; nothing, when it is patched."""
    identities = CANAL if canal else CALICO
    try:
        patch_calico_components(text, "c.yaml", endpoints=("https://a:1",), identities=identities, with_keys=with_keys)
    except ManifestError as error:
        return error.problems
    return ()


def _told(text: str, *, canal: bool = False, with_keys: bool = True) -> list[str]:
    return [str(problem) for problem in _problems(text, canal=canal, with_keys=with_keys)]


def test_everything_that_is_missing_is_said_at_once() -> None:
    """The Secret of the release is not needed."""
    text = manifests.manifest("kind: ServiceAccount\nmetadata: {name: x}\n")
    assert [
        "c.yaml: found no ConfigMap canal-config",
        "c.yaml: found no DaemonSet with a container calico-node",
        "c.yaml: found no DaemonSet with a container install-cni",
        "c.yaml: found no Deployment with a container calico-kube-controllers",
        "c.yaml: found no DaemonSet with a container flannel",
    ] == _told(text, canal=True)
    assert all(problem.hint for problem in _problems(text, canal=True))
    assert [] == _told(own.CANAL, canal=True)
    assert [] == _told(own.HOSTED.replace(manifests.SECRET, "kind: X\n"))


def test_several_candidates_are_named_with_both_places() -> None:
    """Which DaemonSet is meant is not guessed."""
    first = own.HOSTED[: own.HOSTED.index(own.NODE)].count("\n") + 1
    second = own.HOSTED.count("\n") + 2
    assert [
        f"c.yaml:{second}: found a second DaemonSet with a container {name}, the first is in line {first}"
        for name in ("calico-node", "install-cni")
    ] == _told(own.HOSTED + manifests.manifest(own.NODE))


@pytest.mark.parametrize(("text", "canal"), [(own.HOSTED, False), (own.CANAL, True)])
def test_the_other_network_is_refused(text: str, *, canal: bool) -> None:
    """Flannel without an identity would be locked out; an identity without flannel is a mistake in the spec."""
    assert [] == _told(text, canal=canal)
    (problem,) = _problems(text, canal=not canal)
    assert problem.what.startswith(("this is Canal's manifest", "this is Calico's own manifest"))
    assert "network: " in (problem.hint or "")


_TAKEN = "apiVersion: v1\nkind: Secret\nmetadata: {name: calico-cni-etcd-secrets}\ndata: {password: eA==}\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("password", "etcd-ca", []),
        ("data: {password: eA==}", "data: null", []),
        ("calico-cni-etcd-secrets", "another", []),
        ("name: calico", "namespace: other, name: calico", []),
        ("", "", ["the name calico-cni-etcd-secrets is taken by a Secret for something else"]),
        (
            "data: {password: eA==}",
            "stringData: {user: x}",
            ["the name calico-cni-etcd-secrets is taken by a Secret for something else"],
        ),
        (
            "data: {password: eA==}",
            "type: kubernetes.io/tls",
            ["the name calico-cni-etcd-secrets is taken by a Secret for something else"],
        ),
        ("data: {password: eA==}", "stringData: {etcd-key: x}", ["this would win over data.etcd-key"]),
        ("data: {password: eA==}", "data: {etcd-key: []}", ["this is no text"]),
    ],
)
def test_the_name_of_a_secret_that_is_taken(old: str, new: str, told: list[str]) -> None:
    """One that holds other things is not overwritten, one of an earlier run is."""
    text = own.HOSTED + manifests.manifest(_TAKEN.replace(old, new) if old else _TAKEN)
    assert told == [problem.what for problem in _problems(text)]


def test_a_secret_that_is_there_twice() -> None:
    """Which of the two counts is not guessed."""
    one = _TAKEN.replace("password", "etcd-ca")
    assert [] == _told(own.HOSTED + manifests.manifest(one))
    line = own.HOSTED.count("\n") + 2
    told = _told(own.HOSTED + manifests.manifest(one, one))
    assert [f"c.yaml:{line + 5}: found a second Secret calico-cni-etcd-secrets, the first is in line {line}"] == told


_WORKLOADS = ("DaemonSet calico-node", "Deployment calico-kube-controllers")
_CONTAINERS = ("calico-node", "install-cni", "calico-kube-controllers")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "mountPath: /calico-secrets",
            "mountPath: /elsewhere",
            [
                f"container {name} mounts nothing at /calico-secrets, so it would have no certificate"
                for name in _CONTAINERS
            ],
        ),
        ("mountPath: /calico-secrets", "mountPath: /calico-secrets/", []),
        (
            "            - mountPath: /calico-secrets\n              name: etcd-certs\n      containers:",
            (
                "            - {mountPath: /calico-secrets, name: etcd-certs}\n"
                "            - {mountPath: /calico-secrets, name: etcd-certs}\n      containers:"
            ),
            ["container install-cni mounts a second volume at /calico-secrets"],
        ),
        (
            "        - name: etcd-certs\n          secret:",
            "        - name: other\n          secret:",
            [
                f"{workload} has no volume etcd-certs, which container {name} mounts"
                for workload, name in zip(_WORKLOADS, ("calico-node", "calico-kube-controllers"), strict=True)
            ],
        ),
        (
            "          secret:\n            secretName: calico-etcd-secrets\n            defaultMode: 0440\n",
            "          hostPath: {path: /etc/calico/etcd}\n",
            ["volume etcd-certs of Deployment calico-kube-controllers has no Secret behind it"],
        ),
        (
            "        # The end.\n",
            "        - {name: cni-etcd-certs, emptyDir: {}}\n",
            ["volume cni-etcd-certs of DaemonSet calico-node has no Secret behind it"],
        ),
        (
            '"etcd_key_file": "__ETCD_KEY_FILE__",',
            "",
            ["it does not say etcd_key_file, so the CNI plugin would have no certificate"],
        ),
        (
            "image: docker.io/calico/cni:v3.32.1\n          env:\n",
            "image: docker.io/calico/cni:v3.32.1\n          env:\n            - {name: TLS_ASSETS_DIR, value: /x}\n",
            ["TLS_ASSETS_DIR is not /calico-secrets"],
        ),
    ],
)
def test_parts_that_are_not_as_they_should_be(old: str, new: str, told: list[str]) -> None:
    """Where a certificate would not reach its container, that is said before anything is changed."""
    assert old in own.HOSTED
    found = _problems(own.HOSTED.replace(old, new))
    assert told == [problem.what for problem in found]
    assert all(problem.hint and problem.place for problem in found)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("FLANNELD_ETCD_KEYFILE", "X", ["container flannel does not take FLANNELD_ETCD_KEYFILE from ConfigMap "]),
        ("flannel:v0.24.4", "flannel:latest", ["the image of flannel does not tell its version"]),
        ('- "set"', "- watch", ["the command of container configure-flannel cannot be told apart"]),
        ('- "etcdctl"', "- sh", ["the command of container configure-flannel cannot be told apart"]),
        ('- "--no-sync"', "- --cacert=/x", ["container configure-flannel says --cacert, which shadows"]),
    ],
)
def test_parts_of_canal_that_are_not_as_they_should_be(old: str, new: str, told: list[str]) -> None:
    """Flannel and its Job are looked at as closely."""
    assert old in own.CANAL
    found = [problem.what for problem in _problems(own.CANAL.replace(old, new), canal=True)]
    assert len(told) == len(found)
    assert all(what.startswith(start) for what, start in zip(found, told, strict=True))


def test_flannel_without_version_is_taken_when_the_job_says_its_api() -> None:
    """The hint of the refusal works."""
    api = "          env:\n            - {name: ETCDCTL_API, value: '3'}\n            # Where etcd is."
    text = own.CANAL.replace("flannel:v0.24.4", "flannel:latest")
    assert [] != _told(text, canal=True)
    assert [] == _told(text.replace("          env:\n            # Where etcd is.", api), canal=True)


def test_a_private_key_in_the_input_is_not_shown() -> None:
    """Without keys the result must hold none, not even in a comment."""
    text = own.HOSTED + "# -----BEGIN PRIVATE KEY-----\n"
    assert [] == _told(text)
    line = own.HOSTED.count("\n") + 1
    assert [f"c.yaml:{line}: a private key stands here"] == _told(text, with_keys=False)
