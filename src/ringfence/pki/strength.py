"""Which keys and signatures are strong enough, for certificates that somebody else makes.

The floor is Go's and the Web PKI's: what etcd would refuse, and what nobody should sign with any more. Keys that
ringfence makes itself are above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import SignatureAlgorithmOID

from ringfence.errors import Place, Problem
from ringfence.model.certificate import KeyType

_RSA_BITS = 2048
_RSA_EXPONENT = 65537
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_STRONG_KEY = "use ECDSA on P-256 or P-384, or RSA with 2048 bits or more"


def key_problems(key: PublicKeyTypes, place: Place, whose: str, *, serves: bool = False) -> Iterator[Problem]:
    """Why a key must not be used.

    Args:
        key: the public half.
        place: where it stands.
        whose: begins the sentence: ``its key``.
        serves: whether a TLS server shows it: gRPC's TLS library takes no Ed25519 from one.
    """
    match key:
        case rsa.RSAPublicKey():
            if key.key_size < _RSA_BITS:
                yield Problem(f"{whose} is RSA with {key.key_size} bits, which is too weak", place, _STRONG_KEY)
            if key.public_numbers().e < _RSA_EXPONENT:
                yield Problem(f"{whose} is RSA with a small exponent, which is too weak", place, _STRONG_KEY)
        case ec.EllipticCurvePublicKey():
            if not isinstance(key.curve, _CURVES):
                yield Problem(f"{whose} is on the curve {key.curve.name}, which etcd does not take", place, _STRONG_KEY)
        case ed25519.Ed25519PublicKey():
            if serves:
                yield Problem(
                    f"{whose} is Ed25519, which clients of etcd do not take from a server", place, _STRONG_KEY
                )
        case _:
            yield Problem(f"{whose} is of a type that etcd does not take", place, _STRONG_KEY)


def signature_problems(certificate: x509.Certificate, place: Place, whose: str) -> Iterator[Problem]:
    """Why the signature on a certificate must not be believed: its hash; ``whose`` begins the sentence."""
    hint = "have the authority sign with SHA-256 or stronger"
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        yield Problem(f"{whose} is by an algorithm that etcd does not know", place, hint)
        return
    if algorithm is None:
        if certificate.signature_algorithm_oid != SignatureAlgorithmOID.ED25519:
            yield Problem(f"{whose} is by an algorithm that etcd does not know", place, hint)
    elif not isinstance(algorithm, _HASHES):
        yield Problem(f"{whose} is made with {algorithm.name.upper()}, which is too weak", place, hint)


def is_of_type(key: PublicKeyTypes, key_type: KeyType) -> bool:
    """Whether a key is of the algorithm and size that the spec asks for."""
    match key_type:
        case KeyType.ECDSA_P256 | KeyType.ECDSA_P384:
            curve = ec.SECP256R1 if key_type is KeyType.ECDSA_P256 else ec.SECP384R1
            return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, curve)
        case KeyType.ED25519:
            return isinstance(key, ed25519.Ed25519PublicKey)
        case KeyType.RSA_2048 | KeyType.RSA_4096:
            return isinstance(key, rsa.RSAPublicKey) and key.key_size == (
                2048 if key_type is KeyType.RSA_2048 else 4096
            )
