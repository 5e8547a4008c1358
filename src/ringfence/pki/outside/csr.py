"""Certificate signing requests: making them for a key that lies here, and judging those that a node made.

A request asks for everything that the profile demands. An authority may overlook any part of that, so what it signed
is judged again by itself (`ringfence.pki.outside.acceptance`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ringfence.errors import CertificateError, Place, Problem
from ringfence.model.certificate import CertificateRequest, KeyType
from ringfence.pki.keys import PrivateKey, digest_for
from ringfence.pki.names import NOBODY, alternative_names, common_names, hosts_of, same_host, subject
from ringfence.pki.pem import PemFile
from ringfence.pki.profiles import PROFILES, SERVER_AUTH, leaf_extensions
from ringfence.pki.strength import key_problems

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    InvalidSignature,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_BEGINS = (b"-----BEGIN CERTIFICATE REQUEST-----", b"-----BEGIN NEW CERTIFICATE REQUEST-----")
_AGAIN = "make it again, with the script that `ringfence certs issue` wrote for it"


def make_csr(request: CertificateRequest, key: PrivateKey, key_type: KeyType) -> bytes:
    """The signing request for a certificate, as PEM.

    Args:
        request: what the certificate is to be.
        key: signs the request, and is the key of the certificate to be.
        key_type: of that key.

    Raises:
        CertificateError: a host that no certificate can hold.
    """
    name = NOBODY if request.common_name is None else subject(request.common_name)
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    for each in leaf_extensions(request.kind, key_type):
        builder = builder.add_extension(each.value, critical=each.critical)
    if request.hosts:
        # RFC 5280, 4.2.1.6: an empty subject makes the alternative name critical.
        builder = builder.add_extension(alternative_names(request.hosts), critical=request.common_name is None)
    return builder.sign(key, digest_for(key)).public_bytes(Encoding.PEM)


def load_csr(file: PemFile) -> x509.CertificateSigningRequest:
    """A signing request whose signature is that of the key in it: whoever made it holds that key.

    Raises:
        CertificateError: at the file's place: no request, not to be parsed, or not signed by its own key.
    """
    if b"PRIVATE KEY-----" in file.content:
        hint = "it must stay where it was made: take it out of this file, and make a new one if others could read it"
        raise CertificateError.of("there is a private key in it", place=file.place, hint=hint)
    if not any(begin in file.content for begin in _BEGINS):
        raise CertificateError.of("there is no PEM certificate request in it", place=file.place, hint=_AGAIN)
    try:
        csr = x509.load_pem_x509_csr(file.content)
        _ = (csr.subject, csr.extensions, csr.public_key())  # parsed when first asked for
        genuine = csr.is_signature_valid
    except _UNREADABLE:
        raise CertificateError.of("the request cannot be parsed", place=file.place, hint=_AGAIN) from None
    if not genuine:
        raise CertificateError.of("the request is not signed by the key in it", place=file.place, hint=_AGAIN)
    return csr


def csr_problems(csr: x509.CertificateSigningRequest, place: Place, request: CertificateRequest) -> Iterator[Problem]:
    """Why a signing request is not for the certificate that should exist: names, hosts, usages, a weak key."""
    names = common_names(csr.subject)
    if names != (() if request.common_name is None else (request.common_name,)):
        has = " and ".join(repr(name) for name in names) or "no Common Name"
        wanted = "none" if request.common_name is None else f"{request.common_name!r} alone"
        yield Problem(f"asks for {has} and must ask for {wanted}", place, _AGAIN)
    alternative = _find(csr, x509.SubjectAlternativeName)
    present = {} if alternative is None else {same_host(host): host for host in hosts_of(alternative)}
    asked = {same_host(host): host for host in request.hosts}
    missing = [host for key, host in asked.items() if key not in present]
    if missing:
        yield Problem(f"lacks {', '.join(missing)} among its hosts", place, _AGAIN)
    extra = [host for key, host in present.items() if key not in asked]
    if extra:
        yield Problem(f"asks for hosts that the spec does not: {', '.join(extra)}", place, _AGAIN)
    usages = _find(csr, x509.ExtendedKeyUsage)
    if usages is not None and set(usages) != set(PROFILES[request.kind].usages):
        yield Problem(f"asks for other usages than a {request.kind.value} certificate has", place, _AGAIN)
    constraints = _find(csr, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        yield Problem("asks to be an authority", place, _AGAIN)
    serves = SERVER_AUTH in PROFILES[request.kind].usages
    yield from key_problems(csr.public_key(), place, "its key", serves=serves)


def public_key_sha256(key: PublicKeyTypes) -> str:
    """The SHA-256 of a public key (its DER SubjectPublicKeyInfo), in hex: what an authority can compare by eye."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _find(csr: x509.CertificateSigningRequest, kind: type[_Extension]) -> _Extension | None:
    try:
        return csr.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
