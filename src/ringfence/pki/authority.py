"""What signs certificates: the protocol, and the built-in authority that holds its key.

An authority decides everything but the request, the lifetime and the moment. It keeps no list of what it issued, and
it reads and writes no file: the store does.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ringfence.errors import CertificateError, Problem
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType
from ringfence.pki.chain import authority_problems
from ringfence.pki.keys import PrivateKey, digest_for, generate, key_pem, same_public_key
from ringfence.pki.names import NOBODY, alternative_names, subject
from ringfence.pki.pair import load_pair
from ringfence.pki.pem import PemFile
from ringfence.pki.profiles import authority_extensions, check_request, extension, key_type_for, leaf_extensions

BACKDATED = timedelta(minutes=5)
"""How far before its making a certificate is valid, for clocks that are behind."""

_LEAVES = tuple(kind for kind in CertificateKind if kind is not CertificateKind.CA)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new certificate with its key, both PEM."""

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)


class Authority(Protocol):
    """Whatever can sign certificates for this cluster."""

    @property
    def ca_certificate(self) -> bytes:
        """The PEM bundle that members and clients have to trust."""

    def issue(self, request: CertificateRequest, lifetime: timedelta, now: datetime) -> Issued:
        """A new key and its certificate.

        Args:
            request: what the certificate is to be.
            lifetime: from ``now`` on; cut where the authority's own certificate ends.
            now: the moment, with a time zone.

        Raises:
            CertificateError: the request does not fit its profile, or the authority cannot sign now.
        """


class FileAuthority:
    """The built-in authority: a key and a certificate that usually lie in the store.

    What does not change from one certificate to the next is made once, here.

    Args:
        certificate: its own certificate.
        key: the private key of that certificate.
        ca_certificate: the PEM bundle that is to be trusted.
        key_type: the algorithm of the keys that it makes for others.
    """

    def __init__(
        self, certificate: x509.Certificate, key: PrivateKey, ca_certificate: bytes, key_type: KeyType
    ) -> None:
        self.ca_certificate = ca_certificate
        self._key = key
        self._digest = digest_for(key)
        self._key_type = key_type
        self._issuer = certificate.subject
        self._not_before = certificate.not_valid_before_utc
        self._not_after = certificate.not_valid_after_utc
        identifier = extension(_issuer_identifier(certificate))
        self._extensions: dict[CertificateKind, list[x509.Extension[x509.ExtensionType]]] = {
            kind: [_encoded(each) for each in (*leaf_extensions(kind, key_type), identifier)] for kind in _LEAVES
        }

    @classmethod
    def create(cls, key_type: KeyType, lifetime: timedelta, now: datetime) -> tuple[Self, Issued]:
        """A new authority, and the files that keep it.

        Its subject has no Common Name: the v2 API of etcd tries the Common Name of every certificate in the chain
        as a user, the authority's included.

        Args:
            key_type: the algorithm of its own key and of those that it will make.
            lifetime: of the authority, from ``now`` on.
            now: the moment, with a time zone.
        """
        key = generate(key_type)
        public = key.public_key()
        # The random part keeps authorities that follow each other apart for people and for tools that look at names.
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ringfence"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"etcd authority {secrets.token_hex(4)}"),
            ]
        )
        own = x509.SubjectKeyIdentifier.from_public_key(public)
        identifiers = [own, x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)]
        certificate = x509.CertificateBuilder(
            name,
            name,
            public,
            _serial(),
            _plain(now - BACKDATED),
            _plain(now + lifetime),
            [*authority_extensions(), *(extension(each) for each in identifiers)],
        ).sign(key, digest_for(key))
        pem = certificate.public_bytes(Encoding.PEM)
        return cls(certificate, key, pem, key_type), Issued(pem, key_pem(key))

    @classmethod
    def load(cls, certificate: PemFile, key: PemFile, key_type: KeyType, now: datetime) -> Self:
        """The authority that two files keep.

        Args:
            certificate: its PEM bundle, its own certificate first.
            key: the private key of that certificate.
            key_type: the algorithm of the keys that it will make.
            now: the moment at which it must be valid, with a time zone.

        Raises:
            CertificateError: unreadable, no authority, not valid now, or the key is not that certificate's.
        """
        pair = load_pair(certificate, key)
        problems = list(authority_problems(pair.certificate, now, certificate.place))
        if not same_public_key(pair.certificate.public_key(), pair.key.public_key()):
            hint = "restore both from the same backup: only the key that fits can sign"
            what = f"this key does not belong to the authority's certificate {certificate.place.file}"
            problems.append(Problem(what, key.place, hint))
        if problems:
            raise CertificateError(*problems)
        return cls(pair.certificate, pair.key, certificate.content, key_type)

    def issue(self, request: CertificateRequest, lifetime: timedelta, now: datetime) -> Issued:
        """A new key and its certificate; see `Authority.issue`."""
        check_request(request)
        if not self._not_before <= now <= self._not_after:
            hint = "set the clock right, or make a new authority"
            raise CertificateError.of("the authority's own certificate is not valid now", hint=hint)
        key = generate(key_type_for(request.kind, self._key_type))
        public = key.public_key()
        extensions = [*self._extensions[request.kind], extension(x509.SubjectKeyIdentifier.from_public_key(public))]
        if request.hosts:
            # RFC 5280, 4.2.1.6: an empty subject makes the alternative name critical.
            names = alternative_names(request.hosts)
            extensions.append(extension(names, critical=request.common_name is None))
        certificate = x509.CertificateBuilder(
            self._issuer,
            subject(request.common_name) if request.common_name is not None else NOBODY,
            public,
            _serial(),
            _plain(now - BACKDATED),
            _plain(min(now + lifetime, self._not_after)),
            extensions,
        ).sign(self._key, self._digest)
        return Issued(certificate.public_bytes(Encoding.PEM), key_pem(key))


def _issuer_identifier(certificate: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """The identifier by which a leaf names its issuer's key, taken from the issuer where it has one."""
    try:
        own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        own = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _encoded(plain: x509.Extension[x509.ExtensionType]) -> x509.Extension[x509.ExtensionType]:
    """The same extension, already encoded: the builder then copies it instead of encoding it each time."""
    return x509.Extension(plain.oid, plain.critical, x509.UnrecognizedExtension(plain.oid, plain.value.public_bytes()))


def _serial() -> int:
    """A serial with 128 random bits under a leading 1: 17 bytes, where RFC 5280 allows 20, and always positive."""
    return 1 << 128 | int.from_bytes(os.urandom(16), "big")


def _plain(moment: datetime) -> datetime:
    """The moment as the builder's constructor wants it: UTC without a zone, in whole seconds."""
    assert moment.tzinfo is not None
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
