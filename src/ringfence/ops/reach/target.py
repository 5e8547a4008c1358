"""Which members to talk to, and as whom; and one open connection to whichever of them answers first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ringfence.errors import ClusterError, Problem, TlsRefused, Unreachable
from ringfence.etcd.client import Client
from ringfence.model.credentials import Credentials, SpareKey


@dataclass(frozen=True, slots=True)
class Target:
    """A live cluster and the identity that is to change or read it: normally root; and a spare key, see there."""

    endpoints: tuple[str, ...]
    credentials: Credentials
    spare: SpareKey | None = None


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[Client]:
    """A client to the first endpoint that answers and has a leader.

    Raises:
        TlsRefused, Unreachable: none of them does; a problem for each.
    """
    failures: list[ClusterError] = []
    for endpoint in target.endpoints:
        async with Client(endpoint, target.credentials) as client:
            try:
                await client.keys.settle()
            except (Unreachable, TlsRefused) as failure:
                failures.append(failure)
                continue
            except ClusterError:
                pass  # it answers: what it refuses will be told by whoever asks for it
            yield client
            return
    raise _all_failed(failures)


def _all_failed(failures: list[ClusterError]) -> ClusterError:
    problems: list[Problem] = [problem for failure in failures for problem in failure.problems]
    kind = TlsRefused if all(isinstance(failure, TlsRefused) for failure in failures) else Unreachable
    return kind(*problems)
