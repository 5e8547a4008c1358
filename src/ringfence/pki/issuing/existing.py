"""An authority that exists already: a root, or an issuing intermediate of a root whose key lies elsewhere, offline.

Its files are read and never written. A chain that etcd or a client would refuse is refused here, before anything is
signed: the rules are those of Go's verifier (crypto/x509/verify.go), and the order is the one that TLS asks for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ringfence.errors import CertificateError, FileError, Place, Problem
from ringfence.model.certificate import KeyType
from ringfence.pki.chain import as_pem, authority_problems, find, is_signed_by, load_chain
from ringfence.pki.constraints import constraint_problems
from ringfence.pki.folder.store import read_file
from ringfence.pki.issuing.authority import FileAuthority, key_problem
from ringfence.pki.keys import PrivateKey, load_key, same_public_key
from ringfence.pki.passphrase import Passphrase
from ringfence.pki.profiles import CLIENT_AUTH, SERVER_AUTH
from ringfence.pki.strength import signature_problems

_NEEDED = {CLIENT_AUTH, SERVER_AUTH}
_ORDER = "put the issuing authority first, then who signed it, and so on, the root last"
_WHOLE = "name everything above the authority in `pki.file.chain`, the root last: members and clients trust the root"


@dataclass(frozen=True, slots=True)
class ExistingFiles:
    """``pki.file``: the authority's certificate and key, and what is above it, up to the root."""

    ca: Path
    key: Path
    chain: Path | None = None


@dataclass(frozen=True, slots=True)
class _Link:
    """A certificate of the chain and the file that it stands in."""

    certificate: x509.Certificate
    place: Place

    @property
    def name(self) -> str:
        return self.certificate.subject.rfc4514_string() or "an authority without a name"


def load_existing(
    files: ExistingFiles,
    key_type: KeyType,
    now: datetime,
    passphrase: Passphrase | None = None,
    hosts: Collection[str] = (),
) -> FileAuthority:
    """The authority of these files, ready to sign.

    Args:
        files: where they are.
        key_type: the algorithm of the keys that it will make.
        now: the moment at which all of the chain must be valid, with a time zone.
        passphrase: what the key is encrypted with; None for one that is not.
        hosts: DNS names and addresses that it is to sign now.

    Raises:
        CertificateError: what is wrong with the files, with the key, with the chain, or with a part of it.
    """
    problems: list[Problem] = []
    links: list[_Link] = []
    key: PrivateKey | None = None
    for path in (files.ca, files.chain):
        if path is not None:
            try:
                found = read_file(path, private=False)
                links += (_Link(each, found.place) for each in load_chain(found))
            except (FileError, CertificateError) as error:
                problems += error.problems
    key_place = Place(str(files.key))
    try:
        key = load_key(read_file(files.key, private=True), passphrase)
    except (FileError, CertificateError) as error:
        problems += error.problems
    if not problems:
        assert key is not None
        once: dict[x509.Certificate, _Link] = {}  # the authority often stands in its chain, too
        for link in links:
            once.setdefault(link.certificate, link)
        links = list(once.values())
        problems += _key_problems(links, key, key_place)
        problems += _chain_problems(links, now)
        for link in links:
            problems += constraint_problems(link.certificate, hosts, link.place, link.name)
    if problems:
        raise CertificateError(*problems)
    assert key is not None
    *below, root = (link.certificate for link in links)
    return FileAuthority(links[0].certificate, key, as_pem([root]), key_type, as_pem(below))


def _key_problems(links: Sequence[_Link], key: PrivateKey, place: Place) -> Iterator[Problem]:
    first = links[0]
    if any(same_public_key(each.certificate.public_key(), key.public_key()) for each in links[1:]):
        yield Problem("the certificates are in the wrong order: the key belongs to a later one", first.place, _ORDER)
    else:
        yield from key_problem(first.certificate, first.place, key, place)


def _chain_problems(links: Sequence[_Link], now: datetime) -> Iterator[Problem]:
    yield from _order_problems(links)
    below = 0  # authorities between this one and a leaf; those issued to themselves are not counted (RFC 5280, 4.2.1.9)
    for position, link in enumerate(links):
        certificate = link.certificate
        named = "" if len(links) == 1 else f"{link.name}: "
        for problem in authority_problems(certificate, now, link.place):
            yield Problem(f"{named}{problem.what}", problem.place, problem.hint)
        if position < len(links) - 1:  # the signature on a root convinces nobody of anything
            yield from signature_problems(certificate, link.place, f"{named}its signature")
        yield from _limit_problems(link, below)
        below += certificate.subject != certificate.issuer


def _order_problems(links: Sequence[_Link]) -> Iterator[Problem]:
    """Each must have signed the one before it, and the last itself."""
    for position, (link, following) in enumerate(pairwise(links)):
        if is_signed_by(link.certificate, following.certificate):
            continue
        others = [each for each in links[position + 2 :] if is_signed_by(link.certificate, each.certificate)]
        if others or is_signed_by(link.certificate, link.certificate):
            what = f"the certificates are in the wrong order: {following.name} did not sign {link.name}"
            yield Problem(what, following.place, _ORDER)
        else:
            issuer = link.certificate.issuer.rfc4514_string() or "nobody named"
            what = f"a link of the chain is missing: the certificate that signed {link.name} (its issuer is {issuer})"
            yield Problem(what, following.place, _WHOLE)
        return
    last = links[-1]
    if not is_signed_by(last.certificate, last.certificate):
        issuer = last.certificate.issuer.rfc4514_string() or "nobody named"
        what = f"the chain ends before its root: {last.name} was signed by {issuer}"
        yield Problem(what, last.place, _WHOLE)


def _limit_problems(link: _Link, below: int) -> Iterator[Problem]:
    """Why what it signs would not be believed, although it is an authority."""
    constraints = find(link.certificate, x509.BasicConstraints)
    if constraints is not None and constraints.path_length is not None and below > constraints.path_length:
        what = f"{link.name} allows {constraints.path_length} authorities below it, and there are {below}"
        hint = "use an authority nearer to the root, or have the one above signed with a greater path length"
        yield Problem(what, link.place, hint)
    usages = find(link.certificate, x509.ExtendedKeyUsage)
    allowed = set(_NEEDED if usages is None else usages)
    if not (allowed >= _NEEDED or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in allowed):
        what = f"{link.name} may not sign for TLS clients and servers both: its extended key usages leave one out"
        yield Problem(what, link.place, "use an authority with clientAuth and serverAuth, or without such a limit")
