"""Reading certificates: each kind of broken file has its own words, and a good one is described as it is."""

from __future__ import annotations

import base64
import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import CertificateError
from ringfence.model.certificate import CertificateKind, KeyType
from ringfence.pki.assess import assess
from ringfence.pki.chain import leads_to, load_chain
from ringfence.pki.describe import read_certificate
from ringfence.pki.folder.store import Store, StoredPair
from ringfence.pki.issuing.authority import FileAuthority
from tests.unit.pki.making import CLIENT, DAY, LEAVES, NOW, SERVER, at, make_authority, make_leaf

CA = make_authority()
HOSTS = (x509.DNSName("etcd-1"), x509.RFC822Name("a@b.c"))
LEAF = make_leaf(CA, hosts=HOSTS)
PEM, DER = LEAF.certificate_pem, LEAF.certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "file is empty"),
        (b" \n", "file is empty"),
        (b"not a certificate", "no PEM certificate"),
        (LEAF.certificate.public_bytes(Encoding.DER), "is DER"),
        (LEAF.key_pem, "private key where a certificate"),
        (PEM[:200], "cut off"),
        (PEM + CA.certificate_pem[:200], "cut off"),
        (PEM.replace(b"\nMII", b"\nAAA", 1), "cannot be parsed"),
        (b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "cannot be parsed"),
    ],
)
def test_a_broken_file_is_refused_in_its_own_words(content: bytes, reason: str) -> None:
    """The place and a hint are given; the same file unbroken is read."""
    assert LEAF.certificate == load_chain(at("calico.pem", PEM))[0]
    with pytest.raises(CertificateError, match=reason) as refused:
        load_chain(at("calico.pem", content))
    (problem,) = refused.value.problems
    assert ("calico.pem", True) == (str(problem.place), problem.hint is not None)


@given(st.integers(0, len(DER) - 1), st.binary(min_size=1, max_size=3))
def test_damage_never_escapes_as_another_exception(position: int, junk: bytes) -> None:
    """Bytes overwritten anywhere: the file is read or refused, and nothing of the library comes through."""
    damaged = DER[:position] + junk + DER[position + len(junk) :]
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(damaged) + b"-----END CERTIFICATE-----\n"
    with contextlib.suppress(CertificateError):
        files = StoredPair(at("calico.pem", pem), at("calico-key.pem", LEAF.key_pem))
        assess(CLIENT, files, Store(Path("pki")), (CA.certificate,), NOW)
        read_certificate(at("calico.pem", pem))


def test_a_certificate_describes_itself() -> None:
    """Every part of the description comes from the certificate."""
    usages = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING)
    made = make_leaf(CA, names=("one", "two"), usages=usages, hosts=HOSTS)
    info = read_certificate(at("x.pem", made.certificate_pem))
    assert ("one", "two") == info.common_names
    assert ("etcd-1",) == info.hosts
    assert ("serverAuth", "1.3.6.1.5.5.7.3.3") == info.usages
    assert (NOW - DAY, NOW + 89 * DAY) == (info.not_before, info.not_after)
    assert made.certificate.serial_number == int(info.serial, 16)
    assert ("O=the authority", False) == (info.issuer, info.is_authority)


def test_the_kind_is_guessed_from_the_usages() -> None:
    """Issued certificates are taken for what they are; a peer's looks like a server's."""
    authority, files = FileAuthority.create(KeyType.ECDSA_P256, DAY, NOW)
    guesses = [
        read_certificate(at("x.pem", authority.issue(request, DAY, NOW).certificate_pem)).kind for request in LEAVES
    ]
    kind = CertificateKind
    assert [kind.CLIENT, kind.ROOT, kind.SERVER, kind.SERVER, kind.PROXY] == guesses
    assert kind.CA is read_certificate(at("ca.pem", files.certificate_pem)).kind
    assert None is read_certificate(at("x.pem", make_leaf(CA, usages=()).certificate_pem)).kind
    assert SERVER.hosts == read_certificate(at("x.pem", authority.issue(SERVER, DAY, NOW).certificate_pem)).hosts


def test_a_chain_leads_to_what_is_trusted() -> None:
    """Directly or by way of intermediates in the file; not without them, and not to somebody else of that name."""
    middle = make_authority("middle", issuer=CA)
    leaf = make_leaf(middle)
    trusted = (CA.certificate,)
    assert leads_to((LEAF.certificate,), trusted)
    assert leads_to((leaf.certificate, middle.certificate), trusted)
    assert not leads_to((leaf.certificate,), trusted)
    assert not leads_to((LEAF.certificate,), (make_authority().certificate,))
    assert not leads_to((LEAF.certificate,), ())


def test_a_leaf_cannot_vouch_for_another() -> None:
    """A signature by a certificate that is no authority counts for nothing, even in a chain to a trusted one."""
    middle = make_authority("middle", ca=False, key_cert_sign=False, issuer=CA)
    assert not leads_to((make_leaf(middle).certificate, middle.certificate), (CA.certificate,))


def test_a_signature_over_other_bytes_does_not_count() -> None:
    """The issuer's name alone proves nothing."""
    forged = make_leaf(make_authority(CA.certificate.subject.rfc4514_string().removeprefix("O=")))
    assert LEAF.certificate.issuer == forged.certificate.issuer
    assert not leads_to((forged.certificate,), (CA.certificate,))


def test_a_self_signed_loop_ends() -> None:
    """A chain of certificates that sign each other leads nowhere, in finite time."""
    loop = make_authority("loop", end=NOW + timedelta(days=1))
    assert not leads_to((loop.certificate, loop.certificate, loop.certificate), (CA.certificate,))
