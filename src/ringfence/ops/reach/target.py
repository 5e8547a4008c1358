"""Which members to talk to, and as whom; and one open connection to whichever of them answers first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ringfence.errors import ClusterError, Problem, TlsRefused, Unreachable
from ringfence.etcd.client import Client
from ringfence.model.credentials import Credentials, SpareKey


@dataclass(frozen=True, slots=True)
class Target:
    """A live cluster and the identity that is to change or read it: normally root; and a spare key, see there."""

    endpoints: tuple[str, ...]
    credentials: Credentials
    spare: SpareKey | None = None


_HEAD_START_SECONDS = 2.0
"""How long an endpoint may be silent before the next one is asked beside it."""


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[Client]:
    """A client to the first endpoint that answers and has a leader.

    They are asked in their order, each as soon as the one before failed, or beside it when that is silent: a frozen
    member costs two seconds, and not the ten after which it counts as unreachable.

    Raises:
        TlsRefused, Unreachable: none of them does; a problem for each.
    """
    client = await first_to_answer([Client(endpoint, target.credentials) for endpoint in target.endpoints])
    async with client:
        yield client


class _Keys(Protocol):
    async def settle(self) -> object:
        """Have a request go through consensus."""


class Asking(Protocol):
    """A client of either store."""

    @property
    def keys(self) -> _Keys:
        """Its calls about keys."""

    async def close(self) -> None:
        """End its connections."""


C = TypeVar("C", bound=Asking)


async def first_to_answer(clients: Sequence[C]) -> C:
    """The one that answers; all others are closed. See ``connected`` for the order and what is raised."""
    trials: list[asyncio.Task[ClusterError | None]] = []
    answering: C | None = None
    try:
        while answering is None and (len(trials) < len(clients) or not all(trial.done() for trial in trials)):
            if len(trials) < len(clients):
                trials.append(asyncio.create_task(_failure(clients[len(trials)])))
            patience = _HEAD_START_SECONDS if len(trials) < len(clients) else None
            under_way = [trial for trial in trials if not trial.done()]
            await asyncio.wait(under_way, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            ended = (pair for pair in zip(clients, trials, strict=False) if pair[1].done())
            answering = next((client for client, trial in ended if trial.result() is None), None)
    finally:
        for trial in trials:
            trial.cancel()
        await asyncio.gather(*trials, return_exceptions=True)
        await asyncio.gather(*(client.close() for client in clients if client is not answering))
    if answering is None:
        raise _all_failed([failure for failure in (trial.result() for trial in trials) if failure is not None])
    return answering


async def _failure(client: Asking) -> ClusterError | None:
    """Why this one cannot be used; None where it answers, if only to refuse, which whoever asks will be told."""
    try:
        await client.keys.settle()
    except (Unreachable, TlsRefused) as failure:
        return failure
    except ClusterError:
        return None
    return None


def _all_failed(failures: list[ClusterError]) -> ClusterError:
    problems: list[Problem] = [problem for failure in failures for problem in failure.problems]
    kind = TlsRefused if all(isinstance(failure, TlsRefused) for failure in failures) else Unreachable
    return kind(*problems)
