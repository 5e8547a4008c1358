"""Signing requests: ours ask for all that the profile demands, and others' are held against the same."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ringfence.errors import CertificateError
from ringfence.model.certificate import CertificateRequest, KeyType
from ringfence.pki.keys import PrivateKey, generate
from ringfence.pki.outside.csr import csr_problems, load_csr, make_csr
from ringfence.pki.profiles import key_type_for
from tests.unit.pki.foreign import edwards, weak_rsa
from tests.unit.pki.making import CLIENT, LEAVES, ROOT, SERVER, at, make_authority

KEY: PrivateKey = ec.generate_private_key(ec.SECP256R1())


def _words(pem: bytes, request: CertificateRequest) -> str:
    file = at("x.csr", pem)
    return "; ".join(each.what for each in csr_problems(load_csr(file), file.place, request))


def _made(*names: str, key: PrivateKey = KEY, extra: x509.ExtensionType | None = None) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if extra is not None:
        builder = builder.add_extension(extra, critical=False)
    algorithm = None if isinstance(key, type(edwards())) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.PEM)


@pytest.mark.parametrize("key_type", [KeyType.ECDSA_P256, KeyType.ECDSA_P384, KeyType.ED25519, KeyType.RSA_2048])
@pytest.mark.parametrize("request_", LEAVES, ids=lambda each: each.name)
def test_our_own_are_right(request_: CertificateRequest, key_type: KeyType) -> None:
    """Each kind with each algorithm: read back, it asks for just what it should."""
    fitting = key_type_for(request_.kind, key_type)
    assert "" == _words(make_csr(request_, generate(fitting), fitting), request_)


def test_one_without_extensions_is_right_for_a_client() -> None:
    """An authority sets the usages from its own profile then."""
    assert "" == _words(_made("calico"), CLIENT)


@pytest.mark.parametrize(
    ("pem", "request_", "words"),
    [
        (_made("calico", "root"), CLIENT, "asks for 'calico' and 'root' and must ask for 'calico' alone"),
        (_made(), CLIENT, "asks for no Common Name and must ask for 'calico' alone"),
        (_made("calico"), ROOT, "asks for 'calico' and must ask for 'root' alone"),
        (_made("calico", extra=x509.BasicConstraints(True, None)), CLIENT, "asks to be an authority"),
        (
            _made("calico", extra=x509.SubjectAlternativeName([x509.DNSName("etcd-1")])),
            CLIENT,
            "asks for hosts that the spec does not: etcd-1",
        ),
        (
            make_csr(replace(SERVER, hosts=SERVER.hosts[:1]), KEY, KeyType.ECDSA_P256),
            SERVER,
            "lacks etcd-1.internal, ::1 among its hosts",
        ),
        (
            _made("calico", extra=x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])),
            CLIENT,
            "asks for other usages than a client certificate has",
        ),
        (_made("calico", key=weak_rsa()), CLIENT, "its key is RSA with 1024 bits, which is too weak"),
    ],
)
def test_what_is_wrong_is_said(pem: bytes, request_: CertificateRequest, words: str) -> None:
    """One thing is wrong, and it alone is told."""
    assert words == _words(pem, request_)


def _forged() -> bytes:
    """A request whose last byte of the signature was changed."""
    der = bytearray(x509.load_pem_x509_csr(_made("calico")).public_bytes(Encoding.DER))
    der[-1] ^= 1
    body = base64.encodebytes(bytes(der))
    return b"-----BEGIN CERTIFICATE REQUEST-----\n" + body + b"-----END CERTIFICATE REQUEST-----\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_forged(), "the request is not signed by the key in it"),
        (_made("calico")[:200], "the request cannot be parsed"),
        (b"", "there is no PEM certificate request in it"),
        (make_authority().certificate_pem, "there is no PEM certificate request in it"),
        (_made("calico") + make_authority().key_pem, "there is a private key in it"),
        (
            b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
            "the request cannot be parsed",
        ),
    ],
)
def test_what_is_no_request_is_refused(content: bytes, words: str) -> None:
    """With the file's place, and never with what is in it."""
    with pytest.raises(CertificateError) as refused:
        load_csr(at("x.csr", content))
    (problem,) = refused.value.problems
    assert ("x.csr", words) == (str(problem.place), problem.what)
