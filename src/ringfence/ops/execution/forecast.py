"""How fast a plan will be carried out and how long that takes, told before anybody is asked for a yes."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.changes.change import EnableAuth
from ringfence.changes.plan import Plan
from ringfence.ops.execution.batches import auth_writes
from ringfence.ops.reach.pace import Pace, default_pace
from ringfence.ops.reach.target import Target, connected


@dataclass(frozen=True, slots=True)
class Forecast:
    """The pace to go at, None where none is needed, and a sentence about it, empty where it takes no time."""

    pace: Pace | None
    sentence: str = ""


async def forecast(target: Target, plan: Plan, pace: Pace | None, *, auth_on: bool) -> Forecast:
    """What is ahead.

    Args:
        target: where; its latency is measured where no pace was asked for.
        plan: what is to be carried out.
        pace: what was asked for.
        auth_on: whether clients have to be spared, because auth of v3 is on.

    Raises:
        ClusterError: the cluster does not answer, or does not commit.
    """
    writes = sum(auth_writes(change) for change in plan.changes_v3 if change != EnableAuth())
    if not writes or not auth_on:
        return Forecast(pace)
    if pace is None:
        async with connected(target) as client:
            pace = await default_pace(client)
    if pace.per_second is None:
        return Forecast(pace)
    seconds = pace.seconds(writes)
    return Forecast(pace, f"{writes} auth writes at {pace.per_second:.3g} a second take about {seconds:.0f} s")
