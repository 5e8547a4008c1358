"""How fast users and roles are changed while clients are at work.

Each auth write lets requests that are under way fail with ``revision of auth store is old``: those proposed before it
and applied after it, so their share is writes per second times the commit latency (measured on etcd 3.4.23 and 3.5.1,
three members; clients with certificates see the error, for etcd's client retries it only for passwords). With auth
still off nothing is checked, so nothing fails, and there is no pace.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass

from ringfence.errors import Refused
from ringfence.etcd.client import Client
from ringfence.etcd.prober import Prober
from ringfence.keyspace import Span
from ringfence.model.probe import Operation, Probe, Verdict

TOLERATED_SHARE = 0.0005
"""The share of requests under way that may fail, as the default: half of one in a thousand, for latency varies."""

_SAMPLES = 5
_NOWHERE = Span.of_key(b"\x00ringfence")
"""A key for a write that is never made; see ``prober``."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Auth writes per second; None is as fast as etcd takes them."""

    per_second: float | None

    def seconds(self, writes: int) -> float:
        """How long that many writes take by the pace alone."""
        return 0.0 if self.per_second is None else max(0, writes - 1) / self.per_second

    async def wait(self) -> None:
        """Let the time between two writes go by."""
        if self.per_second is not None:
            await asyncio.sleep(1 / self.per_second)


FULL_SPEED = Pace(None)
"""For a cluster on which auth is off."""


async def default_pace(client: Client) -> Pace:
    """The pace at which the tolerated share of requests fails, by the commit latency of this moment.

    Raises:
        Refused: etcd does not commit, so there is nothing to measure.
    """
    latency = await commit_latency(client)
    return Pace(TOLERATED_SHARE / latency)


async def commit_latency(client: Client) -> float:
    """The median time in seconds that etcd takes to commit an entry: of writes that are asked for and not made."""
    seconds = []
    for _ in range(_SAMPLES):
        began = time.perf_counter()
        (outcome,) = await Prober(client.channel).ask([Probe(Operation.WRITE, _NOWHERE, Verdict.ALLOWED)])
        seconds.append(time.perf_counter() - began)
        if outcome.verdict is Verdict.ERROR:
            raise Refused.of(f"etcd does not commit: {outcome.detail}")
    return statistics.median(seconds)
