"""One connection to the v2 API, of whichever endpoint answers first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ringfence.errors import ClusterError, NoV2, Problem, TlsRefused, Unreachable
from ringfence.etcd.v2.client import ClientV2
from ringfence.ops.reach.target import Target


@asynccontextmanager
async def connected_v2(target: Target) -> AsyncIterator[ClientV2]:
    """A client of the first endpoint that answers.

    Raises:
        NoV2: an endpoint that answers does not serve the API.
        TlsRefused, Unreachable: none of them answers; a problem for each.
    """
    failures: list[ClusterError] = []
    for endpoint in target.endpoints:
        async with ClientV2(endpoint, target.credentials) as client:
            try:
                await client.keys.settle()
            except (Unreachable, TlsRefused) as failure:
                failures.append(failure)
                continue
            except NoV2:
                raise
            except ClusterError:
                pass  # it answers: what it refuses will be told by whoever asks for it
            yield client
            return
    problems: list[Problem] = [problem for failure in failures for problem in failure.problems]
    kind = TlsRefused if all(isinstance(failure, TlsRefused) for failure in failures) else Unreachable
    raise kind(*problems)
