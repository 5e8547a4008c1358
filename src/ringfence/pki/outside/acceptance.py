"""Whether a certificate that an authority elsewhere signed is the one that was asked for: every reason why not.

The built-in authority is trusted to follow the profiles; one elsewhere is not. So this is stricter than what is asked
of a pair that lies in the store: nothing may be in a certificate that gives more than its profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from ringfence.errors import Place, Problem
from ringfence.model.certificate import CertificateRequest
from ringfence.pki.chain import date_problems, find, is_authority
from ringfence.pki.critical import critical_problems
from ringfence.pki.describe import USAGE_NAMES, usage_names
from ringfence.pki.keys import same_public_key
from ringfence.pki.names import hosts_of, same_host
from ringfence.pki.outside.linking import link
from ringfence.pki.pair import name_problems, usage_problems
from ringfence.pki.profiles import PROFILES, SERVER_AUTH
from ringfence.pki.strength import key_problems, signature_problems

SLACK = timedelta(days=1)
"""How much longer than asked a certificate may live: authorities backdate, and count in whole days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a certificate is held against.

    Args:
        request: what it is to be.
        key: the public key that it was asked for with.
        lifetime: the longest that it may live.
        trusted: the authorities that it has to lead up to.
        links: authorities that may stand between, in any order.
    """

    request: CertificateRequest
    key: PublicKeyTypes
    lifetime: timedelta
    trusted: Sequence[x509.Certificate]
    links: Sequence[x509.Certificate]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The certificate with what stands between it and the authority, as PEM; to be used where there is no problem."""

    chain_pem: bytes
    problems: tuple[Problem, ...]


def judge(certificate: x509.Certificate, place: Place, expected: Expected, now: datetime) -> Verdict:
    """Hold a certificate against what was asked for.

    Args:
        certificate: it alone, without what is above it.
        place: the file that it came in.
        expected: what it is to be.
        now: the moment, with a time zone.
    """
    usages = PROFILES[expected.request.kind].usages
    linked = link(certificate, expected.links, expected.trusted, usages, now, place)
    chain = b"".join(each.public_bytes(Encoding.PEM) for each in (certificate, *linked.between))
    return Verdict(chain, (*_problems(certificate, place, expected, now), *linked.problems))


def _problems(certificate: x509.Certificate, place: Place, expected: Expected, now: datetime) -> Iterator[Problem]:
    request = expected.request
    if not same_public_key(certificate.public_key(), expected.key):
        hint = "have the request signed that lies there now; an older one may have been taken"
        yield Problem("does not belong to the key that it was asked for with", place, hint)
    for problem in name_problems(certificate, place, request.common_name):
        yield replace(problem, hint=_subject_hint(request))
    yield from _role_problems(certificate, place, request)
    yield from _host_problems(certificate, place, request)
    yield from _date_problems(certificate, place, expected.lifetime, now)
    serves = SERVER_AUTH in PROFILES[request.kind].usages
    yield from key_problems(certificate.public_key(), place, "its key", serves=serves)
    yield from signature_problems(certificate, place, "its signature")
    yield from critical_problems(certificate, place, "it")


def _role_problems(certificate: x509.Certificate, place: Place, request: CertificateRequest) -> Iterator[Problem]:
    """Usages: exactly those of the profile, and no part of an authority."""
    wanted = PROFILES[request.kind].usages
    named = ", ".join(USAGE_NAMES[usage] for usage in wanted)
    hint = f"have it signed with the extended key usage {named} alone, digitalSignature, and CA:FALSE"
    constraints, usage = find(certificate, x509.BasicConstraints), find(certificate, x509.KeyUsage)
    partly = (constraints is not None and constraints.ca) or (usage is not None and usage.key_cert_sign)
    if partly and not is_authority(certificate):
        yield Problem(f"is an authority and must be a {request.kind.value} certificate", place, hint)
    for problem in usage_problems(certificate, place, request):
        yield replace(problem, hint=hint)
    beyond = [name for name in usage_names(certificate) if name not in USAGE_NAMES.values()]
    if beyond:
        yield Problem(f"has usages that nobody asked for: {', '.join(beyond)}", place, hint)


def _host_problems(certificate: x509.Certificate, place: Place, request: CertificateRequest) -> Iterator[Problem]:
    """Hosts: exactly those asked for; a client may carry its own name once more, as many authorities write it."""
    alternative = find(certificate, x509.SubjectAlternativeName)
    present = {} if alternative is None else {same_host(host): host for host in hosts_of(alternative)}
    asked = {same_host(host): host for host in request.hosts}
    listed = ", ".join(request.hosts) or "none"
    hint = f"have it signed with these alternative names and no others: {listed}"
    missing = [host for key, host in asked.items() if key not in present]
    if missing:
        yield Problem(f"lacks {', '.join(missing)} among its hosts", place, hint)
    spare = set() if request.hosts or request.common_name is None else {same_host(request.common_name)}
    extra = [host for key, host in present.items() if key not in asked and key not in spare]
    if extra:
        yield Problem(f"stands for hosts that nobody asked for: {', '.join(extra)}", place, hint)


def _date_problems(
    certificate: x509.Certificate, place: Place, lifetime: timedelta, now: datetime
) -> Iterator[Problem]:
    late = now > certificate.not_valid_after_utc
    for problem in date_problems(certificate, now, place):
        yield replace(problem, hint="have it signed again") if late else problem
    length = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    if length > lifetime + SLACK:
        yield Problem(
            f"is valid for {_days(length)}, asked were {_days(lifetime)}",
            place,
            "have it signed for as long as asked; or, to live with it, raise `pki.validity` in the spec",
        )


def _subject_hint(request: CertificateRequest) -> str:
    if request.common_name is None:
        return "have it signed with a subject without a Common Name: empty, or an organization alone"
    return f"have it signed with CN={request.common_name} as the only Common Name, each byte as in the request"


def _days(length: timedelta) -> str:
    return f"{length.days} d" if length >= timedelta(days=2) else f"{length.total_seconds() / 3600:.4g} h"
