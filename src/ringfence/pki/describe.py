"""A certificate as a plain value, for lists and reports."""

from __future__ import annotations

from cryptography import x509

from ringfence.model.certificate import CertificateKind
from ringfence.model.issuance import CertificateInfo
from ringfence.model.names import ROOT_USER
from ringfence.pki.chain import find, is_authority, load_chain
from ringfence.pki.names import common_names, hosts_of
from ringfence.pki.pem import PemFile
from ringfence.pki.profiles import CLIENT_AUTH, SERVER_AUTH

USAGE_NAMES = {SERVER_AUTH: "serverAuth", CLIENT_AUTH: "clientAuth"}
"""OpenSSL's names for the usages that profiles have."""


def read_certificate(file: PemFile) -> CertificateInfo:
    """The first certificate of a PEM file.

    Raises:
        CertificateError: it cannot be read.
    """
    return describe(load_chain(file)[0])


def read_certificates(file: PemFile) -> tuple[CertificateInfo, ...]:
    """All certificates of a PEM file, in its order.

    Raises:
        CertificateError: one cannot be read.
    """
    return tuple(describe(each) for each in load_chain(file))


def describe(certificate: x509.Certificate) -> CertificateInfo:
    """What a loaded certificate says of itself."""
    alternative = find(certificate, x509.SubjectAlternativeName)
    usages = usage_names(certificate)
    names = common_names(certificate.subject)
    authority = is_authority(certificate)
    return CertificateInfo(
        common_names=names,
        kind=CertificateKind.CA if authority else _guess(usages, names),
        hosts=() if alternative is None else hosts_of(alternative),
        usages=usages,
        is_authority=authority,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        serial=f"{certificate.serial_number:x}",
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
    )


def usage_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The extended key usages, by name where it is a known one."""
    usages = find(certificate, x509.ExtendedKeyUsage)
    return () if usages is None else tuple(USAGE_NAMES.get(usage, usage.dotted_string) for usage in usages)


def _guess(usages: tuple[str, ...], names: tuple[str, ...]) -> CertificateKind | None:
    serves, logs_in = "serverAuth" in usages, "clientAuth" in usages
    if serves:
        return CertificateKind.SERVER if logs_in else CertificateKind.PROXY
    if logs_in:
        return CertificateKind.ROOT if names == (ROOT_USER,) else CertificateKind.CLIENT
    return None
