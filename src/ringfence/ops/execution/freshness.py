"""What was reviewed is what happens: a plan for anything but what is there now is refused."""

from __future__ import annotations

from ringfence.changes.plan import Plan
from ringfence.errors import Problem, StalePlan


def check_fresh(plan: Plan, now: Plan) -> None:
    """Refuse ``plan`` where ``now``, the same plan made again, is another one.

    Raises:
        StalePlan: with everything that moved in between.
    """
    moved = [
        what
        for what, then, here in (
            ("the spec was changed", plan.spec, now.spec),
            ("this is another cluster", plan.cluster_id, now.cluster_id),
            ("users or roles were changed", plan.observed, now.observed),
            ("the auth revision moved", plan.auth_revision, now.auth_revision),
        )
        if then != here
    ]
    if not moved and plan.digest != now.digest:
        moved = ["this version of ringfence makes another plan"]
    if moved:
        hint = "plan again and review it"
        raise StalePlan(*(Problem(f"{what} since the plan was made", hint=hint) for what in moved))
