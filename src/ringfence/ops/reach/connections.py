"""The metrics of each member: where the spec names them, else where the member takes clients.

The spec's own URLs are often those of loopback, which from here is another machine, and a spec of endpoints alone names
none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from ringfence.etcd.metrics import MemberMetrics, read_metrics
from ringfence.model.credentials import Credentials
from ringfence.ops.reach.members import ReachedMember
from ringfence.spec.shape import Spec


async def metrics_of(
    spec: Spec, members: Iterable[ReachedMember], credentials: Credentials
) -> Mapping[str, MemberMetrics]:
    """The metrics by the name of the member; a member of which nothing can be said is left out.

    Args:
        spec: names metrics URLs.
        members: of whom.
        credentials: shown to a member at its client URL.
    """
    urls = {member.name: member.metrics for member in spec.cluster.members}
    asked = tuple(members)
    answers = await asyncio.gather(*(_ask(member, urls.get(member.name), credentials) for member in asked))
    return {member.name: told for member, told in zip(asked, answers, strict=True) if told is not None}


def open_watches(metrics: Mapping[str, MemberMetrics]) -> Mapping[str, int]:
    """How many watches are open on each member that tells."""
    return {name: told.watchers for name, told in metrics.items() if told.watchers is not None}


async def _ask(member: ReachedMember, url: str | None, credentials: Credentials) -> MemberMetrics | None:
    """What this very member tells, first at its metrics URL."""
    told = None if url is None else await read_metrics(url)
    if told is None or told.member_id != member.status.member_id:
        told = await read_metrics(member.endpoint, credentials)
    return None if told is None or told.member_id != member.status.member_id else told
