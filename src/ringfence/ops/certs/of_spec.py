"""What the spec says about its certificates, as the arguments of the other modules here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from ringfence.errors import Problem
from ringfence.model.certificate import CertificateRequest
from ringfence.model.issuance import Condition, Issuance, ListedCertificate
from ringfence.ops.certs.authority import issuer_source
from ringfence.ops.certs.due import Due
from ringfence.ops.certs.effects import effects
from ringfence.ops.certs.issuing import issue_certificates
from ringfence.ops.certs.listing import list_certificates
from ringfence.ops.certs.posting import made_on_nodes
from ringfence.ops.certs.renewing import renew_certificates
from ringfence.ops.telling import Advance
from ringfence.pki.folder.store import Store
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.certificates import requests


async def issue(spec: Spec, wanted: Wanted, now: datetime, progress: Advance | None = None) -> Issuance:
    """Issue what the spec asks for; see ``issue_certificates``."""
    asked = requests(spec, wanted)
    store, source = Store(spec.pki.directory), issuer_source(spec.pki)
    result = await issue_certificates(asked, store, source, validity=spec.pki.validity, now=now, progress=progress)
    return _with_effects(result, spec, wanted, asked)


async def renew(
    spec: Spec,
    wanted: Wanted,
    now: datetime,
    *,
    names: Collection[str] = (),
    due: Due | None = None,
    progress: Advance | None = None,
) -> Issuance:
    """Renew what is named, or due; see ``renew_certificates``."""
    asked = requests(spec, wanted)
    store, source = Store(spec.pki.directory), issuer_source(spec.pki)
    result = await renew_certificates(
        asked, store, source, validity=spec.pki.validity, now=now, names=names, due=due, progress=progress
    )
    return _with_effects(result, spec, wanted, asked)


async def listing(spec: Spec, wanted: Wanted, now: datetime) -> tuple[ListedCertificate, ...]:
    """List what the spec asks for and what lies beside it; see ``list_certificates``."""
    asked = requests(spec, wanted)
    return await list_certificates(asked, Store(spec.pki.directory), now, made_on_nodes(spec.pki, asked))


async def expiring(spec: Spec, wanted: Wanted, now: datetime, within: timedelta) -> tuple[ListedCertificate, ...]:
    """Of the authority and what the spec asks for: what ends within that time, has ended, or cannot be used at all.

    What is waited for from an authority elsewhere is missing, and so it counts.
    """
    rule = Due(within=within)
    return tuple(
        each
        for each in await listing(spec, wanted, now)
        if each.is_wanted and (each.is_broken or rule.holds(each.certificate, now))
    )


async def certificate_problems(spec: Spec, wanted: Wanted, now: datetime) -> list[Problem]:
    """What is wrong with each certificate of the spec that is at hand: dates, chain, key, and the user it names.

    One that is not at hand lies elsewhere, and is the business of who keeps it.
    """
    found = await listing(spec, wanted, now)
    return [
        Problem(f"the certificate of {each.name}: {reason.what}", reason.place, reason.hint)
        for each in found
        if each.request is not None and each.condition is Condition.WRONG
        for reason in each.reasons
    ]


async def due_names(spec: Spec, wanted: Wanted, now: datetime, due: Due) -> tuple[str, ...]:
    """The names of what the spec asks for and is due."""
    found = await listing(spec, wanted, now)
    return tuple(each.name for each in found if each.request is not None and due.holds(each.certificate, now))


def _with_effects(result: Issuance, spec: Spec, wanted: Wanted, asked: tuple[CertificateRequest, ...]) -> Issuance:
    replaced = {each.name for each in result.replaced}
    return replace(result, effects=effects(spec, wanted, asked, replaced))
