"""Roles and policies as values: what they pin, and what a difference is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType, Validity
from ringfence.pki.openbao.policies import ISSUE, SIGN, issuing_policy, policy_for
from ringfence.pki.openbao.roles import Role, differs, role_for

VALIDITY = Validity(ca=timedelta(days=9), member=timedelta(days=2), client=timedelta(days=1))
CLIENT = CertificateRequest(name="a.file", kind=CertificateKind.CLIENT, common_name="a")
ROOT = CertificateRequest(name="root", kind=CertificateKind.ROOT, common_name="root")
PEER = CertificateRequest(
    name="m-peer", kind=CertificateKind.PEER, common_name=None, hosts=("m", "10.0.0.1", "fd00::1")
)
PROXY = CertificateRequest(name="edge", kind=CertificateKind.PROXY, common_name=None, hosts=("10.0.0.9",))
ALL = (CLIENT, ROOT, PEER, PROXY)


@pytest.mark.parametrize(
    ("request_", "pinned"),
    [
        (CLIENT, {"allowed_domains": ("a",), "server_flag": False, "client_flag": True, "max_ttl": 86400}),
        (ROOT, {"allowed_domains": ("root",), "server_flag": False, "client_flag": True, "require_cn": True}),
        (PEER, {"allowed_domains": ("m",), "server_flag": True, "client_flag": True, "max_ttl": 2 * 86400}),
        (PEER, {"allowed_ip_sans_cidr": ("10.0.0.1/32", "fd00::1/128"), "allow_ip_sans": True, "require_cn": False}),
        (PROXY, {"allowed_domains": (), "server_flag": True, "client_flag": False, "allow_ip_sans": True}),
    ],
)
def test_a_role_is_for_one_certificate(request_: CertificateRequest, pinned: dict[str, object]) -> None:
    """Names, usages and life of its kind, and nothing beside them."""
    parameters = role_for(request_, KeyType.ECDSA_P256, VALIDITY).parameters
    assert pinned == {name: parameters[name] for name in pinned}


@pytest.mark.parametrize("request_", ALL)
def test_no_role_lets_a_common_name_pass_unchecked(request_: CertificateRequest) -> None:
    """The trap: ``cn_validations`` disabled signs whatever Common Name is asked for, ``root`` included."""
    parameters = role_for(request_, KeyType.RSA_2048, VALIDITY).parameters
    expected = ("email",) if request_.common_name is None else ("hostname",)
    assert expected == parameters["cn_validations"]
    for open_ in ("allow_any_name", "allow_subdomains", "allow_glob_domains", "allow_localhost", "use_csr_common_name"):
        assert parameters[open_] is False


@pytest.mark.parametrize(
    ("request_", "key_type", "expected"),
    [
        (CLIENT, KeyType.ED25519, ("ed25519", 0, ("DigitalSignature",))),
        (PEER, KeyType.ED25519, ("ec", 256, ("DigitalSignature",))),
        (CLIENT, KeyType.RSA_4096, ("rsa", 4096, ("DigitalSignature",))),
        (PEER, KeyType.RSA_4096, ("rsa", 4096, ("DigitalSignature", "KeyEncipherment"))),
        (CLIENT, KeyType.ECDSA_P384, ("ec", 384, ("DigitalSignature",))),
    ],
)
def test_keys_are_those_of_the_profile(
    request_: CertificateRequest, key_type: KeyType, expected: tuple[object, ...]
) -> None:
    """A role refuses a key of another kind."""
    parameters = role_for(request_, key_type, VALIDITY).parameters
    assert expected == (parameters["key_type"], parameters["key_bits"], parameters["key_usage"])


def test_a_difference_is_what_the_server_says_otherwise() -> None:
    """Lists in any order, nothing for an empty list, and nothing for what the server does not know."""
    role = Role("r", {"a": ("x", "y"), "b": (), "c": 1, "d": True, "e": "forbid"})
    assert () == differs(role, {"a": ["y", "x"], "b": None, "c": 1, "d": True})
    assert ("a", "b", "c", "d", "e") == differs(role, {"a": ["x"], "b": ["z"], "c": 2, "d": False, "e": "permit"})


def test_a_policy_pins_the_request() -> None:
    """One path, the Common Name letter by letter, and no way to name a date."""
    policy = policy_for("pki-etcd", CLIENT)
    assert "pki-etcd.ringfence-client-a" == policy.name
    assert (
        'path "pki-etcd/sign/ringfence-client-a" {\n'
        '  capabilities = ["update"]\n'
        "  allowed_parameters = {\n"
        '    "csr" = []\n'
        '    "exclude_cn_from_sans" = []\n'
        '    "format" = []\n'
        '    "ttl" = []\n'
        '    "common_name" = ["a"]\n'
        "  }\n"
        "}\n"
    ) == policy.text


def test_a_policy_of_a_member_pins_its_hosts() -> None:
    """Both lists, each as one text, in the order of the spec; no Common Name at all."""
    text = policy_for("pki", PEER).text
    assert '"alt_names" = ["m"]' in text
    assert '"ip_sans" = ["10.0.0.1,fd00::1"]' in text
    assert "common_name" not in text


def test_a_policy_can_let_the_server_make_the_key() -> None:
    """For an agent that draws key and certificate together; then no signing request is taken there."""
    policy = policy_for("pki", CLIENT, (SIGN, ISSUE))
    assert ["sign", "issue"] == [line.split("/")[1] for line in policy.text.splitlines() if line.startswith("path")]
    assert 1 == policy.text.count('"csr"')


def test_the_policy_for_issuing_names_the_roles_of_ringfence_alone() -> None:
    """Neither the engine's other roles nor dates of one's own."""
    text = issuing_policy("pki").text
    assert text.startswith('path "pki/sign/ringfence-*" {')
    assert '"not_after" = []' in text
