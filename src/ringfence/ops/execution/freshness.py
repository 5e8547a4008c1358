"""What was reviewed is what happens: a plan for anything but what is there now is refused.

A revision counts where both times it was told: before etcd 3.5 members do not, and in an upgrade only some do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ringfence.changes.plan import Plan
from ringfence.errors import Problem, StalePlan


def check_fresh(plan: Plan, now: Plan, differences: Sequence[Problem] = ()) -> None:
    """Refuse ``plan`` where ``now``, the same plan made again, is another one.

    Args:
        plan: what was reviewed.
        now: the same, made again.
        differences: which users and roles moved, where that is known; said only where something did.

    Raises:
        StalePlan: with everything that moved in between; of another cluster nothing else is worth a word.
    """
    if plan.cluster_id != now.cluster_id:
        raise StalePlan.of(
            f"the plan is for the cluster {plan.cluster_id:x}, and this is {now.cluster_id:x}",
            hint="see that spec and endpoints are those of the plan, or plan here",
        )
    if None in {plan.auth_revision, now.auth_revision}:
        plan, now = (replace(each, auth_revision=None) for each in (plan, now))
    moved = [
        what
        for what, then, here in (
            ("the spec was changed", plan.spec, now.spec),
            ("users or roles were changed", plan.observed, now.observed),
            ("the auth revision moved", plan.auth_revision, now.auth_revision),
            ("users or roles of v2 were changed", plan.v2 and plan.v2.observed, now.v2 and now.v2.observed),
        )
        if then != here
    ]
    if moved:
        hint = "plan again and review it"
        raise StalePlan(*(Problem(f"{what} since the plan was made", hint=hint) for what in moved), *differences)
    if plan.digest != now.digest:
        what = "another version of ringfence made this plan: of the same spec and state this one makes another"
        raise StalePlan.of(what, hint="plan again with this version and review it")
