"""What our roles and policies refuse, on a real server: each refusal beside what is allowed, one change apart."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ringfence.errors import AuthorityDenied, AuthorityRefused, Place
from ringfence.model.issuance import CertificateInfo
from ringfence.pki.describe import read_certificate
from ringfence.pki.openbao.login import Login
from ringfence.pki.pem import PemFile
from tests.integration.openbao.conftest import Desk
from tests.integration.openbao.making import csr

CLIENT, SERVER, ROOT = "ringfence-client-inventory", "ringfence-server-etcd-1-server", "ringfence-root"
GOOD: Mapping[str, Mapping[str, object]] = {
    CLIENT: {"common_name": "inventory", "exclude_cn_from_sans": True},
    SERVER: {"alt_names": "etcd-1.example", "ip_sans": "127.0.0.1"},
    ROOT: {"common_name": "root", "exclude_cn_from_sans": True},
}
WIDER: tuple[tuple[str, Mapping[str, object], str], ...] = (
    (CLIENT, {"common_name": "root"}, "common name root not allowed"),
    (CLIENT, {"common_name": "kube-apiserver"}, "not allowed"),
    (CLIENT, {"common_name": "a.inventory"}, "not allowed"),
    (CLIENT, {"common_name": "inventory.a"}, "not allowed"),
    (CLIENT, {"common_name": "root@inventory"}, "not allowed"),
    (CLIENT, {"common_name": "inventory,CN=root"}, "not allowed"),
    (CLIENT, {"common_name": "inventory "}, "not allowed"),
    (CLIENT, {"common_name": ""}, "common_name field is required"),
    (CLIENT, {"alt_names": "etcd-1.example"}, "subject alternate name"),
    (CLIENT, {"ip_sans": "127.0.0.1"}, "IP Subject Alternative Names are not allowed"),
    (CLIENT, {"uri_sans": "spiffe://x"}, "URI Subject Alternative Names are not allowed"),
    (CLIENT, {"other_sans": "1.3.6.1.4.1.311.20.2.3;utf8:root"}, "not allowed"),
    (CLIENT, {"serial_number": "root"}, "not allowed"),
    (CLIENT, {"user_ids": "root"}, "not allowed"),
    (CLIENT, {"not_after": "2030-01-01T00:00:00Z"}, "not_after cannot be provided"),
    (CLIENT, {"not_before": "2020-01-01T00:00:00Z"}, "not_before cannot be provided"),
    (SERVER, {"common_name": "root"}, "common name root not allowed"),
    (SERVER, {"common_name": "inventory"}, "common name inventory not allowed"),
    (SERVER, {"common_name": "etcd-1.example"}, "common name etcd-1.example not allowed"),
    (SERVER, {"alt_names": "etcd-2.example"}, "subject alternate name"),
    (SERVER, {"ip_sans": "127.0.0.2"}, "is not allowed in this role"),
    (ROOT, {"common_name": "inventory"}, "not allowed"),
)


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """A desk whose engine is prepared."""
    done = desk.prepare("--generate-root", "--yes")
    assert 0 == done.code, done.err
    return desk


def _sign(desk: Desk, role: str, body: Mapping[str, object], login: Login | None = None) -> CertificateInfo:
    asked = {"csr": csr(), **body}
    answer = desk.post(f"{desk.mount}/sign/{role}", asked, login)
    return read_certificate(PemFile(answer.part("data").text("certificate").encode(), Place(role)))


def test_a_role_signs_its_own_and_refuses_whatever_is_wider(ready: Desk) -> None:
    """Even root of the server gets nothing else from a role: the good request, then one change to it at a time."""
    for role, good in GOOD.items():
        expected = (good["common_name"],) if "common_name" in good else ()
        assert expected == _sign(ready, role, good).common_names
    for role, change, reason in WIDER:
        with pytest.raises(AuthorityRefused, match=reason):
            _sign(ready, role, {**GOOD[role], **change})


def test_what_a_signing_request_asks_for_does_not_count(ready: Desk) -> None:
    """A request that names root, hosts and the usages of a server gets a client's certificate of its role."""
    names = x509.SubjectAlternativeName([x509.DNSName("root"), x509.DNSName("etcd-1.example")])
    greedy = csr("root", names, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))
    signed = _sign(ready, CLIENT, {**GOOD[CLIENT], "csr": greedy})
    assert (("inventory",), (), ("clientAuth",)) == (signed.common_names, signed.hosts, signed.usages)


def test_a_longer_life_is_cut(ready: Desk) -> None:
    """The role's longest is the spec's ``pki.validity``."""
    signed = _sign(ready, CLIENT, {**GOOD[CLIENT], "ttl": "99999h"})
    assert 90 == (signed.not_after - signed.not_before).days


def test_a_policy_of_an_identity_is_exact(ready: Desk) -> None:
    """A role takes Common Names in any case; the policy of the identity takes its own alone, and no other role."""
    assert ("Inventory",) == _sign(ready, CLIENT, {"common_name": "Inventory"}).common_names  # why the policy is needed
    login = ready.token_with(f"{ready.mount}.{CLIENT}")
    assert ("inventory",) == _sign(ready, CLIENT, {**GOOD[CLIENT], "ttl": "60s"}, login).common_names
    changes: tuple[Mapping[str, object], ...] = (
        {"common_name": "Inventory"},
        {"alt_names": "inventory"},
        {"not_after": "2030-01-01T00:00:00Z"},
    )
    for change in changes:
        with pytest.raises(AuthorityDenied):
            _sign(ready, CLIENT, {**GOOD[CLIENT], **change}, login)
    for path in (f"sign/{ROOT}", f"issue/{CLIENT}", f"sign-verbatim/{CLIENT}", "roles/any", "root/sign-intermediate"):
        with pytest.raises(AuthorityDenied):
            ready.post(f"{ready.mount}/{path}", {"csr": csr(), **GOOD[ROOT]}, login)


def test_a_policy_of_a_member_is_exact(ready: Desk) -> None:
    """Its hosts, in their order, and nothing else."""
    login = ready.token_with(f"{ready.mount}.{SERVER}")
    assert ("etcd-1.example", "127.0.0.1") == _sign(ready, SERVER, GOOD[SERVER], login).hosts
    for change in ({"alt_names": "a.example"}, {"common_name": "x@etcd-1.example"}, {"ip_sans": "127.0.0.2"}):
        with pytest.raises(AuthorityDenied):
            _sign(ready, SERVER, {**GOOD[SERVER], **change}, login)


def test_the_policy_for_issuing_reaches_no_further(ready: Desk) -> None:
    """All roles of ringfence, and neither dates, other roles, nor the engine itself."""
    login = ready.token_with(f"{ready.mount}.ringfence-issuer")
    for role, good in GOOD.items():
        _sign(ready, role, good, login)
    ready.post(f"{ready.mount}/roles/others", {"allow_any_name": True})
    for path, body in (
        (f"sign/{CLIENT}", {**GOOD[CLIENT], "not_after": "2030-01-01T00:00:00Z"}),
        ("sign/others", {"common_name": "root"}),
        (f"sign-verbatim/{CLIENT}", {"common_name": "root"}),
        ("roles/ringfence-mine", {"allow_any_name": True}),
    ):
        with pytest.raises(AuthorityDenied):
            ready.post(f"{ready.mount}/{path}", {"csr": csr(), **body}, login)


def test_the_trap_that_our_roles_avoid(ready: Desk) -> None:
    """A role without the check of Common Names signs ``CN=root`` for whoever may use it."""
    found = dict(ready.get(f"{ready.mount}/roles/{CLIENT}").part("data").content)
    ready.post(f"{ready.mount}/roles/trap", {**found, "cn_validations": ["disabled"]})
    assert ("root",) == _sign(ready, "trap", {"common_name": "root", "exclude_cn_from_sans": True}).common_names
    with pytest.raises(AuthorityRefused):
        _sign(ready, CLIENT, {"common_name": "root", "exclude_cn_from_sans": True})


@pytest.mark.parametrize(
    ("component", "line", "reason"),
    [
        ("system:node", 11, "OpenBao signs no Common Name that is no host name: 'system:node'"),
        ("in_ventory", 11, "OpenBao signs no Common Name that is no host name: 'in_ventory'"),
        ("Root", 11, "'Root' and 'root' differ in case alone"),
        ("etcd-1.example", 2, "the host 'etcd-1.example' of etcd-1-server is the name of a user"),
    ],
)
def test_what_no_role_can_pin_is_refused_by_check(desk: Desk, component: str, line: int, reason: str) -> None:
    """Offline, with the line of the spec."""
    assert 0 == desk.run("check").code
    desk.write(f"  - {{name: '{component}', grants: [{{prefix: /inventory/, access: readwrite}}]}}\n")
    refused = desk.run("check")
    assert 1 == refused.code
    assert f"ringfence.yaml:{line}" in refused.err
    assert reason in refused.err
