"""``certs accept``: what an authority elsewhere signed, judged and put to use.

A certificate goes into the store together with its key, or not at all; one that fails leaves its request waiting, and
keeps none of the others from being accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ringfence.model.certificate import CertificateRequest
from ringfence.model.issuance import Condition
from ringfence.model.outside import Acceptance
from ringfence.ops.certs.posting import made_on_nodes, post, waiting_for
from ringfence.ops.certs.requesting import stand_all
from ringfence.spec.shape import Pki


async def accept_certificates(
    requests: Sequence[CertificateRequest],
    pki: Pki,
    cluster: str,
    *,
    files: Sequence[Path] = (),
    ca: Path | None = None,
    now: datetime,
) -> Acceptance:
    """Take signed certificates.

    Args:
        requests: all certificates that should exist, each with its own name.
        pki: the spec's, with an external authority.
        cluster: its name, for the manifest.
        files: PEM files; without any, those in the folder of requests.
        ca: the bundle of the authority: needed once, and later to be the same.
        now: the moment, with a time zone.

    Raises:
        CertificateError: the bundle is not there, no good, or another one than before.
        FileError: a folder or a file of ringfence's own cannot be used, or somebody else is writing there.
    """
    from ringfence.pki.assess import assess_all
    from ringfence.pki.folder.store import Store
    from ringfence.pki.outside.delivery import certificate_files, read_delivery
    from ringfence.pki.outside.exchange import Exchange
    from ringfence.pki.outside.intake import take_in
    from ringfence.pki.outside.trust import find_trust

    assert pki.external is not None
    store = Store(pki.directory)
    store.check_names(request.name for request in requests)
    exchange = Exchange(store, pki.external.requests)
    with store.locked():
        exchange.prepare()
        trust = find_trust(store, ca, now)
        delivery = read_delivery(files or certificate_files(exchange.requests))
        on_node = made_on_nodes(pki, requests)
        standings = stand_all(assess_all(requests, store, trust.anchors, now, on_node), exchange, pki)
        intake = take_in(standings, delivery.certificates, exchange, trust, pki.validity, now)
        missing = {each.name for each in standings if each.found.condition is Condition.MISSING}
        first = trust.is_new and bool(intake.arrivals)
        if first:
            trust.keep(store, now)
        replaced = store.folder_for_replaced(now)
        exchange.install(intake.arrivals, replaced)
        if intake.arrivals:
            standings = stand_all(assess_all(requests, store, trust.anchors, now, on_node), exchange, pki)
        post(standings, exchange, pki, cluster)
    return Acceptance(
        authorities=trust.described() if first else (),
        accepted=tuple(each.name for each in intake.arrivals),
        replaced=tuple(each.name for each in intake.arrivals if each.name not in missing),
        unchanged=intake.unchanged,
        problems=(*delivery.problems, *intake.problems),
        waiting=waiting_for(standings, exchange),
        set_aside=replaced if replaced.exists() else None,
    )
