"""What the built-in authority makes, and what it refuses to work with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from ringfence.errors import CertificateError
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType
from ringfence.model.names import UserName
from ringfence.pki.issuing.authority import BACKDATED, FileAuthority
from ringfence.pki.login import fleeting_credentials
from ringfence.pki.pem import Issued
from ringfence.pki.profiles import key_type_for
from tests.unit.pki.making import CLIENT, DAY, LEAVES, NOW, SERVER, Made, at, make_authority

AUTHORITY, FILES = FileAuthority.create(KeyType.ECDSA_P256, 3650 * DAY, NOW)
BOTH = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
USAGES = {
    CertificateKind.SERVER: BOTH,
    CertificateKind.PEER: BOTH,
    CertificateKind.PROXY: {ExtendedKeyUsageOID.SERVER_AUTH},
    CertificateKind.ROOT: {ExtendedKeyUsageOID.CLIENT_AUTH},
    CertificateKind.CLIENT: {ExtendedKeyUsageOID.CLIENT_AUTH},
}


def _parsed(issued: Issued) -> x509.Certificate:
    return x509.load_pem_x509_certificate(issued.certificate_pem)


def test_the_authority_signs_leaves_and_nothing_else() -> None:
    """Its certificate is critical CA:TRUE with path length 0 and the two usages of an authority, and has no CN."""
    own = _parsed(FILES)
    constraints = own.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = own.extensions.get_extension_for_class(x509.KeyUsage)
    assert (True, True, 0) == (constraints.critical, constraints.value.ca, constraints.value.path_length)
    assert usage.critical
    assert {"key_cert_sign", "crl_sign"} == _set_usages(usage.value)
    assert [] == own.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)


@pytest.mark.parametrize("request_", LEAVES, ids=lambda request: request.kind.value)
def test_a_leaf_is_what_its_profile_says(request_: CertificateRequest) -> None:
    """Usages, names and identifiers of each kind, signed by the authority."""
    own, leaf = _parsed(FILES), _parsed(AUTHORITY.issue(request_, 90 * DAY, NOW))
    leaf.verify_directly_issued_by(own)
    extensions = leaf.extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert USAGES[request_.kind] == set(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert (True, {"digital_signature"}) == (usage.critical, _set_usages(usage.value))
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    names = [attribute.value for attribute in leaf.subject]
    assert ([] if request_.common_name is None else [request_.common_name]) == names
    assert (
        own.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        == extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    )
    assert (
        x509.SubjectKeyIdentifier.from_public_key(leaf.public_key())
        == extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    )


@pytest.mark.parametrize(("common_name", "critical"), [(None, True), ("member etcd-1", False)])
def test_the_alternative_name_is_critical_where_it_is_the_only_name(common_name: str | None, critical: bool) -> None:
    """RFC 5280, 4.2.1.6."""
    leaf = _parsed(AUTHORITY.issue(replace(SERVER, common_name=common_name), DAY, NOW))
    assert critical == leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical


@pytest.mark.parametrize(
    ("key_type", "key_class", "size"),
    [
        (KeyType.ECDSA_P256, ec.EllipticCurvePrivateKey, 256),
        (KeyType.ECDSA_P384, ec.EllipticCurvePrivateKey, 384),
        (KeyType.ED25519, ed25519.Ed25519PrivateKey, None),
        (KeyType.RSA_2048, rsa.RSAPrivateKey, 2048),
    ],
)
def test_a_key_type_holds_for_the_authority_and_its_leaves(
    key_type: KeyType, key_class: type[object], size: int | None
) -> None:
    """Both keys are of the type that was asked for, as PKCS#8, and only RSA may encipher keys."""
    authority, files = FileAuthority.create(key_type, DAY, NOW)
    issued = authority.issue(CLIENT if key_type is KeyType.ED25519 else SERVER, DAY, NOW)
    for pem in (files.key_pem, issued.key_pem):
        key = load_pem_private_key(pem, None)
        assert pem.startswith(b"-----BEGIN PRIVATE KEY-----")
        assert isinstance(key, key_class)
        assert size == getattr(key, "key_size", None)
    usage = _parsed(issued).extensions.get_extension_for_class(x509.KeyUsage).value
    assert (key_class is rsa.RSAPrivateKey) == usage.key_encipherment


def test_serials_are_random_and_fit() -> None:
    """128 random bits, positive, at most 20 bytes; no two alike."""
    serials = {_parsed(AUTHORITY.issue(CLIENT, DAY, NOW)).serial_number for _ in range(50)}
    assert 50 == len(serials)
    assert all(0 < serial < 1 << 159 and serial.bit_length() > 128 for serial in serials)


def test_a_certificate_starts_in_the_past_and_ends_in_time() -> None:
    """It is backdated for slow clocks and lives as long as was asked for."""
    leaf = _parsed(AUTHORITY.issue(CLIENT, 90 * DAY, NOW))
    assert (NOW - BACKDATED, NOW + 90 * DAY) == (leaf.not_valid_before_utc, leaf.not_valid_after_utc)


def test_no_certificate_outlives_its_authority() -> None:
    """A longer life is cut at the authority's end."""
    leaf = _parsed(AUTHORITY.issue(CLIENT, 9999 * DAY, NOW))
    assert _parsed(FILES).not_valid_after_utc == leaf.not_valid_after_utc


@pytest.mark.parametrize("now", [NOW - timedelta(hours=1), NOW + 3651 * DAY])
def test_an_authority_that_is_not_valid_does_not_sign(now: datetime) -> None:
    """Before its start and after its end it refuses; in between it signs."""
    AUTHORITY.issue(CLIENT, DAY, NOW)
    with pytest.raises(CertificateError, match="not valid now"):
        AUTHORITY.issue(CLIENT, DAY, now)


def test_the_authority_holds_requests_to_their_profile() -> None:
    """Whoever calls it: what the profile refuses is not signed."""
    with pytest.raises(CertificateError, match="needs a Common Name"):
        AUTHORITY.issue(replace(CLIENT, common_name=None), DAY, NOW)


def test_an_authority_is_loaded_from_its_files() -> None:
    """What a loaded authority signs is good under the same certificate."""
    loaded = FileAuthority.load(
        at("ca.pem", FILES.certificate_pem), at("ca-key.pem", FILES.key_pem), KeyType.ED25519, NOW
    )
    _parsed(loaded.issue(CLIENT, DAY, NOW)).verify_directly_issued_by(_parsed(FILES))
    assert FILES.certificate_pem == loaded.ca_certificate


def test_an_authority_without_identifier_is_loaded() -> None:
    """An authority of somebody else's making may lack the key identifier; leaves then name it by its key."""
    other = make_authority()
    loaded = FileAuthority.load(
        at("ca.pem", other.certificate_pem), at("ca-key.pem", other.key_pem), KeyType.ED25519, NOW
    )
    leaf = _parsed(loaded.issue(CLIENT, DAY, NOW))
    identifier = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert x509.SubjectKeyIdentifier.from_public_key(other.key.public_key()).digest == identifier


_GOOD = make_authority()
_ENCRYPTED = _GOOD.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


@pytest.mark.parametrize(
    ("certificate", "key", "reasons"),
    [
        (_GOOD.certificate_pem, make_authority().key_pem, ["does not belong to the authority's certificate ca.pem"]),
        (_GOOD.certificate_pem, _ENCRYPTED, ["protected by a passphrase"]),
        (_GOOD.certificate_pem, b"", ["key file is empty"]),
        (_GOOD.certificate_pem, _GOOD.key_pem[:100], ["private key cannot be read"]),
        (_GOOD.certificate_pem, _GOOD.certificate_pem, ["private key cannot be read"]),
        (b"junk", b"junk", ["no PEM certificate", "no PEM private key"]),
    ],
    ids=["another key", "a passphrase", "an empty key", "half a key", "no key", "junk"],  # never a key's own bytes
)
def test_files_that_are_no_authority_are_refused(certificate: bytes, key: bytes, reasons: list[str]) -> None:
    """Each broken file has its own words, both are reported, and no key is quoted."""
    FileAuthority.load(at("ca.pem", _GOOD.certificate_pem), at("ca-key.pem", _GOOD.key_pem), KeyType.ED25519, NOW)
    with pytest.raises(CertificateError) as refused:
        FileAuthority.load(at("ca.pem", certificate), at("ca-key.pem", key), KeyType.ED25519, NOW)
    assert len(reasons) == len(refused.value.problems)
    assert all(reason in problem.what for reason, problem in zip(reasons, refused.value.problems, strict=True))
    assert all(problem.place and problem.hint for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (make_authority(ca=False, key_cert_sign=False), "not the certificate of an authority"),
        (make_authority(key_cert_sign=False), "may not sign certificates: it lacks the usage keyCertSign"),
        (make_authority(end=NOW - timedelta(hours=1)), "the authority expired on 2026-11-22 05:12 UTC"),
        (make_authority(start=NOW + DAY), "the authority is not valid before 2026-11-23 06:12 UTC"),
    ],
)
def test_a_certificate_that_cannot_sign_is_refused(made: Made, reason: str) -> None:
    """It must be an authority, say so in both places, and be valid now."""
    certificate, key = made.certificate_pem, made.key_pem
    with pytest.raises(CertificateError, match=reason):
        FileAuthority.load(at("ca.pem", certificate), at("ca-key.pem", key), KeyType.ED25519, NOW)


def test_a_proof_gets_a_certificate_of_ten_minutes() -> None:
    """For any user, in memory, with what it takes to dial; nothing of it shows in a repr."""
    made = fleeting_credentials(AUTHORITY, UserName("nobody we know"), NOW)
    assert made.certificate is not None
    assert made.key is not None
    leaf = x509.load_pem_x509_certificate(made.certificate)
    assert (NOW + timedelta(minutes=10), FILES.certificate_pem) == (leaf.not_valid_after_utc, made.ca)
    assert "PRIVATE" not in repr(made)


def test_no_repr_shows_a_key() -> None:
    """Values that carry keys keep them out of what is printed by accident."""
    assert "PRIVATE" not in repr(FILES)
    assert "PRIVATE" not in repr(at("ca-key.pem", FILES.key_pem))


def _set_usages(usage: x509.KeyUsage) -> set[str]:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    return {name for name in (*names, "key_cert_sign", "crl_sign") if getattr(usage, name)}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (CertificateKind.SERVER, KeyType.ECDSA_P256),
        (CertificateKind.PEER, KeyType.ECDSA_P256),
        (CertificateKind.CLIENT, KeyType.ED25519),
        (CertificateKind.ROOT, KeyType.ED25519),
    ],
)
def test_servers_never_have_ed25519(kind: CertificateKind, expected: KeyType) -> None:
    """gRPC's TLS library does not take it from a server; whoever only logs in may have it."""
    assert expected is key_type_for(kind, KeyType.ED25519)
    assert KeyType.RSA_2048 is key_type_for(kind, KeyType.RSA_2048)
