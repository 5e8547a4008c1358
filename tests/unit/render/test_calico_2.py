"""Calico 2.5 and 2.6, whose data are in etcd v2: their manifests, and the files of their programs."""

from __future__ import annotations

import base64
import difflib
import json
from pathlib import PurePosixPath

import pytest

from ringfence.errors import ManifestError
from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.model.version import Version
from ringfence.render.calico.components import SECRETS, patch_calico_components
from ringfence.render.calico.delivered import APART, Delivered
from ringfence.render.calico.delivery import patch_calico_delivery
from ringfence.render.calico.parts import Part
from ringfence.render.calico.single import patch_calico
from ringfence.render.calicoctl import calicoctl_files
from ringfence.render.calicoctl_pod import patch_calicoctl_pod
from ringfence.render.cni import cni_conf_of_calico_2
from ringfence.render.datastore import Datastore
from ringfence.render.environment import Program, environment
from ringfence.render.manifests.manifest import containers, mounts, resources, volumes
from ringfence.render.manifests.patch import Patched
from ringfence.render.manifests.plain import plain
from ringfence.yamlio.nodes import parse

from . import component_manifests, manifests
from .legacy_manifests import CALICO_2_5, CALICO_2_6, CALICOCTL

_ENDPOINTS = ("https://10.0.0.1:2379", "https://10.0.0.2:2379")
_KEY = b"-----BEGIN PRIVATE KEY-----\nkey\n-----END PRIVATE KEY-----\n"
_OWN = Credentials(b"ca", b"certificate", _KEY)
_APART = {part: Credentials(b"ca", part.value.encode(), _KEY) for part in Part if part is not Part.FLANNEL}
_FOLDER = PurePosixPath("/etc/calico/pki")
_USER = UserName("calico")


def _single(text: str, datastore: Datastore = Datastore.ETCD_V2) -> Patched:
    return patch_calico(text, "c.yaml", endpoints=_ENDPOINTS, credentials=_OWN, with_keys=True, datastore=datastore)


def _components(text: str) -> Patched:
    return patch_calico_components(
        text, "c.yaml", endpoints=_ENDPOINTS, identities=_APART, with_keys=True, datastore=Datastore.ETCD_V2
    )


@pytest.mark.parametrize(("version", "store"), [
    (None, Datastore.ETCD_V3),
    (Version(2, 5, 1), Datastore.ETCD_V2),
    (Version(2, 6), Datastore.ETCD_V2),
    (Version(3, 0), Datastore.ETCD_V3),
    (Version(3, 32, 1), Datastore.ETCD_V3),
])  # fmt: skip
def test_the_store_of_a_release(version: Version | None, store: Datastore) -> None:
    """3.0 moved to v3; what nobody tells is a release of today."""
    assert store is Datastore.of_calico(version)


@pytest.mark.parametrize("text", [CALICO_2_5, CALICO_2_6])
def test_only_the_expected_lines_differ(text: str) -> None:
    """Endpoints, paths and the Secret; nothing compacts a store without history; done again nothing changes."""
    patched = _single(text)
    lines = difflib.unified_diff(text.split("\n"), patched.text.split("\n"), n=0, lineterm="")
    assert [
        '+  etcd_endpoints: "https://10.0.0.1:2379,https://10.0.0.2:2379"',
        '+  etcd_ca: "/calico-secrets/etcd-ca"   # "/calico-secrets/etcd-ca"',
        '+  etcd_cert: "/calico-secrets/etcd-cert" # "/calico-secrets/etcd-cert"',
        '+  etcd_key: "/calico-secrets/etcd-key"  # "/calico-secrets/etcd-key"',
        f"+  etcd-key: {base64.b64encode(_KEY).decode()}",
        f"+  etcd-cert: {base64.b64encode(b'certificate').decode()}",
        f"+  etcd-ca: {base64.b64encode(b'ca').decode()}",
    ] == [line for line in lines if line.startswith("+") and not line.startswith("+++")]
    assert () == _single(patched.text).changes
    assert patched.version is not None
    assert 2 == patched.version.major


def _seen(text: str) -> dict[tuple[str, str], str | None]:
    """For each workload and container the Secret that it finds at the usual path."""
    found: dict[tuple[str, str], str | None] = {}
    for workload in resources(text, "c.yaml"):
        behind = {volume.text("name"): volume.text("secret", "secretName") for volume in volumes(workload)}
        for container in containers(workload):
            for mount in mounts(container, "/calico-secrets"):
                found[workload.name, container.name] = behind[mount.text("name")]
    return found


@pytest.mark.parametrize(
    ("text", "controllers"), [(CALICO_2_5, "calico-policy-controller"), (CALICO_2_6, "calico-kube-controllers")]
)
def test_each_container_sees_its_own_secret(text: str, controllers: str) -> None:
    """Also the installer beside calico-node, and the policy controller; the one without pods is left alone."""
    patched = _components(text)
    assert {
        ("calico-node", "calico-node"): SECRETS[Part.NODE],
        ("calico-node", "install-cni"): SECRETS[Part.CNI],
        (controllers, controllers): SECRETS[Part.CONTROLLERS],
    } == _seen(patched.text)
    assert "COMPACTION_PERIOD" not in patched.text
    assert () == _components(patched.text).changes


def test_a_retired_controller_is_not_taken_for_the_one_that_runs() -> None:
    """With pods it would be a second one, and nobody could tell whose certificate is whose."""
    with pytest.raises(ManifestError) as caught:
        _single(CALICO_2_6.replace("replicas: 0", "replicas: 1"))
    assert any("found a second Deployment with a container" in problem.what for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "right", "wrong", "said"),
    [
        (CALICO_2_6, Datastore.ETCD_V2, Datastore.ETCD_V3, "Calico 2.6.12, which keeps its data in etcd v2"),
        (manifests.HOSTED, Datastore.ETCD_V3, Datastore.ETCD_V2, "Calico 3.32.1, which keeps its data in etcd v3"),
    ],
)
def test_a_release_of_the_other_store_is_refused(text: str, right: Datastore, wrong: Datastore, said: str) -> None:
    """Its users would be in a store that the programs do not ask."""
    assert _single(text, right).changes
    with pytest.raises(ManifestError) as caught:
        _single(text, wrong)
    (problem,) = caught.value.problems
    assert said in problem.what
    assert problem.hint is not None
    assert 'write calico: "' in problem.hint


def test_nothing_is_found_in_a_manifest_for_something_else() -> None:
    """What is missing is named, with the file of that time."""
    with pytest.raises(ManifestError) as caught:
        _single("kind: ConfigMap\nmetadata: {name: other}\n")
    assert all(problem.hint == "take calico.yaml of your Calico release" for problem in caught.value.problems)


def test_files_of_the_node_in_place_of_a_secret() -> None:
    """The plugin's configuration names them literally, also in the form for one plugin."""
    folder = PurePosixPath("/etc/calico/etcd/cni")
    delivered = Delivered(
        endpoints=_ENDPOINTS,
        names=APART,
        sources={
            Part.NODE: {"hostPath": {"path": "/etc/calico/etcd/node", "type": "Directory"}},
            Part.CONTROLLERS: {"secret": {"secretName": "x"}},
        },
        cni=folder,
        datastore=Datastore.ETCD_V2,
    )
    patched = patch_calico_delivery(CALICO_2_6, "c.yaml", delivered, with_keys=True)
    assert f'"etcd_key_file": "{folder}/etcd-key"' in patched.text
    assert "COMPACTION_PERIOD" not in patched.text


def test_calicoctl_1() -> None:
    """Its configuration has a kind of its own, and the store is named in file and variables."""
    files = calicoctl_files(endpoints=_ENDPOINTS, folder=_FOLDER, identity=_USER, datastore=Datastore.ETCD_V2)
    node = parse(files["calicoctl.cfg"], "calicoctl.cfg")
    assert node is not None
    assert {
        "apiVersion": "v1",
        "kind": "calicoApiConfig",
        "metadata": {},
        "spec": {
            "datastoreType": "etcdv2",
            "etcdEndpoints": ",".join(_ENDPOINTS),
            "etcdCACertFile": "/etc/calico/pki/ca.pem",
            "etcdCertFile": "/etc/calico/pki/calico.pem",
            "etcdKeyFile": "/etc/calico/pki/calico-key.pem",
        },
    } == plain(node)
    assert "DATASTORE_TYPE=etcdv2\n" in files["calicoctl.env"]


def test_the_pod_of_calicoctl_1() -> None:
    """Nothing for TLS stands there, so all of it is added."""
    patched = patch_calicoctl_pod(CALICOCTL, "c.yaml", secret="s", credentials=_OWN, with_keys=True)
    assert "container calicoctl: ETCD_CA_CERT_FILE, ETCD_KEY_FILE, ETCD_CERT_FILE added" in patched.changes
    assert {("calicoctl", "calicoctl"): "s"} == _seen(patched.text)
    assert patched.version is None, "calicoctl counted for itself then: 1.6 is of Calico 2.6"


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (Program.NODE, "DATASTORE_TYPE"),
        (Program.CONTROLLERS, "DATASTORE_TYPE"),
        (Program.FELIX, "FELIX_DATASTORETYPE"),
    ],
)
def test_environment_files(program: Program, name: str) -> None:
    """The store is named, and nobody is told not to compact."""
    text = environment(program, endpoints=_ENDPOINTS, folder=_FOLDER, identity=_USER, datastore=Datastore.ETCD_V2)
    assert f"{name}=etcdv2\n" in text
    assert "COMPACTION_PERIOD" not in text


def test_the_configuration_of_the_one_plugin() -> None:
    """A file for one plugin, with literal paths; kubelets of that time read no lists."""
    read = json.loads(cni_conf_of_calico_2(endpoints=_ENDPOINTS, folder=_FOLDER, identity=_USER))
    assert {
        "name": "k8s-pod-network",
        "cniVersion": "0.1.0",
        "type": "calico",
        "log_level": "info",
        "datastore_type": "etcdv2",
        "etcd_endpoints": ",".join(_ENDPOINTS),
        "etcd_ca_cert_file": "/etc/calico/pki/ca.pem",
        "etcd_cert_file": "/etc/calico/pki/calico.pem",
        "etcd_key_file": "/etc/calico/pki/calico-key.pem",
        "ipam": {"type": "calico-ipam"},
        "policy": {"type": "k8s"},
        "kubernetes": {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"},
    } == read


def test_manifests_of_calico_3_are_compacted_by_etcd_as_before() -> None:
    """Where the store has a history, the same call makes Calico leave it alone."""
    assert (
        'name: COMPACTION_PERIOD\n              value: "0"'
        in _single(component_manifests.HOSTED, Datastore.ETCD_V3).text
    )
