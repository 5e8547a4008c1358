"""Issuing many certificates at once, on all cores where that pays.

What a process needs to sign goes to it through a pipe with each piece of work, and nothing is written here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import lru_cache

from ringfence.model.certificate import KeyType
from ringfence.model.issuance import Ending
from ringfence.pki.issuing.authority import FileAuthority, Signer
from ringfence.pki.issuing.issuer import Order
from ringfence.pki.issuing.pool import pool, workers
from ringfence.pki.pem import Issued

BATCH = 128
"""How many certificates are issued, and then written, together."""

_AHEAD = 4
"""Batches a process that are made or waiting to be written, so that memory does not grow with their number."""

# From how many certificates on it pays to start processes, which takes about as long as 2000 ECDSA certificates.
_POOL_PAYS = {KeyType.RSA_2048: 4, KeyType.RSA_4096: 2}
_POOL_PAYS_FOR_FAST_KEYS = 4000


class FileIssuer:
    """The built-in authority as an `Issuer`."""

    def __init__(self, authority: FileAuthority) -> None:
        self._authority = authority

    @property
    def ca_certificate(self) -> bytes:
        """The PEM bundle that members and clients have to trust."""
        return self._authority.ca_certificate

    @property
    def ending(self) -> Ending:
        """What ends first of it and of what is above it."""
        return self._authority.ending

    async def issue_many(self, orders: Sequence[Order], now: datetime) -> AsyncIterator[tuple[Issued, ...]]:
        """The certificates for the orders, in their order, a batch at a time; see `Issuer.issue_many`."""
        authority, slow = self._authority, _POOL_PAYS.get(self._authority.key_type)
        size = BATCH if slow is None else 1  # slow keys one by one, so that every core has some and progress shows
        batches = (orders[start : start + size] for start in range(0, len(orders), size))
        if len(orders) < (slow or _POOL_PAYS_FOR_FAST_KEYS):
            for batch in batches:
                yield _issued(authority, batch, now)
                await asyncio.sleep(0)
            return
        signer = authority.signer()
        processes = workers(-(-len(orders) // size))
        loop = asyncio.get_running_loop()
        running: deque[asyncio.Future[tuple[Issued, ...]]] = deque()
        with pool(processes) as executor:
            try:
                for batch in batches:
                    running.append(loop.run_in_executor(executor, _issue_batch, batch, signer, now))
                    if len(running) == processes * _AHEAD:
                        yield await running.popleft()
                while running:
                    yield await running.popleft()
            finally:
                for each in running:
                    if not each.cancel() and not each.cancelled():
                        each.exception()  # looked at: asyncio complains of errors that nobody saw


def _issue_batch(batch: Sequence[Order], signer: Signer, now: datetime) -> tuple[Issued, ...]:
    """One piece of work, in a process of the pool."""
    return _issued(_authority_of(signer), batch, now)


def _issued(authority: FileAuthority, batch: Sequence[Order], now: datetime) -> tuple[Issued, ...]:
    return authority.issue_all([(order.request, order.lifetime) for order in batch], now)


@lru_cache(maxsize=1)
def _authority_of(signer: Signer) -> FileAuthority:
    """The authority in a process of the pool, made once: it is the same for all pieces of work."""
    return FileAuthority.of(signer)
