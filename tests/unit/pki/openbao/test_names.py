"""Names of roles and policies, and which identities a role can pin."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.pki.openbao.names import is_host_name, policy_name, role_name, safe, unpinnable

ROLE = re.compile(r"\w(([\w.-]+)?\w)?", re.ASCII)
"""What the PKI engine takes as the name of a role (GenericNameRegex of its framework)."""


def _client(name: str, file: str | None = None) -> CertificateRequest:
    return CertificateRequest(name=file or name, kind=CertificateKind.CLIENT, common_name=name)


def _server(*hosts: str, common_name: str | None = None) -> CertificateRequest:
    return CertificateRequest(name="m", kind=CertificateKind.SERVER, common_name=common_name, hosts=hosts)


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_are_safe_and_apart(one: str, other: str) -> None:
    """Whatever it is called, it becomes a name that the server takes, and no two become one, policies losing case."""
    assert ROLE.fullmatch(safe(one))
    assert safe(one) == safe(one).lower()
    assert (one == other) is (safe(one) == safe(other))


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (_client("calico-node"), "ringfence-client-calico-node"),
        (_client("calico-node", file="calico-node.node-a"), "ringfence-client-calico-node"),
        (_client("calico-node.node-a"), "ringfence-client-calico-node.node-a"),
        (_client("Inventory"), "ringfence-client-inventory-758f487fe8e9fcc5"),
        (_server("a"), "ringfence-server-m"),
        (CertificateRequest(name="x", kind=CertificateKind.ROOT, common_name="root"), "ringfence-root"),
    ],
)
def test_roles_are_for_users_and_for_servers(request_: CertificateRequest, expected: str) -> None:
    """One for each user, however many files it has, and one for each server's certificate."""
    assert expected == role_name(request_)


def test_policies_are_of_one_engine() -> None:
    """Two engines of one server have roles of the same names, and policies of different ones."""
    assert "pki-etcd.ringfence-root" == policy_name("pki-etcd", "ringfence-root")
    assert policy_name("a/b", "ringfence-root") != policy_name("a-b", "ringfence-root")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("a", "calico-node", "a.b-c.d", "1a", "10", "A", "x--y", "a" * 63)),
        *((name, False) for name in ("", "a_b", "system:node", "-a", "a-", "a..b", "a.", ".a", "a b", "ä", "a@b")),
        ("a" * 64, False),
        ("*.a", False),
        ("a\n", False),
    ],
)
def test_host_names_are_those_that_the_server_takes(name: str, expected: bool) -> None:
    """As OpenBao 2.7 answered; it takes letters beyond ASCII as well, which etcd and it may not write alike."""
    assert expected is is_host_name(name)


@pytest.mark.parametrize(
    ("requests", "reasons"),
    [
        ((_client("a"), _client("b"), _server("m.example", "10.0.0.1", "fd00::1")), ()),
        ((_client("a", "a.node-1"), _client("a", "a.node-2")), ()),
        ((_client("system:node"),), ("no host name: 'system:node'",)),
        ((_client("a"), _client("A")), ("'A' and 'a' differ in case alone",)),
        ((_client("ROOT"),), ("'ROOT' and 'root' differ in case alone",)),
        ((_client("a"), _server("A")), ("the host 'A' of m is the name of a user",)),
        ((_server("root"),), ("the host 'root' of m is the name of a user",)),
        ((_server("m_1"), _client("a:b")), ("no host name: 'a:b'", "no host name: 'm_1' of m")),
        ((_server("*.example"),), ("no host name: '*.example' of m",)),
        ((_server("m", common_name="x"),), ("no server's certificate with a Common Name",)),
    ],
)
def test_what_no_role_can_pin_is_told_all_at_once(
    requests: tuple[CertificateRequest, ...], reasons: tuple[str, ...]
) -> None:
    """Every request that a role would allow together with something else, and why."""
    found = [problem.what for _, problem in unpinnable(requests)]
    assert len(reasons) == len(found)
    for reason, what in zip(reasons, found, strict=True):
        assert reason in what
