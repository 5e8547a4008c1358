"""From a certificate to an authority that is trusted, by way of intermediates that lie about in any order.

What is found goes into the certificate's own file, so that whoever trusts the authority at the top believes it. The
rules for what stands between are Go's, which etcd follows: crypto/x509/verify.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from ringfence.errors import Place, Problem
from ringfence.pki.chain import date_problems, find, is_signed_by, user_problems
from ringfence.pki.constraints import constraint_problems
from ringfence.pki.critical import critical_problems
from ringfence.pki.describe import USAGE_NAMES
from ringfence.pki.names import hosts_of
from ringfence.pki.strength import key_problems, signature_problems

_LONGEST = 6
"""Intermediates in one chain; a company has two or three."""

_NONE = (
    "hand in the intermediate certificates too, in the same file or beside it; or ask which authority signed this one"
)


@dataclass(frozen=True, slots=True)
class Linked:
    """What stands between a certificate and what is trusted, nearest first, and what is wrong with that."""

    between: tuple[x509.Certificate, ...]
    problems: tuple[Problem, ...] = ()


def link(
    certificate: x509.Certificate,
    links: Sequence[x509.Certificate],
    trusted: Sequence[x509.Certificate],
    usages: Sequence[ObjectIdentifier],
    now: datetime,
    place: Place,
) -> Linked:
    """The way from a certificate to one that is trusted: the first without a fault, else the first at all.

    Args:
        certificate: the one to be believed.
        links: authorities that may stand between, in any order.
        trusted: where a way may end.
        usages: the extended key usages that each authority on the way must allow.
        now: the moment, with a time zone.
        place: of the certificate.
    """
    first: Linked | None = None
    for way in _ways(certificate, links, trusted, ()):
        problems = tuple(_way_problems(certificate, way, usages, now, place))
        found = Linked(way[:-1], problems)
        if not problems:
            return found
        first = first or found
    if first is not None:
        return first
    issuer = certificate.issuer.rfc4514_string() or "nobody named"
    what = f"does not lead up to the trusted authority (its issuer is {issuer})"
    return Linked((), (Problem(what, place, _NONE),))


def _ways(
    current: x509.Certificate,
    links: Sequence[x509.Certificate],
    trusted: Sequence[x509.Certificate],
    so_far: tuple[x509.Certificate, ...],
) -> Iterator[tuple[x509.Certificate, ...]]:
    """Every way up: the intermediates, and the trusted authority last."""
    for anchor in trusted:
        if anchor.subject == current.issuer and is_signed_by(current, anchor):
            yield (*so_far, anchor)
    if len(so_far) == _LONGEST:
        return
    above = (each for each in links if each.subject == current.issuer and each not in (*so_far, *trusted))
    for each in above:
        if is_signed_by(current, each):
            yield from _ways(each, links, trusted, (*so_far, each))


def _way_problems(
    certificate: x509.Certificate,
    way: Sequence[x509.Certificate],
    usages: Sequence[ObjectIdentifier],
    now: datetime,
    place: Place,
) -> Iterator[Problem]:
    alternative = find(certificate, x509.SubjectAlternativeName)
    hosts = () if alternative is None else hosts_of(alternative)
    between = 0  # intermediates below, those that an authority issued to itself not counted (RFC 5280, 4.2.1.9)
    for position, authority in enumerate(way):
        whose = f"the authority above it ({authority.subject.rfc4514_string() or 'nobody named'})"
        for problem in date_problems(authority, now, place):
            yield Problem(f"{whose} {problem.what}", place, "have it signed by one that is valid")
        constraints = find(authority, x509.BasicConstraints)
        if constraints is not None and constraints.path_length is not None and between > constraints.path_length:
            what = f"{whose} allows {constraints.path_length} authorities below it, and there are {between}"
            yield Problem(what, place, "have it signed by an authority nearer to the root")
        allowed = set(find(authority, x509.ExtendedKeyUsage) or (*usages,))
        if not allowed & {ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} and not set(usages) <= allowed:
            what = f"{whose} may not sign for {', '.join(USAGE_NAMES[usage] for usage in usages)}"
            yield Problem(what, place, "have an authority for TLS clients and servers sign it")
        yield from constraint_problems(authority, hosts, place, whose)
        yield from critical_problems(authority, place, whose)
        yield from user_problems(authority, place, whose)
        yield from key_problems(authority.public_key(), place, f"the key of {whose}")
        if position < len(way) - 1:  # the signature on what is trusted convinces nobody of anything
            yield from signature_problems(authority, place, f"the signature on {whose}")
        between += authority.subject != authority.issuer
