"""Encrypting a Kubernetes Secret for one cluster, in the form that the sealed-secrets controller opens.

The form is that of sealed-secrets (``pkg/crypto/crypto.go``): each value is encrypted with AES-256-GCM under a key of
its own, with a nonce of zeros since no key is used twice, and that key with RSA-OAEP (SHA-256) for the certificate of
the controller. The OAEP label is ``namespace/name``, the strict scope: the value opens nowhere else. The wider scopes
are not offered. Nothing is opened here; only the controller can.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ringfence.errors import CertificateError
from ringfence.pki.chain import date_problems, load_chain
from ringfence.pki.pem import PemFile

_FETCH = "fetch the controller's present one: `kubeseal --fetch-cert > CERT.pem`"
_SESSION_KEY_BYTES = 32
_NONCE = bytes(12)
_SMALLEST_KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class Seal:
    """The certificate of a sealed-secrets controller, fit to encrypt for it.

    Args:
        key: its public key.
        fingerprint: SHA-256 of the certificate, in hex.
    """

    key: RSAPublicKey = field(repr=False)
    fingerprint: str


def load_seal(file: PemFile, now: datetime) -> Seal:
    """The seal in a PEM file.

    Args:
        file: what ``kubeseal --fetch-cert`` wrote.
        now: the moment at which it must be valid, with a time zone; kubeseal refuses an expired one too.

    Raises:
        CertificateError: unreadable, not valid now, or its key is no RSA key of at least 2048 bits.
    """
    certificate = _one(file)
    key = certificate.public_key()
    problems = list(date_problems(certificate, now, file.place))
    if problems:
        raise CertificateError(*problems)
    if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST_KEY_BITS:
        what = f"its key is no RSA key of at least {_SMALLEST_KEY_BITS} bits, as a controller's is"
        raise CertificateError.of(what, place=file.place, hint=_FETCH)
    return Seal(key, certificate.fingerprint(hashes.SHA256()).hex())


def sealed(seal: Seal, values: Mapping[str, bytes], *, namespace: str, name: str) -> dict[str, str]:
    """``spec.encryptedData`` of a SealedSecret: each value encrypted, as base64; another text each time.

    Args:
        seal: whose controller will open it.
        values: the data of the Secret.
        namespace, name: of the Secret; under any other the values do not open.
    """
    label = f"{namespace}/{name}".encode()
    return {key: base64.b64encode(_encrypted(seal.key, value, label)).decode() for key, value in values.items()}


def content_digest(seal: Seal, values: Mapping[str, bytes], *, namespace: str, name: str) -> str:
    """SHA-256, in hex, of what a SealedSecret was made from, to tell whether it has to be made again.

    Args:
        seal: whose controller will open it.
        values: only public ones, certificates: a digest of a key has no place in git, and a certificate tells its key.
        namespace, name: of the Secret.
    """
    digest = hashlib.sha256()
    for part in (seal.fingerprint, namespace, name):
        digest.update(f"{part}\n".encode())
    for key, value in sorted(values.items()):
        digest.update(f"{key} {len(value)}\n".encode() + value)
    return digest.hexdigest()


def _encrypted(key: RSAPublicKey, value: bytes, label: bytes) -> bytes:
    session_key = os.urandom(_SESSION_KEY_BYTES)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label)
    wrapped = key.encrypt(session_key, oaep)
    return len(wrapped).to_bytes(2, "big") + wrapped + AESGCM(session_key).encrypt(_NONCE, value, None)


def _one(file: PemFile) -> x509.Certificate:
    chain = load_chain(file)
    if len(chain) > 1:
        raise CertificateError.of("there is more than one certificate in it", place=file.place, hint=_FETCH)
    return chain[0]
