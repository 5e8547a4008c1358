"""The metrics of each member, where the spec names them and they can be reached from here."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from ringfence.etcd.metrics import MemberMetrics, read_metrics
from ringfence.ops.reach.members import ReachedMember
from ringfence.spec.shape import Spec


async def metrics_of(spec: Spec, members: Iterable[ReachedMember]) -> Mapping[str, MemberMetrics]:
    """The metrics by the name of the member; a member of which nothing can be said is left out."""
    urls = {member.name: member.metrics for member in spec.cluster.members}
    asked = [member for member in members if member.name in urls]
    answers = await asyncio.gather(*(read_metrics(urls[member.name]) for member in asked))
    return {
        member.name: told
        for member, told in zip(asked, answers, strict=True)
        if told is not None and told.member_id == member.status.member_id
    }


def open_watches(metrics: Mapping[str, MemberMetrics]) -> Mapping[str, int]:
    """How many watches are open on each member that tells."""
    return {name: told.watchers for name, told in metrics.items() if told.watchers is not None}
