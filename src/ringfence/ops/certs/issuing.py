"""``certs issue``: what the spec asks for, held against the folder of certificates.

Issuing makes what is missing, wrong or due and touches nothing else, so it can be stopped anywhere and run again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.errors import CertificateError, Place, Problem
from ringfence.model.certificate import CertificateRequest, Validity
from ringfence.model.issuance import Assessment, Condition, Issuance, Replacement
from ringfence.ops.telling import Advance

if TYPE_CHECKING:
    from ringfence.pki.folder.store import Store
    from ringfence.pki.issuing.issuer import Issuer, IssuerSource

_HARDLY = timedelta(hours=1)
"""How much of a life may be cut and not be worth a word: seconds are dropped, and OpenBao keeps a minute."""

Choose = Callable[[Assessment], bool]
"""Whether a certificate is to be issued."""


def is_not_good(found: Assessment) -> bool:
    """What ``certs issue`` chooses: missing, wrong or due."""
    return found.condition is not Condition.GOOD


async def issue_certificates(
    requests: Sequence[CertificateRequest],
    store: Store,
    source: IssuerSource,
    *,
    validity: Validity,
    now: datetime,
    choose: Choose = is_not_good,
    progress: Advance | None = None,
) -> Issuance:
    """Issue what is missing, wrong or due; a built-in authority is made first where there is none.

    What is replaced is exchanged as a whole and kept, never overwritten.

    Args:
        requests: all certificates that should exist, each with its own name.
        store: the folder.
        source: where the authority comes from; asked only when there is something to issue.
        validity: the life of new certificates.
        now: the moment, with a time zone.
        choose: what is to be issued, of all that should exist.
        progress: told after each batch that is safely on disk.

    Raises:
        CertificateError: a request that its profile does not allow; an authority that is lost, broken or expired;
            certificates that begin later than now, which are not wrong where the clock is.
        FileError: the folder or a file in it cannot be used, or somebody else is writing there.
    """
    from ringfence.pki.assess import assess_all
    from ringfence.pki.issuing.custody import stored_trust
    from ringfence.pki.profiles import check_requests

    store.check_names(request.name for request in requests)
    check_requests(requests)
    trusted = stored_trust(store, now)
    found = assess_all(requests, store, trusted, now)
    if choose is is_not_good:
        _refuse_by_clock(found, now)
    if trusted and not _chosen(found, choose):
        return _result(found, choose)  # without the lock, so that it works in a folder that may only be read
    with store.locked():
        replaced = store.folder_for_replaced(now)
        hosts = dict.fromkeys(host for each in _chosen(found, choose) for host in each.request.hosts)
        async with source.open(store, now, replaced, tuple(hosts)) as opened:
            # Another run may have issued in between: what is seen under the lock counts.
            doubtful = [each.request for each in _chosen(found, choose)]
            again = {each.path: each for each in assess_all(doubtful, store, stored_trust(store, now), now)}
            found = tuple(again.get(each.path, each) for each in found)
            chosen = _chosen(found, choose)
            await _issue(chosen, store, opened.issuer, validity, now, replaced, progress)
            ending = opened.issuer.ending
            longest = max((validity.of(each.request.kind) for each in chosen), default=timedelta())
            cut = ending if ending.not_after + _HARDLY < now + longest else None
        set_aside = replaced if replaced.exists() else None
    return replace(_result(found, choose), authority_created=opened.created, set_aside=set_aside, cut=cut)


def _refuse_by_clock(found: Sequence[Assessment], now: datetime) -> None:
    """Replace nothing because of a clock that is behind: it would be every certificate that was issued since."""
    early = [each for each in found if each.certificate is not None and now < each.certificate.not_before]
    if early:
        raise CertificateError(
            *(
                Problem(
                    f"is not valid before {each.certificate.not_before:%Y-%m-%d %H:%M} UTC",
                    Place(str(each.path)),
                    f"it is {now:%Y-%m-%d %H:%M} UTC here: set the clock right; "
                    f"or, if the other was wrong: `ringfence certs renew {each.request.name}`",
                )
                for each in early
                if each.certificate is not None
            )
        )


async def _issue(
    wanted: Sequence[Assessment],
    store: Store,
    issuer: Issuer,
    validity: Validity,
    now: datetime,
    replaced: Path,
    progress: Advance | None,
) -> None:
    """Issue and write, the writing of one batch beside the making of the next: both wait, for different things."""
    from ringfence.pki.folder.store import NewPair
    from ringfence.pki.issuing.issuer import Order

    orders = [Order(each.request, validity.of(each.request.kind)) for each in wanted]
    loop = asyncio.get_running_loop()
    done = 0
    writing: asyncio.Future[None] | None = None
    # Leaving this block waits for the writer, so that the lock outlives every write, also after Ctrl-C.
    with ThreadPoolExecutor(1) as writer:
        async for batch in issuer.issue_many(orders, now):
            pairs = [
                NewPair(
                    each.request.name,
                    issued,
                    replaced=None if each.condition is Condition.MISSING else replaced,
                    renewal=each.condition in {Condition.DUE, Condition.GOOD},
                )
                for each, issued in zip(wanted[done : done + len(batch)], batch, strict=True)
            ]
            if writing is not None:
                await writing
                if progress is not None:
                    progress(done, len(wanted))
            writing = loop.run_in_executor(writer, store.write, pairs)
            done += len(batch)
        if writing is not None:
            await writing
            if progress is not None:
                progress(done, len(wanted))


def _chosen(found: Sequence[Assessment], choose: Choose) -> list[Assessment]:
    return [each for each in found if choose(each)]


def _result(found: Sequence[Assessment], choose: Choose) -> Issuance:
    issued = _chosen(found, choose)
    names = {each.request.name for each in issued}
    missing = tuple(each.request.name for each in issued if each.condition is Condition.MISSING)
    return Issuance(
        authority_created=False,
        created=missing,
        replaced=tuple(
            Replacement(each.request.name, each.condition, each.reasons)
            for each in issued
            if each.condition is not Condition.MISSING
        ),
        kept=tuple(each.request.name for each in found if each.request.name not in names),
    )
