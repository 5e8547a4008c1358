"""One connection to the v2 API, of whichever endpoint answers first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ringfence.etcd.v2.client import ClientV2
from ringfence.ops.reach.target import Target, first_to_answer


@asynccontextmanager
async def connected_v2(target: Target) -> AsyncIterator[ClientV2]:
    """A client of the first endpoint that answers; whether it serves v2 is told to whoever asks it something.

    Raises:
        TlsRefused, Unreachable: none of them answers; a problem for each.
    """
    client = await first_to_answer([ClientV2(endpoint, target.credentials) for endpoint in target.endpoints])
    async with client:
        yield client
