"""``certs issue``: what the spec asks for, held against the folder of certificates.

Issuing makes what is missing, wrong or due and touches nothing else, so it can be stopped anywhere and run again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.errors import CertificateError, Problem
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType, Validity
from ringfence.model.issuance import Assessment, Condition, Issuance, Replacement

if TYPE_CHECKING:
    from ringfence.pki.many import Signer
    from ringfence.pki.store import Store

Progress = Callable[[int, int], None]
"""Called with how many certificates are on disk by now, and how many it will be."""


async def issue_certificates(
    requests: Sequence[CertificateRequest],
    store: Store,
    *,
    key_type: KeyType,
    validity: Validity,
    now: datetime,
    renew: Collection[str] = (),
    progress: Progress | None = None,
) -> Issuance:
    """Issue what is missing, wrong or due; make the authority first where there is none.

    What is replaced is moved aside, never overwritten.

    Args:
        requests: all certificates that should exist, each with its own name.
        store: the folder.
        key_type: the algorithm of new keys.
        validity: the life of new certificates.
        now: the moment, with a time zone.
        renew: names to issue anew even where they are good.
        progress: told after each batch that is safely on disk.

    Raises:
        CertificateError: a request that its profile does not allow; an authority that is lost, broken or expired.
        FileError: the folder or a file in it cannot be used, or somebody else is writing there.
    """
    from ringfence.pki.assess import assess_all
    from ringfence.pki.custody import create_signer, stored_signer, stored_trust
    from ringfence.pki.profiles import check_requests

    store.check_names(request.name for request in requests)
    check_requests(requests)
    _check_renew(requests, renew)
    trusted = stored_trust(store, now)
    found = assess_all(requests, store, trusted, now)
    if trusted and not _to_issue(found, renew):
        return _result(found, renew)  # without the lock, so that it works in a folder that may only be read
    with store.locked():
        replaced = store.folder_for_replaced(now)
        signer = stored_signer(store, key_type)
        created = signer is None
        if signer is None:
            signer = create_signer(store, key_type, validity.ca, now, replaced)
        # Another run may have issued in between: what is seen under the lock counts.
        doubtful = [each.request for each in _to_issue(found, renew)]
        again = {each.path: each for each in assess_all(doubtful, store, stored_trust(store, now), now)}
        found = tuple(again.get(each.path, each) for each in found)
        await _issue(_to_issue(found, renew), store, signer, validity, now, replaced, progress)
        set_aside = replaced if replaced.exists() else None
    return replace(_result(found, renew), authority_created=created, set_aside=set_aside)


async def _issue(
    wanted: Sequence[Assessment],
    store: Store,
    signer: Signer,
    validity: Validity,
    now: datetime,
    replaced: Path,
    progress: Progress | None,
) -> None:
    """Issue and write, the writing of one batch beside the making of the next: both wait, for different things."""
    from ringfence.pki.issuer import Order
    from ringfence.pki.many import issue_many
    from ringfence.pki.store import NewPair

    orders = [Order(each.request, _lifetime(each.request, validity)) for each in wanted]
    loop = asyncio.get_running_loop()
    done = 0
    writing: asyncio.Future[None] | None = None
    # Leaving this block waits for the writer, so that the lock outlives every write, also after Ctrl-C.
    with ThreadPoolExecutor(1) as writer:
        async for batch in issue_many(orders, signer, now):
            pairs = [
                NewPair(each.request.name, issued, None if each.condition is Condition.MISSING else replaced)
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


def _check_renew(requests: Sequence[CertificateRequest], renew: Collection[str]) -> None:
    known = {request.name for request in requests}
    hint = f"the spec asks for: {', '.join(sorted(known)) or 'none'}"
    problems = [Problem(f"no certificate is called {name!r}", hint=hint) for name in renew if name not in known]
    if problems:
        raise CertificateError(*problems)


def _to_issue(found: Sequence[Assessment], renew: Collection[str]) -> list[Assessment]:
    return [each for each in found if each.condition is not Condition.GOOD or each.request.name in renew]


def _lifetime(request: CertificateRequest, validity: Validity) -> timedelta:
    logs_in = request.kind in {CertificateKind.ROOT, CertificateKind.CLIENT}
    return validity.client if logs_in else validity.member


def _result(found: Sequence[Assessment], renew: Collection[str]) -> Issuance:
    issued = _to_issue(found, renew)
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
