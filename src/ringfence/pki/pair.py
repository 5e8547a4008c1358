"""A certificate with its key, held against the authorities to trust and against what was asked for.

Every check gives all its reasons. Nothing here opens a file: bytes come in with the place that they came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from ringfence.errors import CertificateError, Place, Problem
from ringfence.model.certificate import CertificateRequest
from ringfence.pki.chain import (
    authority_problems,
    date_problems,
    find,
    is_authority,
    leads_to,
    load_chain,
    trust_problems,
)
from ringfence.pki.describe import usage_names
from ringfence.pki.keys import PrivateKey, load_key, same_public_key
from ringfence.pki.names import common_names, hosts_of, same_host
from ringfence.pki.pem import PemFile
from ringfence.pki.profiles import CLIENT_AUTH, PROFILES, SERVER_AUTH

_AGAIN = "issue it again: `ringfence certs issue`"
_ONE_NAME = "etcd picks one of several Common Names, not always the same: issue it again with one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate, any intermediates after it, and its private key."""

    chain: tuple[x509.Certificate, ...]
    certificate_place: Place
    key: PrivateKey = field(repr=False)
    key_place: Place

    @property
    def certificate(self) -> x509.Certificate:
        """The pair's own certificate."""
        return self.chain[0]


def load_pair(certificate: PemFile, key: PemFile) -> Pair:
    """Both files of a pair; whether they belong together is for `pair_problems`.

    Raises:
        CertificateError: with what is wrong with either file.
    """
    problems: list[Problem] = []
    try:
        chain = load_chain(certificate)
    except CertificateError as error:
        problems += error.problems
    try:
        private = load_key(key)
    except CertificateError as error:
        problems += error.problems
    if problems:
        raise CertificateError(*problems)
    return Pair(chain=chain, certificate_place=certificate.place, key=private, key_place=key.place)


def load_trusted(bundle: PemFile, now: datetime, *, to_dial: bool = False) -> tuple[x509.Certificate, ...]:
    """The authorities of a PEM bundle that are good at that moment; a bundle may also hold one that is on its way out.

    Args:
        bundle: the file.
        now: the moment, with a time zone.
        to_dial: whether a cluster that is there is to be reached by way of them, and nothing is to be issued.

    Raises:
        CertificateError: not readable, or none is good, with the reasons for each.
    """
    check = trust_problems if to_dial else authority_problems
    problems: list[Problem] = []
    trusted = []
    for certificate in load_chain(bundle):
        reasons = check(certificate, now, bundle.place)
        problems += reasons
        if not reasons:
            trusted.append(certificate)
    if not trusted:
        raise CertificateError(*problems)
    return tuple(trusted)


def pair_problems(pair: Pair, trusted: Sequence[x509.Certificate], now: datetime) -> Iterator[Problem]:
    """Why the pair would not be believed: the key, the order of the file, the dates, the signature."""
    place = pair.certificate_place
    public = pair.key.public_key()
    if not same_public_key(pair.certificate.public_key(), public):
        if any(same_public_key(other.public_key(), public) for other in pair.chain[1:]):
            hint = "put the certificate itself first, then the one that signed it"
            yield Problem("the certificates are in the wrong order", place, hint)
        else:
            yield Problem(f"does not belong to the key in {pair.key_place.file}", place, _AGAIN)
    yield from chain_problems(pair.chain, place, trusted, now)


def chain_problems(
    chain: Sequence[x509.Certificate], place: Place, trusted: Sequence[x509.Certificate], now: datetime
) -> Iterator[Problem]:
    """Why a certificate with its intermediates would not be believed, whoever holds the key: dates and signature."""
    yield from date_problems(chain[0], now, place)
    if not leads_to(chain, trusted):
        issuer = chain[0].issuer.rfc4514_string() or "nobody named"
        hint = f"{_AGAIN}, or trust the authority that did sign it"
        yield Problem(f"was not signed by the trusted authority (its issuer is {issuer})", place, hint)


def request_problems(certificate: x509.Certificate, place: Place, request: CertificateRequest) -> Iterator[Problem]:
    """Why a certificate is not the one that was asked for: names, usages, hosts."""
    yield from name_problems(certificate, place, request.common_name)
    yield from usage_problems(certificate, place, request)
    alternative = find(certificate, x509.SubjectAlternativeName)
    present = set() if alternative is None else {same_host(host) for host in hosts_of(alternative)}
    missing = [host for host in request.hosts if same_host(host) not in present]
    if missing:
        yield Problem(f"lacks {', '.join(missing)} among its hosts", place, _AGAIN)


def login_problems(certificate: x509.Certificate, place: Place) -> Iterator[Problem]:
    """Why nobody can log in to etcd with it, whoever it names."""
    names = common_names(certificate.subject)
    if len(names) > 1:
        listed = " and ".join(repr(name) for name in names)
        yield Problem(f"has {len(names)} Common Names ({listed})", place, _ONE_NAME)
    usages = find(certificate, x509.ExtendedKeyUsage)
    if usages is not None and CLIENT_AUTH not in usages:
        listed = ", ".join(usage_names(certificate))
        yield Problem(f"may not be shown by a client: its usages are {listed}", place, _AGAIN)


def name_problems(certificate: x509.Certificate, place: Place, expected: str | None) -> Iterator[Problem]:
    """Why etcd would take it for somebody else: it wants one Common Name, byte for byte the user's."""
    names = common_names(certificate.subject)
    if names == (() if expected is None else (expected,)):
        return
    wanted = "must have none" if expected is None else f"must have {expected!r} alone"
    has = " and ".join(repr(name) for name in names)
    match len(names):
        case 0:
            yield Problem(f"has no Common Name and {wanted}", place, _AGAIN)
        case 1:
            yield Problem(f"has the Common Name {has} and {wanted}", place, _AGAIN)
        case many:
            yield Problem(f"has {many} Common Names ({has}) and {wanted}", place, _ONE_NAME)


def usage_problems(certificate: x509.Certificate, place: Place, request: CertificateRequest) -> Iterator[Problem]:
    """Why it can do less, or more, than a certificate of its kind should."""
    kind = request.kind
    if is_authority(certificate):
        yield Problem(f"is an authority and must be a {kind.value} certificate", place, _AGAIN)
    usage = find(certificate, x509.KeyUsage)
    if usage is not None and not usage.digital_signature:
        yield Problem("lacks the key usage digitalSignature, without which no TLS handshake works", place, _AGAIN)
    present = find(certificate, x509.ExtendedKeyUsage) or x509.ExtendedKeyUsage(())
    for oid, verb in ((SERVER_AUTH, "be shown by a server"), (CLIENT_AUTH, "be shown by a client")):
        if oid in PROFILES[kind].usages and oid not in present:
            yield Problem(
                f"may not {verb}: its usages are {', '.join(usage_names(certificate)) or 'none'}", place, _AGAIN
            )
        if oid not in PROFILES[kind].usages and oid in present:
            yield Problem(f"may {verb}, which a {kind.value} certificate must not", place, _AGAIN)
