"""What cannot be patched is refused with everything that is wrong; beside each refusal, the input that is taken."""

from __future__ import annotations

import base64

import pytest

from ringfence.errors import ManifestError, Problem
from ringfence.model.credentials import Credentials
from ringfence.render.calico.single import patch_calico

from . import manifests
from .manifests import CONFIG, CONTROLLERS, HOSTED, NODE, OPERATOR, SECRET, manifest

_PEM = b"-----BEGIN EC PRIVATE KEY-----\nkey of somebody\n-----END EC PRIVATE KEY-----\n"
_CREDENTIALS = Credentials(b"ca", b"certificate", _PEM)


def _problems(text: str, *, with_keys: bool = True) -> tuple[Problem, ...]:
    """What is wrong with a manifest; nothing, when it is patched."""
    try:
        patch_calico(text, "c.yaml", endpoints=("https://a:1",), credentials=_CREDENTIALS, with_keys=with_keys)
    except ManifestError as error:
        return error.problems
    return ()


def _told(text: str, *, with_keys: bool = True) -> list[str]:
    return [str(problem) for problem in _problems(text, with_keys=with_keys)]


def test_everything_that_is_missing_is_said_at_once() -> None:
    """Four parts are looked for."""
    assert [
        "c.yaml: found no ConfigMap calico-config",
        "c.yaml: found no Secret calico-etcd-secrets",
        "c.yaml: found no DaemonSet with a container calico-node",
        "c.yaml: found no Deployment with a container calico-kube-controllers",
    ] == _told(manifest("kind: ServiceAccount\nmetadata: {name: calico-node}\n"))
    assert all(problem.hint for problem in _problems(manifest("kind: A\n")))


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (CONFIG, "c.yaml: found no ConfigMap calico-config"),
        (SECRET, "c.yaml: found no Secret calico-etcd-secrets"),
        (NODE, "c.yaml: found no DaemonSet with a container calico-node"),
        (CONTROLLERS, "c.yaml: found no Deployment with a container calico-kube-controllers"),
    ],
)
def test_each_part_is_needed(part: str, expected: str) -> None:
    """With one left out, that one is named; with all there, nothing is."""
    parts = [SECRET, CONFIG, NODE, CONTROLLERS]
    assert [] == _told(manifest(*parts))
    parts.remove(part)
    assert [expected] == _told(manifest(*parts))


@pytest.mark.parametrize(
    ("part", "looked_for"),
    [
        (CONFIG, "ConfigMap calico-config"),
        (SECRET, "Secret calico-etcd-secrets"),
        (NODE, "DaemonSet with a container calico-node"),
        (CONTROLLERS, "Deployment with a container calico-kube-controllers"),
    ],
)
def test_several_candidates_are_not_told_apart(part: str, looked_for: str) -> None:
    """A second one of any part is refused, at its line and with the line of the first."""
    first = HOSTED[: HOSTED.index(part)].count("\n") + 1 + part.startswith("#")
    second = HOSTED.count("\n") + 2 + part.startswith("#")
    expected = f"c.yaml:{second}: found a second {looked_for}, the first is in line {first}"
    assert [expected] == _told(HOSTED + manifest(part))


@pytest.mark.parametrize(
    "text",
    [
        OPERATOR,
        "kind: CustomResourceDefinition\nmetadata: {name: installations.operator.tigera.io}\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: tigera-operator}\n",
    ],
)
def test_operator_installations_do_not_use_etcd(text: str) -> None:
    """One problem says so, and nothing about missing parts, which would only mislead."""
    (problem,) = _problems(text)
    assert problem.what.endswith("belongs to an operator installation of Calico, and these do not use etcd")
    assert problem.hint is not None
    assert "calico-etcd.yaml" in problem.hint


def test_a_manifest_for_the_kubernetes_datastore() -> None:
    """Told by the ConfigMap without endpoints and by the variable, both are said."""
    endpoints = next(line for line in CONFIG.splitlines(keepends=True) if line.startswith("  etcd_endpoints"))
    variable = "          env:\n            - {name: DATASTORE_TYPE, value: kubernetes}\n"
    assert [
        "c.yaml:2: ConfigMap calico-config has no etcd_endpoints, as in manifests for the Kubernetes datastore",
        "c.yaml:30: DATASTORE_TYPE is kubernetes: Calico does not use etcd here",
    ] == _told(manifest(CONFIG.replace(endpoints, ""), NODE.replace("          env:\n", variable)))
    etcd = variable.replace("kubernetes", "etcdv3")
    assert [] == _told(HOSTED.replace(NODE, NODE.replace("          env:\n", etcd)))


def test_canal_is_another_network() -> None:
    """Its flannel needs keys that Calico's identity has not."""
    text = HOSTED.replace("calico-config", "canal-config")
    assert ["this is Canal's manifest, in which flannel needs etcd too"] == [one.what for one in _problems(text)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "secretName: calico-etcd-secrets",
            "secretName: other",
            [
                f"{workload} has no volume with Secret calico-etcd-secrets, so its certificate would not be used"
                for workload in ("DaemonSet calico-node", "Deployment calico-kube-controllers")
            ],
        ),
        (
            "valueFrom: {configMapKeyRef: {name: calico-config, key: etcd_ca}}",
            "value: /etc/ca.pem",
            [
                f"container {container} does not take ETCD_CA_CERT_FILE from ConfigMap calico-config, key etcd_ca"
                for container in ("calico-node", "calico-kube-controllers")
            ],
        ),
        (
            "- name: ENABLED_CONTROLLERS\n              value: policy,node",
            "- name: COMPACTION_PERIOD\n              valueFrom: {configMapKeyRef: {name: a, key: b}}",
            ["COMPACTION_PERIOD is taken from somewhere else"],
        ),
        ('  etcd_ca: ""', "  etcd_ca: []", ["this is no text"]),
        ("  # etcd-ca: null\n", "  etcd-ca: {}\n", ["this is no text"]),
        ("data:\n  # Fill", "data: text\n  # Fill", ["this is no mapping"]),
        ("  # etcd-ca: null\n", "stringData:\n  etcd-ca: x\n", ["this would win over data.etcd-ca"]),
        ("  etcd_key:", "  etcd_ca: x\n  etcd_key:", ["this key stands here twice"]),
    ],
)
def test_parts_that_are_not_as_they_should_be(old: str, new: str, expected: list[str]) -> None:
    """Where a value would not be used, or cannot be put, that is said before anything is changed."""
    assert old in HOSTED
    assert expected == [problem.what for problem in _problems(HOSTED.replace(old, new))]


def test_a_style_that_cannot_be_patched_in_place_is_refused() -> None:
    """The result is read again: a key spread over lines with question marks is YAML, and not what was meant."""
    odd = SECRET[: SECRET.index("\ndata:") + 1] + "? data\n"
    assert ["the manifest cannot be changed in place"] == [
        problem.what for problem in _problems(HOSTED.replace(SECRET, odd))
    ]


@pytest.mark.parametrize(
    "line",
    [
        f"  # etcd-key: {base64.b64encode(_PEM).decode()}\n",
        '  # "-----BEGIN PRIVATE KEY-----"\n',
    ],
)
def test_a_private_key_in_the_input_is_not_shown(line: str) -> None:
    """Without keys the result must hold none, not even in a comment; with keys the comment is the operator's."""
    text = HOSTED.replace("  # etcd-ca: null\n", line)
    number = HOSTED[: HOSTED.index("  # etcd-ca: null")].count("\n") + 1
    assert [] == _told(text, with_keys=True)
    assert [f"c.yaml:{number}: a private key stands here"] == _told(text, with_keys=False)


def test_places_name_the_file_that_was_handed_in() -> None:
    """Also where it is not YAML at all."""
    assert ["c.yaml:2"] == [str(problem.place) for problem in _problems("a: b\n\tc: d\n")]
    assert "c.yaml" == str(_problems("")[0].place)
    assert _problems(manifests.HOSTED) == ()
