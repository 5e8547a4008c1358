"""What an authority elsewhere signed: the right one passes, and each single thing that is wrong has its own words."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from ringfence.errors import Place
from ringfence.model.certificate import CertificateRequest
from ringfence.pki.keys import PrivateKey
from ringfence.pki.outside.acceptance import Expected, Verdict, judge
from tests.unit.pki.foreign import CLIENT_USAGE, MEMBER_USAGE, edwards, sign, weak_rsa
from tests.unit.pki.making import CLIENT, DAY, NOW, SERVER, make_authority

CA, OTHER = make_authority(), make_authority("somebody else")
KEY: PrivateKey = ec.generate_private_key(ec.SECP256R1())
HOSTS = (
    x509.IPAddress(ipaddress.ip_address("10.0.0.1")),
    x509.DNSName("etcd-1.internal"),
    x509.IPAddress(ipaddress.ip_address("::1")),
)
PLACE = Place("csr/calico.pem")
UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
SERVER_ARGUMENTS = {"names": (), "usages": MEMBER_USAGE, "hosts": HOSTS, "end": NOW + 300 * DAY}


def _judged(
    certificate: x509.Certificate, request: CertificateRequest = CLIENT, key: PrivateKey | None = None
) -> Verdict:
    lifetime = 90 * DAY if request is CLIENT else 365 * DAY
    expected = Expected(
        request=request, key=(key or KEY).public_key(), lifetime=lifetime, trusted=(CA.certificate,), links=()
    )
    return judge(certificate, PLACE, expected, NOW)


def _words(verdict: Verdict) -> str:
    assert all(each.place == PLACE and each.hint for each in verdict.problems)
    return "; ".join(each.what for each in verdict.problems)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"organization": "Example"},
        {"hosts": (x509.DNSName("calico"),)},
        {"hosts": (x509.RFC822Name("team@example.com"),)},
        {"end": NOW + 10 * DAY},
        {"end": NOW + 90 * DAY + timedelta(hours=22)},
        {"algorithm": hashes.SHA512()},
        {"extra": UNKNOWN},
    ],
)
def test_what_authorities_may_add_is_accepted(arguments: dict[str, object]) -> None:
    """A longer subject, the name once more, less time, a rounded day, extensions that nobody must understand."""
    verdict = _judged(sign(CA, KEY, **arguments))  # type: ignore[arg-type]  # a table of its arguments
    assert "" == _words(verdict)
    assert 1 == verdict.chain_pem.count(b"BEGIN CERTIFICATE")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"names": ("Calico",)}, "has the Common Name 'Calico' and must have 'calico' alone"),
        ({"names": ("calico ",)}, "has the Common Name 'calico ' and must have 'calico' alone"),
        ({"names": ("root",)}, "has the Common Name 'root' and must have 'calico' alone"),
        ({"names": ()}, "has no Common Name and must have 'calico' alone"),
        ({"names": ("calico", "root")}, "has 2 Common Names ('calico' and 'root') and must have 'calico' alone"),
        ({"usages": MEMBER_USAGE}, "may be shown by a server, which a client certificate must not"),
        (
            {"usages": MEMBER_USAGE[:1]},
            "may be shown by a server, which a client certificate must not; may not be shown by a client: its usages",
        ),
        ({"usages": ()}, "may not be shown by a client: its usages are none"),
        (
            {"usages": (*CLIENT_USAGE, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)},
            "has usages that nobody asked for: 2.5.29.37.0",
        ),
        ({"ca": True, "cert_sign": True}, "is an authority and must be a client certificate"),
        ({"ca": True}, "is an authority and must be a client certificate"),
        ({"cert_sign": True}, "is an authority and must be a client certificate"),
        ({"digital_signature": False}, "lacks the key usage digitalSignature"),
        ({"hosts": (x509.DNSName("etcd-1.internal"),)}, "stands for hosts that nobody asked for: etcd-1.internal"),
        ({"hosts": (x509.DNSName("*"),)}, "stands for hosts that nobody asked for: *"),
        ({"start": NOW + DAY, "end": NOW + 80 * DAY}, "is not valid before 2026-11-23"),
        ({"start": NOW - 90 * DAY, "end": NOW - DAY}, "expired on 2026-11-21"),
        ({"end": NOW + 92 * DAY}, "is valid for 92 d, asked were 90 d"),
        ({"algorithm": hashes.SHA224()}, "its signature is made with SHA224, which is too weak"),
        (
            {"extra": UNKNOWN, "critical": True},
            "it has a critical extension that etcd does not know: 1.3.6.1.4.1.99999",
        ),
    ],
)
def test_what_is_wrong_with_a_client_is_said(arguments: dict[str, object], words: str) -> None:
    """One thing is changed, and it alone is told."""
    verdict = _judged(sign(CA, KEY, **arguments))  # type: ignore[arg-type]  # a table of its arguments
    assert words in _words(verdict)
    assert words.count("; ") + 1 == len(verdict.problems)


def test_a_member_with_its_hosts_is_accepted() -> None:
    """Without a Common Name, for both sides of a connection, in any order of its hosts."""
    assert "" == _words(_judged(sign(CA, KEY, **SERVER_ARGUMENTS), SERVER))  # type: ignore[arg-type]  # as above
    turned = SERVER_ARGUMENTS | {"hosts": HOSTS[::-1], "organization": "Example"}
    assert "" == _words(_judged(sign(CA, KEY, **turned), SERVER))  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"names": ("etcd-1",)}, "has the Common Name 'etcd-1' and must have none"),
        ({"hosts": HOSTS[:2]}, "lacks ::1 among its hosts"),
        ({"hosts": ()}, "lacks 10.0.0.1, etcd-1.internal, ::1 among its hosts"),
        ({"hosts": (*HOSTS, x509.DNSName("*.internal"))}, "stands for hosts that nobody asked for: *.internal"),
        ({"usages": MEMBER_USAGE[:1]}, "may not be shown by a client: its usages are serverAuth"),
        ({"usages": CLIENT_USAGE}, "may not be shown by a server: its usages are clientAuth"),
    ],
)
def test_what_is_wrong_with_a_member_is_said(arguments: dict[str, object], words: str) -> None:
    """One thing is changed, and it alone is told."""
    verdict = _judged(sign(CA, KEY, **(SERVER_ARGUMENTS | arguments)), SERVER)  # type: ignore[arg-type]  # as above
    assert words == _words(verdict)


def test_another_key_is_told() -> None:
    """A certificate for a key that nobody here has."""
    other = ec.generate_private_key(ec.SECP256R1())
    assert "does not belong to the key that it was asked for with" == _words(_judged(sign(CA, other)))


def test_another_authority_is_told() -> None:
    """One of the same form that is not trusted, with its name."""
    expected = "does not lead up to the trusted authority (its issuer is O=somebody else)"
    assert expected == _words(_judged(sign(OTHER, KEY)))


def test_an_authority_of_the_same_name_is_told() -> None:
    """The name alone makes nobody an authority."""
    impostor = make_authority()
    assert "does not lead up to the trusted authority" in _words(_judged(sign(CA, KEY, issuer_key=impostor.key)))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (weak_rsa(), "its key is RSA with 1024 bits, which is too weak"),
        (ec.generate_private_key(ec.SECP224R1()), "its key is on the curve secp224r1, which etcd does not take"),
    ],
)
def test_weak_keys_are_told(key: PrivateKey, words: str) -> None:
    """A node may have made them with its own program."""
    assert words == _words(_judged(sign(CA, key), key=key))


def test_a_member_has_no_edwards_key() -> None:
    """The same key that a client may have is refused for a member, since gRPC's TLS library does not take it."""
    key: ed25519.Ed25519PrivateKey = edwards()
    assert "" == _words(_judged(sign(CA, key), key=key))
    words = _words(_judged(sign(CA, key, **SERVER_ARGUMENTS), SERVER, key))  # type: ignore[arg-type]  # as above
    assert "its key is Ed25519, which clients of etcd do not take from a server" == words


def test_all_is_told_at_once() -> None:
    """Five things are wrong, and five problems come back."""
    bad = sign(OTHER, KEY, names=("root",), usages=MEMBER_USAGE, hosts=HOSTS[:1], end=NOW + 900 * DAY)
    assert 5 == len(_judged(bad).problems)
