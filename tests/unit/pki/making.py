"""Certificates for tests, right by default and wrong in exactly one named way; nothing of ringfence's own issuing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from ringfence.errors import Place
from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.pki.pem import PemFile

NOW = datetime(2026, 11, 22, 6, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CLIENT = CertificateRequest(name="calico", kind=CertificateKind.CLIENT, common_name="calico")
ROOT = CertificateRequest(name="root", kind=CertificateKind.ROOT, common_name="root")
SERVER = CertificateRequest(
    name="etcd-1-server", kind=CertificateKind.SERVER, common_name=None, hosts=("10.0.0.1", "etcd-1.internal", "::1")
)
PEER = CertificateRequest(name="etcd-1-peer", kind=CertificateKind.PEER, common_name=None, hosts=("10.0.0.1",))
PROXY = CertificateRequest(name="edge", kind=CertificateKind.PROXY, common_name=None, hosts=("10.0.0.9",))
LEAVES = (CLIENT, ROOT, SERVER, PEER, PROXY)


@dataclass(frozen=True, slots=True)
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key as PKCS#8 PEM."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def at(name: str, content: bytes) -> PemFile:
    """A file in memory."""
    return PemFile(content, Place(name))


def make_authority(
    name: str = "the authority",
    *,
    ca: bool = True,
    key_cert_sign: bool = True,
    start: datetime = NOW - DAY,
    end: datetime = NOW + 365 * DAY,
    issuer: Made | None = None,
    of: ObjectIdentifier = NameOID.ORGANIZATION_NAME,
    extra: x509.ExtensionType | None = None,
) -> Made:
    """An authority, self-signed unless another signs it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(of, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(key_cert_sign=key_cert_sign), critical=True)
    )
    if extra is not None:
        builder = builder.add_extension(extra, critical=True)
    return Made(builder.sign(key if issuer is None else issuer.key, hashes.SHA256()), key)


def make_leaf(
    issuer: Made,
    *,
    names: tuple[str, ...] = ("calico",),
    usages: tuple[ObjectIdentifier, ...] = (ExtendedKeyUsageOID.CLIENT_AUTH,),
    hosts: tuple[x509.GeneralName, ...] = (),
    start: datetime = NOW - DAY,
    end: datetime = NOW + 89 * DAY,
    ca: bool = False,
) -> Made:
    """A client's certificate for ``calico`` that is good in every way, but for what is given."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, key_cert_sign=ca), critical=True)
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    return Made(builder.sign(issuer.key, hashes.SHA256()), key)


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        encipher_only=False,
        decipher_only=False,
    )
