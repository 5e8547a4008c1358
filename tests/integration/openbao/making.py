"""Authorities, tokens and requests that tests hand to the server."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from ringfence.pki.profiles import authority_extensions, extension


def root_folder(folder: Path, *, path_length: int = 0, passphrase: bytes | None = None) -> Path:
    """A folder with the certificate and key of a new root, the key encrypted where there is a passphrase."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "root of a test")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3000))
    )
    _, usage = authority_extensions()
    identifier = extension(x509.SubjectKeyIdentifier.from_public_key(public))
    constraints = extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    for each in (constraints, usage, identifier):
        builder = builder.add_extension(each.value, critical=each.critical)
    folder.mkdir(mode=0o700)
    (folder / "ca.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    private = folder / "ca-key.pem"
    private.touch(mode=0o600)
    encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    return folder


def csr(common_name: str | None = None, *extensions: x509.ExtensionType) -> str:
    """A signing request that asks for whatever it is given."""
    attributes = [] if common_name is None else [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(attributes))
    for each in extensions:
        builder = builder.add_extension(each, critical=False)
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(Encoding.PEM).decode()


class JwtIssuer:
    """Signs tokens, as a cluster's service account issuer does."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        """The key by which its tokens are believed, PEM."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def token(self, **claims: object) -> str:
        """A token with these claims."""
        body = b".".join(_part(each) for each in ({"alg": "ES256", "typ": "JWT"}, claims))
        numbers = decode_dss_signature(self._key.sign(body, ec.ECDSA(hashes.SHA256())))
        signature = b"".join(number.to_bytes(32, "big") for number in numbers)
        return b".".join((body, _encoded(signature))).decode()


def _part(value: Mapping[str, object]) -> bytes:
    return _encoded(json.dumps(value).encode())


def _encoded(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")
