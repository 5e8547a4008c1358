"""The way from a certificate up to the trusted authority: found in any order, and held against Go's rules."""

from __future__ import annotations

import ipaddress
import itertools
from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from ringfence.errors import Place
from ringfence.pki.outside.linking import Linked, link
from tests.unit.pki.foreign import CLIENT_USAGE, MEMBER_USAGE, intermediate, sign
from tests.unit.pki.making import DAY, NOW, Made, make_authority

ROOT = make_authority("root authority")
POLICY = intermediate(ROOT, "policy")
ISSUING = intermediate(POLICY, "issuing")
KEY = ec.generate_private_key(ec.SECP256R1())
MEMBER_HOSTS = (x509.DNSName("etcd-1.internal"), x509.IPAddress(ipaddress.ip_address("10.0.0.1")))


def _linked(leaf: x509.Certificate, *links: Made, trusted: tuple[Made, ...] = (ROOT,)) -> Linked:
    certificates = [each.certificate for each in links]
    anchors = [each.certificate for each in trusted]
    return link(leaf, certificates, anchors, CLIENT_USAGE, NOW, Place("x.pem"))


def _words(linked: Linked) -> str:
    return "; ".join(each.what for each in linked.problems)


def test_no_intermediate_is_needed_right_below_the_authority() -> None:
    """Then nothing stands between, whatever lies about."""
    assert Linked(()) == _linked(sign(ROOT, KEY), ISSUING, POLICY)


@pytest.mark.parametrize("order", list(itertools.permutations((ISSUING, POLICY, ROOT, make_authority("stranger")))))
def test_intermediates_are_found_in_any_order(order: tuple[Made, ...]) -> None:
    """Nearest first, without the trusted one at the top and without strangers."""
    assert Linked((ISSUING.certificate, POLICY.certificate)) == _linked(sign(ISSUING, KEY), *order)


def test_a_trusted_intermediate_ends_the_way() -> None:
    """Who trusts the issuing authority alone needs nothing above it."""
    assert Linked(()) == _linked(sign(ISSUING, KEY), POLICY, trusted=(ISSUING,))


def test_a_missing_intermediate_is_told() -> None:
    """With the name of the issuer, so that it can be asked for."""
    words = _words(_linked(sign(ISSUING, KEY), ISSUING))
    assert "does not lead up to the trusted authority (its issuer is O=issuing)" == words


def test_two_that_certify_each_other_are_no_way() -> None:
    """A circle ends, with the answer that there is no way."""
    one = intermediate(make_authority("two"), "one")
    two = Made(intermediate(one, "two").certificate, one.key)
    assert "does not lead up" in _words(_linked(sign(one, KEY), one, two))


def test_a_faultless_way_is_preferred() -> None:
    """Of two certificates of one intermediate, the expired one is passed over."""
    expired = Made(_again(ISSUING, POLICY, end=NOW - DAY / 2), ISSUING.key)
    linked = _linked(sign(ISSUING, KEY), expired, ISSUING, POLICY)
    assert Linked((ISSUING.certificate, POLICY.certificate)) == linked


@pytest.mark.parametrize(
    ("issuing", "words"),
    [
        (intermediate(ROOT, end=NOW - DAY / 2), "the authority above it (O=issuing) expired on 2026-11-21"),
        (intermediate(ROOT, usages=MEMBER_USAGE[:1]), "the authority above it (O=issuing) may not sign for clientAuth"),
        (intermediate(ROOT, algorithm=hashes.SHA224()), "the signature on the authority above it (O=issuing) is made"),
        (intermediate(ROOT, curve=ec.SECP224R1()), "the key of the authority above it (O=issuing) is on the curve"),
        (
            intermediate(ROOT, extra=x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")),
            "the authority above it (O=issuing) has a critical extension that etcd does not know: 1.2.3.4",
        ),
        (
            make_authority("root", issuer=ROOT, of=NameOID.COMMON_NAME),
            "the authority above it (CN=root) has the Common Name root: etcd's v2 API takes the Common Names",
        ),
    ],
)
def test_a_fault_above_is_told(issuing: Made, words: str) -> None:
    """One thing is wrong with the intermediate, and it alone is told."""
    linked = _linked(sign(issuing, KEY), issuing)
    assert 1 == len(linked.problems)
    assert words in _words(linked)


@pytest.mark.parametrize("usages", [CLIENT_USAGE, MEMBER_USAGE, (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), ()])
def test_an_intermediate_that_allows_the_usage_is_a_way(usages: tuple[ObjectIdentifier, ...]) -> None:
    """The other half of the test above."""
    issuing = intermediate(ROOT, usages=usages)
    assert Linked((issuing.certificate,)) == _linked(sign(issuing, KEY), issuing)


def test_the_path_length_is_kept() -> None:
    """An authority that allows one below it has two there."""
    one = intermediate(ROOT, "one", path_length=1)
    two = intermediate(one, "two")
    three = intermediate(two, "three")
    assert "" == _words(_linked(sign(two, KEY), one, two))
    words = _words(_linked(sign(three, KEY), one, two, three))
    assert "the authority above it (O=one) allows 1 authorities below it, and there are 2" == words


DNS, IP = x509.DNSName("internal"), x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("permitted", "excluded", "words"),
    [
        ([DNS, IP], None, ""),
        ([DNS], None, ""),
        ([x509.DNSName(".internal")], None, ""),
        ([x509.DNSName("example.com")], None, "is not allowed to sign for etcd-1.internal"),
        ([x509.DNSName("nal")], None, "is not allowed to sign for etcd-1.internal"),
        ([DNS, x509.IPAddress(ipaddress.ip_network("192.168.0.0/16"))], None, "is not allowed to sign for 10.0.0.1"),
        (None, [x509.DNSName("etcd-1.internal")], "is not allowed to sign for etcd-1.internal"),
        (None, [IP], "is not allowed to sign for 10.0.0.1"),
        (None, [x509.DNSName("example.com")], ""),
        ([x509.DirectoryName(x509.Name([]))], None, "has name constraints of a form that etcd does not know"),
    ],
)
def test_name_constraints_are_kept(
    permitted: list[x509.GeneralName] | None, excluded: list[x509.GeneralName] | None, words: str
) -> None:
    """Each form on its own, allowed and forbidden."""
    issuing = intermediate(ROOT, constraints=x509.NameConstraints(permitted, excluded))
    leaf = sign(issuing, KEY, names=(), hosts=MEMBER_HOSTS, usages=MEMBER_USAGE)
    assert f"the authority above it (O=issuing) {words}" * bool(words) == _words(_linked(leaf, issuing))


def _again(made: Made, issuer: Made, *, end: datetime) -> x509.Certificate:
    """Another certificate for the same authority and key."""
    certificate = made.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(certificate.subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(certificate.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 2 * DAY)
        .not_valid_after(end)
    )
    for each in certificate.extensions:
        builder = builder.add_extension(each.value, critical=each.critical)
    return builder.sign(issuer.key, hashes.SHA256())
