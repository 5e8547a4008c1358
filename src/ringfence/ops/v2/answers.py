"""What ``can-i --api v2 --live`` rests on: users and roles as the v2 store has them."""

from __future__ import annotations

from ringfence.etcd.v2.observe import observe_v2
from ringfence.model.names import UserName
from ringfence.ops.live import Live
from ringfence.ops.v2.reach import connected_v2
from ringfence.wanted.answers.v2 import SourceV2, from_cluster_v2


async def live_source_v2(here: Live, user: UserName | None = None) -> SourceV2:
    """Everything read once, as root.

    Args:
        here: the cluster.
        user: who is asked about, whom etcd may not list.

    Raises:
        NoV2: v2 is not served.
        ClusterError: no member answers, or the identity may not read users and roles.
    """
    async with connected_v2(here.target) as client:
        state = await observe_v2(client, () if user is None else (user,))
    return from_cluster_v2(state, here.spec, here.wanted.v2)
