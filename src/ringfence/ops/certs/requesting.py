"""``certs issue`` where the authority is elsewhere: keys that wait, requests for it, and the manifest of them.

Nothing that is in use is touched here: that is done when a certificate is accepted. It can be stopped anywhere and run
again: a key that waits is not made twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ringfence.errors import FileError, Problem
from ringfence.model.certificate import CertificateRequest
from ringfence.model.issuance import Assessment, Condition, Replacement
from ringfence.model.outside import Requested
from ringfence.ops.certs.posting import made_on_nodes, post, waiting_for
from ringfence.ops.certs.renewing import check_known
from ringfence.ops.telling import Advance
from ringfence.spec.shape import Pki

if TYPE_CHECKING:
    from pathlib import Path

    from ringfence.pki.outside.exchange import Exchange, NewRequest
    from ringfence.pki.outside.standing import Standing

_BATCH = 64


async def request_certificates(
    requests: Sequence[CertificateRequest],
    pki: Pki,
    cluster: str,
    *,
    now: datetime,
    renew: Collection[str] = (),
    progress: Advance | None = None,
) -> Requested:
    """Ask an authority elsewhere for what is missing, wrong or due, and say what is waited for.

    Args:
        requests: all certificates that should exist, each with its own name.
        pki: the spec's, with an external authority.
        cluster: its name, for the manifest.
        now: the moment, with a time zone.
        renew: names to ask for even where they are good.
        progress: told after each batch that is safely on disk.

    Raises:
        CertificateError: a request that its profile does not allow, a broken ``ca.pem``, or an unknown name to renew.
        FileError: a folder or a file in it cannot be used, or somebody else is writing there.
    """
    from ringfence.pki.assess import assess_all
    from ringfence.pki.folder.store import Store
    from ringfence.pki.issuing.custody import stored_trust
    from ringfence.pki.outside.exchange import Exchange
    from ringfence.pki.outside.standing import Stage
    from ringfence.pki.profiles import check_requests

    assert pki.external is not None
    store = Store(pki.directory)
    store.check_names(request.name for request in requests)
    check_requests(requests)
    check_known(requests, renew)
    exchange = Exchange(store, pki.external.requests)
    with store.locked():
        exchange.prepare()
        on_node = made_on_nodes(pki, requests)
        found = assess_all(requests, store, stored_trust(store, now), now, on_node)
        before = stand_all(found, exchange, pki, renew=renew)
        replaced = store.folder_for_replaced(now)
        _tidy(before, exchange, replaced)
        to_make = [each for each in before if each.stage in {Stage.UNASKED, Stage.HALF}]
        for start in range(0, len(to_make), _BATCH):
            batch = to_make[start : start + _BATCH]
            exchange.write([_made(each) for each in batch], replaced)
            if progress is not None:
                progress(start + len(batch), len(to_make))
            await asyncio.sleep(0)
        after = stand_all(found, exchange, pki, renew=renew) if to_make else before
        manifest = post(after, exchange, pki, cluster)
    return Requested(
        made=tuple(each.name for each in to_make if not each.reasons),
        remade=tuple(_remade(each) for each in to_make if each.reasons),
        waiting=waiting_for(after, exchange),
        kept=tuple(each.name for each in after if each.stage is Stage.SETTLED),
        manifest=manifest,
        set_aside=replaced if replaced.exists() else None,
    )


def stand_all(
    found: Sequence[Assessment], exchange: Exchange, pki: Pki, *, renew: Collection[str] = ()
) -> tuple[Standing, ...]:
    """How every certificate stands with the authority.

    Raises:
        FileError: files that cannot be read, or keys that others may read: all of them.
    """
    from ringfence.pki.outside.standing import stand

    on_node = made_on_nodes(pki, (each.request for each in found))
    standings: list[Standing] = []
    problems: list[Problem] = []
    for each in found:
        name = each.request.name
        asked = each.condition is not Condition.GOOD or name in renew
        try:
            standings.append(stand(each, exchange, pki.key, on_node=name in on_node, asked=asked))
        except FileError as error:
            problems += error.problems
    if problems:
        raise FileError(*problems)
    return tuple(standings)


def _tidy(standings: Iterable[Standing], exchange: Exchange, replaced: Path) -> None:
    """Remove what is in use by now, and move away the keys that nobody waits for any more."""
    standings = tuple(standings)
    exchange.finish(each.name for each in standings if each.spent and not each.on_node)
    here = {each.name for each in standings if not each.on_node}
    exchange.set_aside((name for name in exchange.pending_names() if name not in here), replaced)


def _made(standing: Standing) -> NewRequest:
    """A request, and a key for it unless one waits."""
    from ringfence.pki.keys import generate, key_pem
    from ringfence.pki.outside.csr import make_csr
    from ringfence.pki.outside.exchange import NewRequest

    key = standing.private or generate(standing.key_type)
    csr = make_csr(standing.found.request, key, standing.key_type)
    return NewRequest(standing.name, csr, None if standing.private is not None else key_pem(key))


def _remade(standing: Standing) -> Replacement:
    return Replacement(standing.name, standing.found.condition, standing.reasons)
