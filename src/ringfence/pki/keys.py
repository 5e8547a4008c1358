"""Private keys: making them, writing them as PKCS#8 PEM, reading them back.

No key leaves this module as text in a message: an error names the place and never quotes what was read.
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from ringfence.errors import CertificateError
from ringfence.model.certificate import KeyType
from ringfence.pki.passphrase import Passphrase
from ringfence.pki.pem import PemFile

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
"""The keys that ringfence can use."""

_PUBLIC_EXPONENT = 65537
_P256, _P384 = ec.SECP256R1(), ec.SECP384R1()
_SHA256, _SHA384 = hashes.SHA256(), hashes.SHA384()
_NO_PASSPHRASE = NoEncryption()
_DECRYPT = (
    "for the authority, say where the passphrase stands: `pki.file.passphrase`; else decrypt it into a file of mode "
    "0600: `openssl pkey -in FILE -out FILE.pem`"
)


def generate(key_type: KeyType) -> PrivateKey:
    """A new key of that type, from the operating system's randomness."""
    match key_type:
        case KeyType.ECDSA_P256:
            return ec.generate_private_key(_P256)
        case KeyType.ECDSA_P384:
            return ec.generate_private_key(_P384)
        case KeyType.ED25519:
            return ed25519.Ed25519PrivateKey.generate()
        case KeyType.RSA_2048:
            return rsa.generate_private_key(_PUBLIC_EXPONENT, 2048)
        case KeyType.RSA_4096:
            return rsa.generate_private_key(_PUBLIC_EXPONENT, 4096)


def key_pem(key: PrivateKey, passphrase: Passphrase | None = None) -> bytes:
    """The key as PKCS#8 PEM; whoever writes it answers for the file mode.

    Args:
        key: the key.
        passphrase: to encrypt it with: PBES2 with AES-256, which openssl reads as well. Its key derivation is quick
            (2,048 rounds), so the passphrase has to be a long one.
    """
    encryption = _NO_PASSPHRASE if passphrase is None else BestAvailableEncryption(passphrase.secret)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def load_key(file: PemFile, passphrase: Passphrase | None = None) -> PrivateKey:
    """The private key in a file.

    Args:
        file: its content.
        passphrase: what it must be encrypted with; None for a key that must not be.

    Raises:
        CertificateError: at the file's place: empty, DER, no private key, broken, of an unknown type, encrypted or not
            against what was expected, or with another passphrase.
    """
    pem, place = file.content, file.place
    if not pem.strip():
        raise CertificateError.of("the key file is empty", place=place, hint="issue the certificate again")
    if b"-----BEGIN" not in pem:
        hint = "keys are PEM: `openssl pkey -inform der -in FILE -out FILE.pem` converts DER"
        raise CertificateError.of("there is no PEM private key in it", place=place, hint=hint)
    if _is_encrypted(pem) and passphrase is None:
        raise CertificateError.of("the key is protected by a passphrase", place=place, hint=_DECRYPT)
    if passphrase is not None and not _is_encrypted(pem):
        hint = f"encrypt it: `openssl pkcs8 -topk8 -v2 aes-256-cbc -in {place.file} -out FILE`, mode 0600"
        what = "the key is not encrypted, although a passphrase is given for it"
        raise CertificateError.of(what, place=place, hint=hint)
    try:
        key = load_pem_private_key(pem, None if passphrase is None else passphrase.secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        hint = "restore it from a backup, or issue the certificate again"
        if passphrase is not None:
            what, hint = (
                f"{passphrase.origin} does not open the key",
                "look for the passphrase that it was encrypted with",
            )
            raise CertificateError.of(what, place=place, hint=hint) from None
        raise CertificateError.of("the private key cannot be read", place=place, hint=hint) from None
    if not isinstance(key, PrivateKey):
        hint = "use ECDSA, Ed25519 or RSA"
        raise CertificateError.of("the key is of a type that etcd cannot use", place=place, hint=hint)
    return key


def same_public_key(one: PublicKeyTypes, other: PublicKeyTypes) -> bool:
    """Whether two public keys are the same key."""
    return _public_bytes(one) == _public_bytes(other)


def digest_for(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384 | None:
    """The hash that a key signs certificates with: as strong as its curve; Ed25519 has its own."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    return _SHA384 if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size > 256 else _SHA256


def _public_bytes(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _is_encrypted(pem: bytes) -> bool:
    """PKCS#8 says so in its first line, the older forms of OpenSSL in a header."""
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in pem or b"Proc-Type: 4,ENCRYPTED" in pem
