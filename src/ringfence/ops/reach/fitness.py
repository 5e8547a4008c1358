"""Whether the cluster is fit for auth: no alarm, clocks that agree, and room in the database.

While a NOSPACE alarm is raised, etcd 3.4 and 3.5 do not check writes (see ``ringfence.rules.holes``), and a member
whose clock is wrong refuses good certificates. Clock and quota come from the metrics of each member; where those
cannot be reached from here, it is said that they were not checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from ringfence.errors import Problem
from ringfence.etcd.cluster import Alarm
from ringfence.etcd.metrics import MemberMetrics
from ringfence.model.credentials import Credentials
from ringfence.ops.reach.connections import metrics_of
from ringfence.ops.reach.members import ReachedMember
from ringfence.ops.telling import Tell
from ringfence.spec.shape import Spec

MOST_SKEW = timedelta(minutes=1)
"""How far a clock may be off; new certificates are valid from a few minutes before they are made."""

FULL_SHARE = 0.8
"""Of the quota: beyond that, NOSPACE is near."""


def alarm_problems(raised: Iterable[Alarm]) -> list[Problem]:
    """What alarms, raised on any member, mean for users and roles."""
    hints = {
        Alarm.NOSPACE: "while it is raised, etcd does not check writes: compact, defragment, then etcdctl alarm disarm",
        Alarm.CORRUPT: "the members do not hold the same data: find out which one is right first",
        Alarm.UNKNOWN: "see etcdctl alarm list",
    }
    return [Problem(f"the alarm {alarm.name} is raised", hint=hints[alarm]) for alarm in sorted(raised, key=_name)]


def _name(alarm: Alarm) -> str:
    return alarm.name


async def measured_problems(
    spec: Spec, members: Sequence[ReachedMember], credentials: Credentials, tell: Tell
) -> list[Problem]:
    """What the members' metrics say against it.

    Args:
        spec: names the metrics URLs.
        members: all of them.
        credentials: shown where metrics are asked for at a client URL.
        tell: told of which members clock and quota could not be checked.
    """
    began = datetime.now(UTC)
    metrics = await metrics_of(spec, members, credentials)
    ended = datetime.now(UTC)
    unseen = [member.name for member in members if member.name not in metrics]
    if unseen:
        tell(f"not checked, for their metrics cannot be reached from here: clock and quota of {', '.join(unseen)}")
    problems: list[Problem] = []
    for member in members:
        told = metrics.get(member.name)
        if told is not None:
            problems.extend(clock_problems(member.name, told, began, ended))
            problems.extend(room_problems(member.name, member.status.database_bytes, told))
    return problems


def clock_problems(name: str, told: MemberMetrics, began: datetime, ended: datetime) -> list[Problem]:
    """What is wrong with the clock of a member that answered, to the second, between two moments of ours."""
    if told.clock is None:
        return []
    off = max(told.clock - ended, began - told.clock - timedelta(seconds=1))
    if off <= MOST_SKEW:
        return []
    what = f"the clock of member {name} is {off.total_seconds():.0f} s off ours"
    return [Problem(what, hint="each member judges certificates by its own clock: set both, then apply again")]


def room_problems(name: str, database_bytes: int, told: MemberMetrics) -> list[Problem]:
    """That the database of a member is almost as large as its quota lets it be."""
    if not told.quota_bytes or database_bytes <= FULL_SHARE * told.quota_bytes:
        return []
    what = f"the database of member {name} has {100 * database_bytes / told.quota_bytes:.0f} % of its quota"
    hint = "when it is full, etcd does not check writes: compact and defragment, or raise --quota-backend-bytes"
    return [Problem(what, hint=hint)]
