"""What ``can-i --live`` rests on: users, roles and releases as the cluster has them."""

from __future__ import annotations

from ringfence.etcd.observe import observe
from ringfence.model.version import Version
from ringfence.ops.live import Live
from ringfence.ops.reach.members import reach_members
from ringfence.ops.reach.target import connected
from ringfence.wanted.answers.v3 import Source, from_cluster


async def live_source(here: Live, version: Version | None = None) -> Source:
    """Everything read once, as root; ``version`` counts instead of the members' releases.

    Raises:
        ClusterError: a member does not answer, or the identity may not read users and roles.
    """
    members = await reach_members(here.target)
    async with connected(here.target) as client:
        observed = await observe(client)
    versions = tuple(member.version for member in members if member.version is not None)
    return from_cluster(observed.state, versions, here.wanted, version)
