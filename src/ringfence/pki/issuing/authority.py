"""What signs certificates: the protocol, and the built-in authority that holds its key.

An authority decides everything but the request, the lifetime and the moment. It keeps no list of what it issued, and
it reads and writes no file: the store does.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import compress
from typing import Protocol, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ringfence.errors import CertificateError, Place, Problem
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType
from ringfence.model.issuance import Ending
from ringfence.pki.chain import authority_problems, first_to_end, load_chain
from ringfence.pki.constraints import constraint_problems
from ringfence.pki.issuing.clients import clients_of
from ringfence.pki.issuing.leaves import Blank, Leaves
from ringfence.pki.keys import PrivateKey, digest_for, generate, key_pem, load_key, same_public_key
from ringfence.pki.passphrase import Passphrase
from ringfence.pki.pem import Issued, PemFile
from ringfence.pki.profiles import authority_extensions, check_request, extension, key_type_for

BACKDATED = timedelta(minutes=5)
"""How far before its making a certificate is valid, for clocks that are behind."""

_OWN = (
    "only a root may lie here: name an authority that another one signed in `pki.file`, as ca, key and chain, and move "
    "this one away"
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """What it takes to sign, as bytes that can go to another process of ours and nowhere else.

    Args:
        certificate: the authority's own certificate, PEM.
        key: its private key, PKCS#8 PEM, not encrypted: a passphrase is asked for once and not in each process.
        chain: see `FileAuthority`.
        ca_certificate: see `FileAuthority`.
        key_type: the algorithm of the keys to make.
    """

    certificate: bytes
    key: bytes = field(repr=False)
    chain: bytes
    ca_certificate: bytes
    key_type: KeyType


class FileAuthority:
    """The built-in authority: a key and a certificate that lie in files.

    What does not change from one certificate to the next is made once, here.

    Args:
        certificate: its own certificate.
        key: the private key of that certificate.
        ca_certificate: the PEM bundle that is to be trusted.
        key_type: the algorithm of the keys that it makes for others.
        chain: PEM, what stands between its certificates and the bundle and goes into their files: itself and what is
            above it but the root; empty for a root.
    """

    def __init__(
        self,
        certificate: x509.Certificate,
        key: PrivateKey,
        ca_certificate: bytes,
        key_type: KeyType,
        chain: bytes = b"",
    ) -> None:
        self.ca_certificate = ca_certificate
        self.key_type = key_type
        self._certificate = certificate
        self._key = key
        self._chain = chain
        self._not_before = certificate.not_valid_before_utc
        self.ending = _ending_of(certificate, ca_certificate, chain)
        self._leaves = Leaves(certificate, key, key_type)
        self._clients = clients_of(self._leaves, certificate, key, key_type)

    @classmethod
    def create(
        cls, key_type: KeyType, lifetime: timedelta, now: datetime, passphrase: Passphrase | None = None
    ) -> tuple[Self, Issued]:
        """A new authority, and the files that keep it.

        Its subject has no Common Name: the v2 API of etcd tries the Common Name of every certificate in the chain
        as a user, the authority's included.

        Args:
            key_type: the algorithm of its own key and of those that it will make.
            lifetime: of the authority, from ``now`` on.
            now: the moment, with a time zone.
            passphrase: to encrypt the file of its key with.
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
        return cls(certificate, key, pem, key_type), Issued(pem, key_pem(key, passphrase))

    @classmethod
    def load(
        cls,
        certificate: PemFile,
        key: PemFile,
        key_type: KeyType,
        now: datetime,
        passphrase: Passphrase | None = None,
        hosts: Collection[str] = (),
    ) -> Self:
        """The root that two files keep.

        Args:
            certificate: its PEM bundle, its own certificate first.
            key: the private key of that certificate.
            key_type: the algorithm of the keys that it will make.
            now: the moment at which it must be valid, with a time zone.
            passphrase: what the key is encrypted with; None for one that is not.
            hosts: DNS names and addresses that it is to sign now.

        Raises:
            CertificateError: unreadable, no authority, no root, weak, not allowed to sign for these hosts, not valid
                now, or the key is not that certificate's, or does not open.
        """
        problems: list[Problem] = []
        own, private = None, None
        try:
            own = load_chain(certificate)[0]
            problems += authority_problems(own, now, certificate.place)
            problems += constraint_problems(own, hosts, certificate.place, "the authority")
            if own.subject != own.issuer:
                what = f"the authority is no root: {own.issuer.rfc4514_string() or 'somebody'} signed it"
                problems.append(Problem(what, certificate.place, _OWN))
        except CertificateError as error:
            problems += error.problems
        try:
            private = load_key(key, passphrase)
        except CertificateError as error:
            problems += error.problems
        if own is not None and private is not None:
            problems += key_problem(own, certificate.place, private, key.place)
        if problems:
            raise CertificateError(*problems)
        assert own is not None
        assert private is not None
        return cls(own, private, certificate.content, key_type)

    @classmethod
    def of(cls, signer: Signer) -> Self:
        """The authority that another process gave away; nothing is checked again."""
        certificate = x509.load_pem_x509_certificate(signer.certificate)
        key = load_key(PemFile(signer.key, Place("the authority's key")))
        return cls(certificate, key, signer.ca_certificate, signer.key_type, signer.chain)

    def signer(self) -> Signer:
        """What another process of ours needs to sign as this one does."""
        return Signer(
            certificate=self._certificate.public_bytes(Encoding.PEM),
            key=key_pem(self._key),
            chain=self._chain,
            ca_certificate=self.ca_certificate,
            key_type=self.key_type,
        )

    def issue(self, request: CertificateRequest, lifetime: timedelta, now: datetime) -> Issued:
        """A new key and its certificate; see `Authority.issue`."""
        (issued,) = self.issue_all(((request, lifetime),), now)
        return issued

    def issue_all(self, wanted: Sequence[tuple[CertificateRequest, timedelta]], now: datetime) -> tuple[Issued, ...]:
        """New keys and their certificates, in the order of the requests.

        Each step is done for all of them before the next one: a processor is quicker at what it has just done.

        Args:
            wanted: some dozens: what each certificate is to be, and its lifetime from ``now`` on.
            now: the moment, with a time zone.

        Raises:
            CertificateError: as `Authority.issue`.
        """
        for request, _ in wanted:
            check_request(request)
        if not self._not_before <= now <= self.ending.not_after:
            hint = "set the clock right, or make a new authority"
            raise CertificateError.of("the authority's own certificate is not valid now", hint=hint)
        latest = self.ending.not_after
        blanks = [
            Blank(request, generate(key_type_for(request.kind, self.key_type)), *_span(now, lifetime, latest))
            for request, lifetime in wanted
        ]
        quick = [self._clients is not None and blank.request.kind is CertificateKind.CLIENT for blank in blanks]
        by_template = iter(() if self._clients is None else self._clients.issue_all(list(compress(blanks, quick))))
        certificates = [
            next(by_template) if is_quick else self._leaves.build(blank, _serial()).public_bytes(Encoding.PEM)
            for blank, is_quick in zip(blanks, quick, strict=True)
        ]
        keys = [key_pem(blank.key) for blank in blanks]
        return tuple(Issued(pem + self._chain, key) for pem, key in zip(certificates, keys, strict=True))


def key_problem(
    certificate: x509.Certificate, certificate_place: Place, key: PrivateKey, key_place: Place
) -> tuple[Problem, ...]:
    """That a key is not the one of an authority's certificate, if so."""
    if same_public_key(certificate.public_key(), key.public_key()):
        return ()
    hint = "restore both from the same backup: only the key that fits can sign"
    what = f"this key does not belong to the authority's certificate {certificate_place.file}"
    return (Problem(what, key_place, hint),)


def _serial() -> int:
    """A serial with 128 random bits under a leading 1: 17 bytes, where RFC 5280 allows 20, and always positive."""
    return 1 << 128 | secrets.randbits(128)


def _ending_of(certificate: x509.Certificate, ca_certificate: bytes, chain: bytes) -> Ending:
    """Until when an authority is believed: until the first of its chain ends; a root's bundle may hold others."""
    above = x509.load_pem_x509_certificates(chain + ca_certificate) if chain else ()
    return first_to_end((certificate, *above))


@lru_cache(maxsize=8)
def _span(now: datetime, lifetime: timedelta, latest: datetime) -> tuple[datetime, datetime]:
    """The dates of a certificate; the same for thousands of them."""
    return _plain(now - BACKDATED), _plain(min(now + lifetime, latest))


def _plain(moment: datetime) -> datetime:
    """The moment as the builder's constructor wants it: UTC without a zone, in whole seconds."""
    assert moment.tzinfo is not None
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
