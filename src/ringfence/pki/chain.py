"""PEM files with certificates, and what must be true of an authority and of a chain up to it.

Everything that a hostile or broken certificate can raise is raised while it is loaded, so that whoever holds a loaded
certificate may look at any part of it. What is checked is what etcd and its clients rely on; revocation is not.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from ringfence.errors import CertificateError, Place, Problem
from ringfence.model.issuance import Ending
from ringfence.model.names import ROOT_USER
from ringfence.pki.critical import critical_problems
from ringfence.pki.names import common_names
from ringfence.pki.pem import PemFile
from ringfence.pki.strength import key_problems

_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
_DER_SEQUENCE = b"\x30"
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)
_NEW_AUTHORITY = "move all files of the folder away and run `ringfence certs issue`, which makes a new authority"
_UNREADABLE = (
    ValueError,
    TypeError,  # a name of an ASN.1 type that its attribute must not have
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_NEEDS = "it needs the basic constraint CA:TRUE and the key usage keyCertSign"
_RESTORE = "restore it from a backup, or issue it again"


def load_chain(file: PemFile) -> tuple[x509.Certificate, ...]:
    """All certificates of a PEM file, in its order: at least one.

    Raises:
        CertificateError: at the file's place: empty, DER, a key, truncated, or not to be parsed.
    """
    _refuse_what_is_no_pem(file.content, file.place)
    try:
        # Oddities of old certificates are warned about; whether one may be used is decided by our own checks.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            chain = tuple(x509.load_pem_x509_certificates(file.content))
            for certificate in chain:
                _look_at_all_of(certificate)
    except _UNREADABLE:
        raise CertificateError.of("the certificate cannot be parsed", place=file.place, hint=_RESTORE) from None
    return chain


def as_pem(certificates: Sequence[x509.Certificate]) -> bytes:
    """One PEM file of them."""
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


def date_problems(certificate: x509.Certificate, now: datetime, place: Place) -> Iterator[Problem]:
    """Why the certificate is not valid at that moment, if it is not."""
    if now < certificate.not_valid_before_utc:
        yield Problem(
            f"is not valid before {_minute(certificate.not_valid_before_utc)}",
            place,
            f"it is {_minute(now)} here: set the clock right",
        )
    if now > certificate.not_valid_after_utc:
        yield Problem(
            f"expired on {_minute(certificate.not_valid_after_utc)}", place, "issue it again: `ringfence certs issue`"
        )


def authority_problems(certificate: x509.Certificate, now: datetime, place: Place) -> tuple[Problem, ...]:
    """Why nothing should be signed by this authority, or trusted to it, at that moment: all reasons."""
    return (*trust_problems(certificate, now, place), *user_problems(certificate, place, "the authority"))


def trust_problems(certificate: x509.Certificate, now: datetime, place: Place) -> tuple[Problem, ...]:
    """Why this certificate is not believed as an authority's at that moment: all reasons.

    For whoever only dials a cluster, which may have an authority that ringfence would not take.
    """
    problems = []
    constraints = find(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        problems.append(Problem("is not the certificate of an authority", place, _NEEDS))
    elif not is_authority(certificate):
        problems.append(
            Problem("the authority may not sign certificates: it lacks the usage keyCertSign", place, _NEEDS)
        )
    problems += key_problems(certificate.public_key(), place, "the authority's key")
    problems += critical_problems(certificate, place, "the authority")
    for problem in date_problems(certificate, now, place):
        late = now > certificate.not_valid_after_utc
        hint = _NEW_AUTHORITY if late else problem.hint
        problems.append(Problem(f"the authority {problem.what}", place, hint))
    return tuple(problems)


def user_problems(authority: x509.Certificate, place: Place, whose: str) -> Iterator[Problem]:
    """That whatever the authority signs is root in etcd's v2 API, if so (``client_auth.go`` userFromClientCertificate).

    Args:
        authority: a root, or what stands between.
        place: for the problem.
        whose: begins the sentence.
    """
    if ROOT_USER in common_names(authority.subject):
        what = (
            f"{whose} has the Common Name {ROOT_USER}: etcd's v2 API takes the Common Names of authorities for users "
            "too, so all that it signs would be root"
        )
        yield Problem(what, place, "use an authority of another name")


def first_to_end(authorities: Iterable[x509.Certificate]) -> Ending:
    """Which of an authority and those above it ends first, and when."""
    first = min(authorities, key=lambda each: each.not_valid_after_utc)
    return Ending(first.subject.rfc4514_string() or "without a name", first.not_valid_after_utc)


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether a certificate may sign others: it says so in both places (RFC 5280, 4.2.1.3 and 4.2.1.9)."""
    constraints = find(certificate, x509.BasicConstraints)
    usage = find(certificate, x509.KeyUsage)
    return constraints is not None and constraints.ca and usage is not None and usage.key_cert_sign


def find(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    """The extension of that kind, or None."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def leads_to(chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]) -> bool:
    """Whether the first of ``chain`` is signed by one of ``trusted``, directly or by way of the rest of the chain."""
    current, rest = chain[0], list(chain[1:])
    while not any(is_signed_by(current, issuer) for issuer in trusted):
        following = next((issuer for issuer in rest if is_signed_by(current, issuer)), None)
        if following is None:
            return False
        rest.remove(following)
        current = following
    return True


def is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether ``issuer`` is an authority and its key made the signature on ``certificate``."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return is_authority(issuer)


def _refuse_what_is_no_pem(pem: bytes, place: Place) -> None:
    if not pem.strip():
        raise CertificateError.of("the certificate file is empty", place=place, hint=_RESTORE)
    if _BEGIN not in pem:
        if b"PRIVATE KEY-----" in pem:
            hint = "it may have been swapped with the certificate's file: look at both"
            raise CertificateError.of("there is a private key where a certificate is expected", place=place, hint=hint)
        if pem.startswith(_DER_SEQUENCE):
            hint = "convert it: `openssl x509 -inform der -in FILE -out FILE.pem`"
            raise CertificateError.of("the certificate is DER, PEM is expected", place=place, hint=hint)
        raise CertificateError.of("there is no PEM certificate in it", place=place, hint=_RESTORE)
    if pem.count(_BEGIN) != pem.count(_END):
        raise CertificateError.of("the certificate is cut off", place=place, hint=_RESTORE)


def _look_at_all_of(certificate: x509.Certificate) -> None:
    """Touch the parts that are parsed when they are first asked for."""
    _ = (certificate.subject, certificate.issuer, certificate.extensions, certificate.public_key())
    _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    if certificate.serial_number <= 0:  # RFC 5280, 4.1.2.2; Go refuses it too
        raise ValueError


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
