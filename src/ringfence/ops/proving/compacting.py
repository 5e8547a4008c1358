"""Whether the history can still be compacted by whoever is to do it; asked in a way that compacts nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ringfence.etcd.client import Client
from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.ops.reach.target import Target, connected
from ringfence.proof.verification import Compaction


async def look_at_compaction(
    compactors: Iterable[UserName], target: Target, login: Callable[[UserName], Credentials | None]
) -> Compaction:
    """Ask as each compactor, and as root whether it ever happened.

    Args:
        compactors: the identities that are to compact; none where etcd does it by itself.
        target: the cluster, and root.
        login: the credentials of an identity, None where they are not to be had.

    Raises:
        ClusterError: etcd does not answer.
    """
    may: dict[str, bool] = {}
    async with connected(target) as root:
        happened = await root.keys.was_compacted()
        for name in compactors:
            credentials = login(name)
            if credentials is not None:
                async with Client(root.endpoint, credentials) as client:
                    may[name] = await client.keys.may_compact()
    return Compaction(may, happened)
