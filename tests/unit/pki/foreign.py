"""Certificates as an authority elsewhere may sign them: right by default, and wrong in whatever way a test names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from ringfence.pki.keys import PrivateKey
from tests.unit.pki.making import DAY, NOW, Made

Hash = hashes.SHA224 | hashes.SHA256 | hashes.SHA512
CLIENT_USAGE = (ExtendedKeyUsageOID.CLIENT_AUTH,)
MEMBER_USAGE = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


def sign(
    issuer: Made,
    key: PrivateKey | rsa.RSAPrivateKey,
    *,
    names: Sequence[str] = ("calico",),
    organization: str | None = None,
    usages: Sequence[ObjectIdentifier] = CLIENT_USAGE,
    hosts: Sequence[x509.GeneralName] = (),
    start: datetime = NOW - timedelta(hours=1),
    end: datetime = NOW - timedelta(hours=1) + 90 * DAY,
    ca: bool = False,
    cert_sign: bool = False,
    digital_signature: bool = True,
    algorithm: Hash | None = None,
    extra: x509.ExtensionType | None = None,
    critical: bool = False,
    issuer_key: PrivateKey | None = None,
) -> x509.Certificate:
    """A client's certificate for ``calico``, but for what is given."""
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names]
    if organization is not None:
        subject.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    usage = x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=cert_sign,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=not subject)
    if extra is not None:
        builder = builder.add_extension(extra, critical=critical)
    return builder.sign(issuer_key or issuer.key, algorithm or hashes.SHA256())


def intermediate(
    issuer: Made,
    name: str = "issuing",
    *,
    path_length: int | None = None,
    usages: Sequence[ObjectIdentifier] = (),
    constraints: x509.NameConstraints | None = None,
    start: datetime = NOW - DAY,
    end: datetime = NOW + 300 * DAY,
    curve: ec.EllipticCurve | None = None,
    algorithm: Hash | None = None,
    extra: x509.ExtensionType | None = None,
) -> Made:
    """An authority that another one signed."""
    key = ec.generate_private_key(curve or ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(usage, critical=True)
    )
    for each in (x509.ExtendedKeyUsage(usages) if usages else None, constraints, extra):
        if each is not None:
            builder = builder.add_extension(each, critical=not isinstance(each, x509.ExtendedKeyUsage))
    return Made(builder.sign(issuer.key, algorithm or hashes.SHA256()), key)


def weak_rsa() -> rsa.RSAPrivateKey:
    """RSA with 1024 bits."""
    return rsa.generate_private_key(65537, 1024)  # noqa: S505  # to be refused


def edwards() -> ed25519.Ed25519PrivateKey:
    """A key that members must not have."""
    return ed25519.Ed25519PrivateKey.generate()
