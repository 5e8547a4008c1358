"""The cluster and its members: what they are called, where they are, which release they run."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ringfence.etcd import rpcs
from ringfence.etcd.channel import Channel
from ringfence.etcd.schema import new


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStatus:
    """What one member says of itself.

    Args:
        cluster_id: the same on all members of a cluster.
        member_id: its own.
        version: its release, such as ``3.5.1``.
        revision: of the key space, as far as this member has applied it.
        database_bytes: the size of its database file.
        has_leader: whether it knows a leader.
    """

    cluster_id: int
    member_id: int
    version: str
    revision: int
    database_bytes: int
    has_leader: bool


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A member as the cluster lists it; the name and the URLs are empty until it has started once."""

    name: str
    member_id: int
    client_urls: tuple[str, ...]


class Alarm(enum.Enum):
    """What etcd raises an alarm for. While NOSPACE is raised, 3.4 and 3.5 do not check writes (``rules.holes``)."""

    NOSPACE = 1
    CORRUPT = 2
    UNKNOWN = 0


class Cluster:
    """etcd's Cluster and Maintenance services on one channel. Every method raises ClusterError."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def status(self) -> MemberStatus:
        """What this member says of itself; needs no quorum. For root alone on 3.4.42-45, 3.5.28-31 and 3.6.0-11."""
        answer = await self._channel.call(rpcs.STATUS, new("Empty"), leader=False)
        return MemberStatus(
            cluster_id=answer.header.cluster_id,
            member_id=answer.header.member_id,
            version=answer.version,
            revision=answer.header.revision,
            database_bytes=answer.dbSize,
            has_leader=answer.leader != 0,
        )

    async def members(self) -> tuple[ListedMember, ...]:
        """All members, by name."""
        answer = await self._channel.call(rpcs.MEMBER_LIST, new("MemberListRequest", linearizable=True))
        listed = (ListedMember(one.name, one.ID, tuple(one.clientURLs)) for one in answer.members)
        return tuple(sorted(listed, key=lambda member: (member.name, member.member_id)))

    async def alarms(self) -> frozenset[Alarm]:
        """The alarms that are raised on any member; reads only."""
        answer = await self._channel.call(rpcs.ALARM, new("AlarmRequest"))
        known = {alarm.value: alarm for alarm in Alarm}
        return frozenset(known.get(one.alarm, Alarm.UNKNOWN) for one in answer.alarms)
