"""Issuing many certificates at once, on all cores where that pays.

Processes, not threads: making keys and signing hold the interpreter's lock. What a process needs to sign goes to it
through a pipe with each piece of work, never in an argument, and nothing is written here.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from ringfence.model.certificate import KeyType
from ringfence.pki.authority import FileAuthority, Issued
from ringfence.pki.issuer import Order
from ringfence.pki.pem import PemFile

BATCH = 64
"""How many certificates are issued, and then written, together."""

# From how many certificates on it pays to start processes, which takes about as long as 2000 ECDSA certificates.
_POOL_PAYS = {KeyType.RSA_2048: 4, KeyType.RSA_4096: 2}
_POOL_PAYS_FOR_FAST_KEYS = 4000


@dataclass(frozen=True, slots=True)
class Signer:
    """What it takes to sign, as plain bytes that can go to another process."""

    certificate: PemFile
    key: PemFile
    key_type: KeyType


async def issue_many(orders: Sequence[Order], signer: Signer, now: datetime) -> AsyncIterator[tuple[Issued, ...]]:
    """The certificates for the orders, in their order, a batch at a time.

    Raises:
        CertificateError: a request does not fit its profile, or the signer cannot sign.
    """
    authority = FileAuthority.load(signer.certificate, signer.key, signer.key_type, now)
    size = batch_size(len(orders), signer.key_type)
    batches = [orders[start : start + size] for start in range(0, len(orders), size)]
    if len(orders) < _POOL_PAYS.get(signer.key_type, _POOL_PAYS_FOR_FAST_KEYS):
        for batch in batches:
            yield tuple(authority.issue(order.request, order.lifetime, now) for order in batch)
            await asyncio.sleep(0)
        return
    # Fresh processes: a fork would copy the threads' locks of a gRPC channel that may be open by now.
    context = multiprocessing.get_context("spawn")
    workers = min(len(os.sched_getaffinity(0)), len(batches))
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_to_the_parent)
    loop = asyncio.get_running_loop()
    try:
        results = [loop.run_in_executor(pool, _issue_batch, batch, signer, now) for batch in batches]
        for result in results:
            yield await result
    finally:
        pool.shutdown(cancel_futures=True)


def batch_size(count: int, key_type: KeyType) -> int:
    """How many to issue in one go: slow keys in small pieces, so that every core has some and progress shows."""
    return min(BATCH, max(1, count)) if key_type not in _POOL_PAYS else 1


def _issue_batch(batch: Sequence[Order], signer: Signer, now: datetime) -> tuple[Issued, ...]:
    """One piece of work, in a process of the pool."""
    authority = FileAuthority.load(signer.certificate, signer.key, signer.key_type, now)
    return tuple(authority.issue(order.request, order.lifetime, now) for order in batch)


def _leave_interrupts_to_the_parent() -> None:
    """Ctrl-C reaches every process of a terminal; the parent alone answers it, by shutting the pool down."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
