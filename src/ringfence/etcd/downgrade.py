"""Whether every member of the cluster is of etcd 3.5 or newer, asked of one of them. Nothing is downgraded.

AuthStatus goes through the raft log, and a member of etcd 3.4 ends at an entry that it does not know ("panic: not
implemented", ``etcdserver/apply.go``), again at every start until it is upgraded. So one such call to a new member ends
the old ones in the middle of an upgrade. The version that the whole cluster runs at decides, and the API of 3.5 tells
it in one place alone: the check of a downgrade ("validate", etcd ``server/etcdserver/v3_server.go``
downgradeValidate), which changes nothing and passes for the line before the cluster's.
"""

from __future__ import annotations

from ringfence.etcd import rpcs
from ringfence.etcd.channel import Channel
from ringfence.etcd.failure import Failure
from ringfence.etcd.schema import new
from ringfence.model.version import Version

_KNOWS_AUTH_STATUS = (3, 5)
_BEFORE = "3.4.0"
_OLDER = (
    "invalid downgrade target version",  # the cluster still runs at 3.4
    "cluster version not found during downgrade",
    "cluster has a downgrade job in progress",
)


async def all_know_auth_status(channel: Channel) -> bool:
    """Whether no member is older than the call AuthStatus; for root.

    From 3.6 on a member starts in no cluster that runs at less than 3.5, so there its own release is enough.

    Raises:
        ClusterError: it may not be asked, or does not answer.
    """
    version = Version.parse((await channel.call(rpcs.STATUS, new("Empty"), leader=False)).version)
    if version is None or version.line != _KNOWS_AUTH_STATUS:
        return version is not None and version.line > _KNOWS_AUTH_STATUS
    answer = await channel.ask(rpcs.DOWNGRADE_VALIDATE, new("DowngradeValidateRequest", version=_BEFORE), leader=True)
    if not isinstance(answer, Failure):
        return True
    if answer.text.endswith(_OLDER):
        return False
    raise await channel.error(answer)
