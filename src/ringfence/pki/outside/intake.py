"""Which certificate that was handed in answers which request, and which of them may be used.

The key tells: a file may have any name and hold others' certificates too. Reads the store, writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509

from ringfence.errors import CertificateError, Place, Problem
from ringfence.model.certificate import Validity
from ringfence.model.issuance import Condition
from ringfence.pki.chain import is_authority, load_chain
from ringfence.pki.keys import key_pem
from ringfence.pki.outside.acceptance import Expected, judge
from ringfence.pki.outside.csr import public_key_sha256
from ringfence.pki.outside.delivery import Delivered, links_of
from ringfence.pki.outside.exchange import Arrival, Exchange
from ringfence.pki.outside.standing import Stage, Standing
from ringfence.pki.outside.trust import Trust


@dataclass(frozen=True, slots=True)
class Intake:
    """What may be put to use, what is in use already, and why the rest may not be used."""

    arrivals: tuple[Arrival, ...]
    unchanged: tuple[str, ...]
    problems: tuple[Problem, ...]


def take_in(
    standings: Sequence[Standing],
    delivered: Sequence[Delivered],
    exchange: Exchange,
    trust: Trust,
    validity: Validity,
    now: datetime,
) -> Intake:
    """Find the request that each certificate answers, and judge it.

    Args:
        standings: how every certificate that should exist stands.
        delivered: what was handed in.
        exchange: the store and the requests.
        trust: whom to believe.
        validity: how long certificates may live.
        now: the moment, with a time zone.

    Raises:
        FileError: a certificate in the store cannot be read.
    """
    waiting, problems = _by_key(standings, exchange)
    answers: dict[str, list[Delivered]] = defaultdict(list)
    others: list[Delivered] = []
    for each in delivered:
        standing = waiting.get(public_key_sha256(each.certificate.public_key()))
        if standing is None:
            others.append(each)
        else:
            answers[standing.name].append(each)
    links = tuple(dict.fromkeys((*trust.links, *links_of(delivered))))
    arrivals: list[Arrival] = []
    for standing in waiting.values():
        candidates = answers[standing.name]
        if len({each.certificate for each in candidates}) > 1:
            problems += _which(standing, candidates)
        elif candidates:
            verdict = judge(
                candidates[0].certificate, candidates[0].place, _expected(standing, trust, links, validity), now
            )
            problems += _named(verdict.problems, standing)
            if not verdict.problems:
                key = None if standing.private is None else key_pem(standing.private)
                renewal = standing.found.condition in {Condition.GOOD, Condition.DUE}
                arrivals.append(Arrival(standing.name, verdict.chain_pem, key, renewal))
    unchanged, unwanted = _sort_others(others, standings, exchange)
    return Intake(tuple(arrivals), unchanged, (*problems, *unwanted))


def _by_key(standings: Iterable[Standing], exchange: Exchange) -> tuple[dict[str, Standing], list[Problem]]:
    """What waits for a certificate, by the digest of its key; none where two have the same key."""
    sharing: dict[str, list[Standing]] = defaultdict(list)
    for each in standings:
        if each.stage is Stage.OUT and each.key is not None:
            sharing[public_key_sha256(each.key)].append(each)
    problems = [
        Problem(
            f"is for the same key as {', '.join(other.name for other in those if other is not each)}",
            Place(str(exchange.csr_path(each.name))),
            "make a key for each",
        )
        for those in sharing.values()
        if len(those) > 1
        for each in those
    ]
    return {digest: those[0] for digest, those in sharing.items() if len(those) == 1}, problems


def _expected(standing: Standing, trust: Trust, links: Sequence[x509.Certificate], validity: Validity) -> Expected:
    assert standing.key is not None
    request = standing.found.request
    return Expected(
        request=request, key=standing.key, lifetime=validity.of(request.kind), trusted=trust.anchors, links=links
    )


def _named(problems: Iterable[Problem], standing: Standing) -> Iterator[Problem]:
    """With the name of the certificate: the file may be called otherwise, or hold several."""
    for each in problems:
        yield replace(each, what=f"the certificate for {standing.name} {each.what}")


def _which(standing: Standing, candidates: Sequence[Delivered]) -> Iterator[Problem]:
    files = ", ".join(dict.fromkeys(str(each.path) for each in candidates))
    yield Problem(
        f"there are different certificates for {standing.name}: {files}",
        candidates[0].place,
        "keep the one that is to be used",
    )


def _sort_others(
    others: Sequence[Delivered], standings: Sequence[Standing], exchange: Exchange
) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Of certificates that answer no request: those in use already, and the problems of the rest."""
    leaves = [each for each in others if not is_authority(each.certificate)]
    if not leaves:
        return (), ()
    in_use = {certificate: name for name, certificate in _in_use(standings, exchange)}
    named = {each.name: each for each in standings}
    unchanged = dict.fromkeys(in_use[each.certificate] for each in leaves if each.certificate in in_use)
    strangers = (each for each in leaves if each.certificate not in in_use)
    return tuple(unchanged), tuple(_unwanted(each, named.get(each.path.stem), exchange) for each in strangers)


def _in_use(standings: Iterable[Standing], exchange: Exchange) -> Iterator[tuple[str, x509.Certificate]]:
    for each in standings:
        file = exchange.store.read_certificate(each.name)
        if file is not None:
            try:
                yield each.name, load_chain(file)[0]
            except CertificateError:
                continue  # it is asked for anew, and then said


def _unwanted(each: Delivered, standing: Standing | None, exchange: Exchange) -> Problem:
    """Why a certificate whose key nobody has is of no use; a file's name tells what it was meant for."""
    if standing is None:
        subject = each.certificate.subject.rfc4514_string() or "nobody"
        what, hint = f"no request waits for this certificate (its subject is {subject})", "take it out"
    elif standing.stage is Stage.OUT:
        what = f"does not belong to the key that waits for {standing.name}"
        hint = (
            f"have {exchange.csr_path(standing.name)} signed as it lies there now; an older request may have been taken"
        )
    elif standing.stage is Stage.NODE:
        what = f"the request for {standing.name} is not here, so its key is not known"
        hint = f"bring {standing.name}.csr from the machine that made it into {exchange.requests}"
    else:
        what = f"nobody asked for this certificate for {standing.name}"
        hint = "if it is an old one, take it out; else ask first: `ringfence certs issue`"
    return Problem(what, each.place, hint)
