"""The configuration of an etcd member: three forms, one meaning."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from ringfence.model.cluster import Member
from ringfence.render.etcd.forms import member_files
from ringfence.render.etcd.settings import bind_url
from ringfence.yamlio.nodes import Mapping, Scalar, parse

_ONE, _TWO = (
    Member(
        name=f"etcd-{number}",
        hosts=(f"10.0.0.{number}",),
        client=f"https://10.0.0.{number}:2379",
        peer=f"https://10.0.0.{number}:2380",
        metrics="http://127.0.0.1:2381",
        data_dir=PurePosixPath("/var/lib/etcd"),
    )
    for number in (1, 2)
)
_EXPECTED = {
    "name": "etcd-1",
    "data-dir": "/var/lib/etcd",
    "listen-client-urls": "https://10.0.0.1:2379",
    "advertise-client-urls": "https://10.0.0.1:2379",
    "listen-peer-urls": "https://10.0.0.1:2380",
    "initial-advertise-peer-urls": "https://10.0.0.1:2380",
    "initial-cluster": "etcd-1=https://10.0.0.1:2380,etcd-2=https://10.0.0.2:2380",
    "initial-cluster-token": "shared",
    "initial-cluster-state": "new",
    "listen-metrics-urls": "http://127.0.0.1:2381",
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "5m",
    "quota-backend-bytes": "8589934592",
    "enable-grpc-gateway": "false",
    "cert-file": "/etc/pki/etcd-1-server.pem",
    "key-file": "/etc/pki/etcd-1-server-key.pem",
    "client-cert-auth": "true",
    "trusted-ca-file": "/etc/pki/ca.pem",
    "peer-cert-file": "/etc/pki/etcd-1-peer.pem",
    "peer-key-file": "/etc/pki/etcd-1-peer-key.pem",
    "peer-client-cert-auth": "true",
    "peer-trusted-ca-file": "/etc/pki/ca.pem",
}
"""What the first of two members is told, by the names of etcd's flags."""


def _files(*, cluster: str = "shared", pki: str = "/etc/pki", gateway: bool = False) -> dict[str, str]:
    return member_files(cluster=cluster, members=(_ONE, _TWO), member=_ONE, pki=PurePosixPath(pki), gateway=gateway)


def _of_flags(text: str) -> dict[str, str]:
    flags = (shlex.split(line)[0].removeprefix("--") for line in text.splitlines())
    return dict(flag.split("=", 1) for flag in flags)


def _of_environment(text: str) -> dict[str, str]:
    lines = (shlex.split(line)[0] for line in text.splitlines() if not line.startswith("#"))
    pairs = dict(line.split("=", 1) for line in lines)
    return {name.removeprefix("ETCD_").lower().replace("_", "-"): value for name, value in pairs.items()}


def _of_yaml(text: str) -> dict[str, str]:
    document = parse(text, "etcd.conf.yml")
    assert isinstance(document, Mapping)
    told = {}
    for key, value in document.entries:
        assert isinstance(key, Scalar)
        if isinstance(value, Scalar):
            told[key.text] = value.text
        else:
            assert isinstance(value, Mapping)
            prefix = {"client-transport-security": "", "peer-transport-security": "peer-"}[key.text]
            for name, inside in value.entries:
                assert isinstance(name, Scalar)
                assert isinstance(inside, Scalar)
                told[prefix + name.text] = inside.text
    return told


@pytest.mark.parametrize(
    ("name", "read"), [("flags", _of_flags), ("etcd.env", _of_environment), ("etcd.conf.yml", _of_yaml)]
)
def test_each_form_says_everything(name: str, read: Callable[[str], dict[str, str]]) -> None:
    """Whatever the form, etcd is told the same settings, in the same order."""
    assert list(_EXPECTED.items()) == list(read(_files()[name]).items())


def test_yaml_has_the_types_that_etcd_reads() -> None:
    """etcd refuses a number or a truth value in quotes, and a duration without."""
    lines = _files()["etcd.conf.yml"].splitlines()
    assert "quota-backend-bytes: 8589934592" in lines
    assert "enable-grpc-gateway: false" in lines
    assert "  client-cert-auth: true" in lines
    assert "auto-compaction-retention: 5m" in lines


def test_yaml_quotes_names_that_look_like_something_else() -> None:
    """A cluster called 007 stays a text."""
    assert "initial-cluster-token: '007'" in _files(cluster="007")["etcd.conf.yml"].splitlines()


def test_a_path_with_a_space_stays_one_argument() -> None:
    """Both line forms quote for a shell, and read back to the path."""
    files = _files(pki="/etc/my pki")
    assert "/etc/my pki/ca.pem" == _of_flags(files["flags"])["trusted-ca-file"]
    assert "/etc/my pki/ca.pem" == _of_environment(files["etcd.env"])["trusted-ca-file"]
    assert "/etc/my pki/ca.pem" == _of_yaml(files["etcd.conf.yml"])["trusted-ca-file"]


def test_the_gateway_is_on_only_when_asked_for() -> None:
    """All forms follow the one parameter, and only in this setting."""
    on, off = _files(gateway=True), _files()
    assert {**_EXPECTED, "enable-grpc-gateway": "true"} == _of_yaml(on["etcd.conf.yml"])
    assert "--enable-grpc-gateway=true" in on["flags"].splitlines()
    assert "--enable-grpc-gateway=false" in off["flags"].splitlines()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://10.0.0.1:2379", "https://10.0.0.1:2379"),
        ("https://[fd00::1]:2379", "https://[fd00::1]:2379"),
        ("https://localhost:2379", "https://localhost:2379"),
        ("https://etcd-1.internal:2379", "https://0.0.0.0:2379"),
    ],
)
def test_names_are_not_listened_on(url: str, expected: str) -> None:
    """etcd does not start when it should bind to a host name, other than localhost."""
    assert expected == bind_url(url)


def test_v2_is_served_only_where_it_is_asked_for() -> None:
    """etcd 3.6 does not know the flag, so the others are not told; each form says the same."""
    files = member_files(
        cluster="shared", members=(_ONE, _TWO), member=_ONE, pki=PurePosixPath("/etc/pki"), gateway=False, v2=True
    )
    assert {**_EXPECTED, "enable-v2": "true"} == _of_flags(files["flags"])
    assert "enable-v2: true\n" in files["etcd.conf.yml"]
    assert "ETCD_ENABLE_V2=true\n" in files["etcd.env"]
    assert not any("enable" in text and "v2" in text for text in _files().values())
