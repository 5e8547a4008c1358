"""Whether a cluster is in a state in which users and roles may be changed at all; asked before the first change."""

from __future__ import annotations

from ringfence.errors import UnsafeError
from ringfence.ops.drift import check_agreement
from ringfence.ops.planning import Planned
from ringfence.ops.reach.fitness import alarm_problems


def check_ready(found: Planned) -> None:
    """Refuse to begin where members differ, or where a plan with changes meets an alarm.

    While NOSPACE is raised etcd 3.4 and 3.5 do not check writes, so that nothing which roles say would hold; and with
    CORRUPT nobody knows which data a change would be made on.

    Raises:
        MembersDiffer: members that answer do not have the same users, roles and switch.
        UnsafeError: an alarm is raised.
    """
    check_agreement(found.agreement)
    if found.v2 is not None:
        check_agreement(found.v2.agreement)
    problems = alarm_problems(found.alarms) if found.plan.changes else []
    if problems:
        raise UnsafeError(*problems)
