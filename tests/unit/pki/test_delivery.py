"""Files from an authority elsewhere: PEM in any order is read, other forms are refused with the way to convert them."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from cryptography.x509.oid import NameOID

from ringfence.errors import CertificateError
from ringfence.pki.outside.delivery import load_bundle, load_delivered, roots_of
from tests.unit.pki.foreign import intermediate
from tests.unit.pki.making import DAY, NOW, at, make_authority, make_leaf

CA = make_authority()
ISSUING = intermediate(CA)
LEAF = make_leaf(CA)
PKCS7 = serialize_certificates([LEAF.certificate], Encoding.PEM)


def test_all_certificates_of_a_file_are_read() -> None:
    """In its order, whatever stands around them."""
    content = b"subject=CN = calico\n" + LEAF.certificate_pem + b"\r\n" + CA.certificate_pem
    assert (LEAF.certificate, CA.certificate) == load_delivered(at("x.pem", content))


@pytest.mark.parametrize(
    ("content", "what", "hint"),
    [
        (LEAF.certificate.public_bytes(Encoding.DER), "this is DER, PEM is expected", "openssl x509 -inform der -in x"),
        (PKCS7, "this is PKCS #7, PEM certificates are expected", "openssl pkcs7 -print_certs -in x"),
        (LEAF.certificate_pem + LEAF.key_pem, "there is a private key in it", "take it out"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\n", "this is a request, not a certificate", "hand it in"),
        (LEAF.certificate_pem[:-40], "the certificate is cut off", "ask for the file once more"),
        (LEAF.certificate_pem[:100] + b"A" + LEAF.certificate_pem[101:], "the certificate cannot be parsed", "ask for"),
        (b"<html>log in</html>", "there is no PEM certificate in it", "ask for the file once more"),
        (b"", "the certificate file is empty", "ask for the file once more"),
    ],
)
def test_other_forms_are_refused(content: bytes, what: str, hint: str) -> None:
    """Each with its own words and what to do."""
    with pytest.raises(CertificateError) as refused:
        load_delivered(at("x", content))
    (problem,) = refused.value.problems
    assert what in problem.what
    assert hint in str(problem.hint)


def test_a_key_in_a_file_is_never_quoted() -> None:
    """Neither in the message nor in the representation of the error."""
    with pytest.raises(CertificateError) as refused:
        load_delivered(at("x", LEAF.certificate_pem + LEAF.key_pem))
    secret = base64.b64decode(LEAF.key_pem.split(b"-----")[2])
    assert base64.b64encode(secret).decode()[:20] not in repr(refused.value) + str(refused.value)


def test_a_root_is_trusted_and_what_stands_below_is_a_link() -> None:
    """A bundle with a root trusts the root; one without trusts all that is in it."""
    both = load_bundle(at("ca.pem", ISSUING.certificate_pem + CA.certificate_pem), NOW)
    assert (CA.certificate,) == roots_of(both)
    assert (ISSUING.certificate,) == roots_of(load_bundle(at("ca.pem", ISSUING.certificate_pem), NOW))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (CA.certificate_pem + LEAF.certificate_pem, "is not the certificate of an authority"),
        (make_authority(end=NOW - DAY / 2).certificate_pem, "the authority expired on"),
        (make_authority(key_cert_sign=False).certificate_pem, "the authority may not sign certificates"),
        (
            CA.certificate_pem + make_authority("root", of=NameOID.COMMON_NAME).certificate_pem,
            "the authority has the Common Name root: etcd's v2 API takes the Common Names of authorities for users",
        ),
    ],
)
def test_a_bundle_holds_good_authorities_only(content: bytes, what: str) -> None:
    """One that is none, or not now, refuses the bundle: it is said once and trusted from then on."""
    with pytest.raises(CertificateError, match=what):
        load_bundle(at("ca.pem", content), NOW)
