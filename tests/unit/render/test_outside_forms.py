"""Configuration outside of the hosted manifest, read back by parsers of its format."""

from __future__ import annotations

import configparser
import json
import shlex
from pathlib import PurePosixPath

import pytest

from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.model.version import Version
from ringfence.render.calicoctl import calicoctl_files
from ringfence.render.cni import cni_conflist
from ringfence.render.environment import Program, environment
from ringfence.render.helm_values import helm_values
from ringfence.render.kube_apiserver.kubeadm import KubeadmApi, kubeadm_api, kubeadm_configuration
from ringfence.render.openstack import PASSWORD_VARIABLE, openstack_section
from ringfence.yamlio.nodes import Mapping, Node, Scalar, Sequence, parse

_ENDPOINTS = ("https://10.0.0.1:2379", "https://[::1]:2379")
_FOLDER = PurePosixPath("/etc/calico/pki")
_USER = UserName("calico-x")


def _plain(node: Node | None) -> object:
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.entries if isinstance(key, Scalar)}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node]
    return None if node is None else node.text


def _variables(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return dict(shlex.split(line)[0].split("=", 1) for line in lines)


def test_calicoctl_as_file_and_as_variables() -> None:
    """Both say the same, under the names of Calico's own configuration."""
    files = calicoctl_files(endpoints=_ENDPOINTS, folder=_FOLDER, identity=_USER)
    values = {
        "datastoreType": "etcdv3",
        "etcdEndpoints": "https://10.0.0.1:2379,https://[::1]:2379",
        "etcdCACertFile": "/etc/calico/pki/ca.pem",
        "etcdCertFile": "/etc/calico/pki/calico-x.pem",
        "etcdKeyFile": "/etc/calico/pki/calico-x-key.pem",
    }
    expected = {"apiVersion": "projectcalico.org/v3", "kind": "CalicoAPIConfig", "metadata": {}, "spec": values}
    assert expected == _plain(parse(files["calicoctl.cfg"], "calicoctl.cfg"))
    assert list(values.values()) == list(_variables(files["calicoctl.env"]).values())


@pytest.mark.parametrize(
    ("program", "names"),
    [
        (Program.NODE, ["DATASTORE_TYPE", "ETCD_ENDPOINTS", "ETCD_CA_CERT_FILE", "ETCD_CERT_FILE", "ETCD_KEY_FILE"]),
        (
            Program.CONTROLLERS,
            [
                "DATASTORE_TYPE",
                "ETCD_ENDPOINTS",
                "ETCD_CA_CERT_FILE",
                "ETCD_CERT_FILE",
                "ETCD_KEY_FILE",
                "COMPACTION_PERIOD",
            ],
        ),
        (
            Program.FELIX,
            [
                "FELIX_DATASTORETYPE",
                "FELIX_ETCDENDPOINTS",
                "FELIX_ETCDCAFILE",
                "FELIX_ETCDCERTFILE",
                "FELIX_ETCDKEYFILE",
            ],
        ),
    ],
)
def test_environment_files(program: Program, names: list[str]) -> None:
    """Each program has its names; a shell and docker, which knows no quotes, read the same."""
    text = environment(program, endpoints=_ENDPOINTS, folder=_FOLDER, identity=_USER)
    variables = _variables(text)
    assert names == list(variables)
    assert variables == dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))
    values = list(variables.values())
    assert ["etcdv3", ",".join(_ENDPOINTS), "/etc/calico/pki/ca.pem", "/etc/calico/pki/calico-x.pem"] == values[:4]


def test_an_environment_file_needs_plain_values() -> None:
    """What one reader takes as a quote is a character to another."""
    with pytest.raises(ValueError, match="ETCD_CA_CERT_FILE has characters"):
        environment(Program.NODE, endpoints=_ENDPOINTS, folder=PurePosixPath("/a b"), identity=_USER)


def test_the_conflist_of_the_cni_plugin() -> None:
    """Literal paths, and nothing that an installer would have to fill in."""
    text = cni_conflist(endpoints=_ENDPOINTS, folder=_FOLDER, identity=_USER)
    read = json.loads(text)
    calico, ports = read["plugins"]
    assert ("k8s-pod-network", "0.3.1", "portmap") == (read["name"], read["cniVersion"], ports["type"])
    assert "__" not in text
    assert {
        "type": "calico",
        "log_level": "info",
        "log_file_path": "/var/log/calico/cni/cni.log",
        "datastore_type": "etcdv3",
        "etcd_endpoints": ",".join(_ENDPOINTS),
        "etcd_ca_cert_file": "/etc/calico/pki/ca.pem",
        "etcd_cert_file": "/etc/calico/pki/calico-x.pem",
        "etcd_key_file": "/etc/calico/pki/calico-x-key.pem",
        "policy": {"type": "k8s"},
        "kubernetes": {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"},
        "ipam": {"type": "calico-ipam"},
    } == calico


def test_the_conflist_of_canal() -> None:
    """Flannel's plugin calls Calico's, and gives out the addresses."""
    read = json.loads(cni_conflist(endpoints=_ENDPOINTS, folder=_FOLDER, identity=_USER, canal=True))
    flannel = read["plugins"][0]
    assert ("canal", "flannel", "calico") == (read["name"], flannel["type"], flannel["delegate"]["type"])
    assert "ipam" not in flannel["delegate"]
    assert "/etc/calico/pki/calico-x.pem" == flannel["delegate"]["etcd_cert_file"]


def _section(password: str | None) -> str:
    return openstack_section(
        endpoints=_ENDPOINTS, folder=_FOLDER, identity=UserName("neutron"), certificate="nameless", password=password
    )


def test_the_section_for_openstack() -> None:
    """Options of networking-calico; the certificate is another's than the user, and nobody compacts."""
    text = _section(None)
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    assert {
        "etcd_host": "10.0.0.1",
        "etcd_port": "2379",
        "etcd_ca_cert_file": "/etc/calico/pki/ca.pem",
        "etcd_cert_file": "/etc/calico/pki/nameless.pem",
        "etcd_key_file": "/etc/calico/pki/nameless-key.pem",
        "etcd_compaction_period_mins": "0",
        "etcd_username": "neutron",
    } == dict(parser["calico"])
    assert PASSWORD_VARIABLE in text
    assert _ENDPOINTS[1] in text


@pytest.mark.parametrize(("password", "written"), [("a", '"a"'), ("a$b#'\"", '"a$$b#\'""')])
def test_a_password_for_openstack(password: str, written: str) -> None:
    """Oslo.config replaces what stands behind a dollar, and takes one pair of quotes away."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(_section(password))
    assert written == parser["calico"]["etcd_password"]


def test_a_password_with_a_line_break() -> None:
    """It would begin another option; and the message does not hold it."""
    with pytest.raises(ValueError, match="line break") as raised:
        _section("sec\nret")
    assert "sec" not in str(raised.value)


@pytest.mark.parametrize(
    ("api", "extra"),
    [
        (KubeadmApi.V1BETA3, {"etcd-prefix": "/registry", "etcd-compaction-interval": "0"}),
        (
            KubeadmApi.V1BETA4,
            [{"name": "etcd-prefix", "value": "/registry"}, {"name": "etcd-compaction-interval", "value": "0"}],
        ),
    ],
)
def test_kubeadm(api: KubeadmApi, extra: object) -> None:
    """The field names of kubeadm's types; flags are a mapping in the one and a list in the other."""
    text = kubeadm_configuration(
        api, endpoints=_ENDPOINTS, prefix="/registry", folder=_FOLDER, identity=_USER, compacts=False
    )
    external = {
        "endpoints": list(_ENDPOINTS),
        "caFile": "/etc/calico/pki/ca.pem",
        "certFile": "/etc/calico/pki/calico-x.pem",
        "keyFile": "/etc/calico/pki/calico-x-key.pem",
    }
    assert {
        "apiVersion": api.value,
        "kind": "ClusterConfiguration",
        "etcd": {"external": external},
        "apiServer": {"extraArgs": extra},
    } == _plain(parse(text, "kubeadm.yaml"))
    assert "'0'" in text


@pytest.mark.parametrize(
    ("version", "api"),
    [
        (Version(1, 30, 9), KubeadmApi.V1BETA3),
        (Version(1, 31), KubeadmApi.V1BETA4),
        (None, KubeadmApi.V1BETA4),
    ],
)
def test_the_api_of_kubeadm(version: Version | None, api: KubeadmApi) -> None:
    """The newer since 1.31."""
    assert api is kubeadm_api(version)


_PEM = "-----BEGIN {0}-----\nMII=\n-----END {0}-----\n"
_CREDENTIALS = Credentials(b"ca\n", _PEM.format("CERTIFICATE").encode(), _PEM.format("PRIVATE KEY").encode())


@pytest.mark.parametrize(("canal", "network"), [(False, "calico"), (True, "flannel")])
def test_helm_values(*, canal: bool, network: str) -> None:
    """PEM as it is, which the chart makes base64 of."""
    text = helm_values(endpoints=_ENDPOINTS, credentials=_CREDENTIALS, with_keys=True, canal=canal)
    tls = {"ca": "ca\n", "crt": _PEM.format("CERTIFICATE"), "key": _PEM.format("PRIVATE KEY")}
    etcd = {"endpoints": ",".join(_ENDPOINTS), "tls": tls}
    assert {"datastore": "etcd", "network": network, "etcd": etcd} == _plain(parse(text, "values.yaml"))


def test_helm_values_without_key() -> None:
    """The key is nowhere, its place is named, and the rest can be read."""
    text = helm_values(endpoints=_ENDPOINTS, credentials=_CREDENTIALS, with_keys=False)
    assert "PRIVATE KEY" not in text
    read = parse(text, "values.yaml")
    assert isinstance(read, Mapping)
    assert _PEM.format("CERTIFICATE") == read.text("etcd", "tls", "crt")
    assert read.get("etcd", "tls", "key") is None


def test_helm_values_need_a_certificate() -> None:
    """The chart takes all three or none."""
    with pytest.raises(ValueError, match="needs a certificate"):
        helm_values(endpoints=_ENDPOINTS, credentials=Credentials(b"ca"), with_keys=False)
