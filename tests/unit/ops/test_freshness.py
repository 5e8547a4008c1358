"""A saved plan is carried out where nothing moved, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.changes.change import AddRole
from ringfence.changes.plan import Plan
from ringfence.errors import StalePlan
from ringfence.model.names import RoleName
from ringfence.ops.execution.freshness import check_fresh

PLAN = Plan(spec="s", cluster_id=7, observed="o", auth_revision=5, batches=((AddRole(RoleName("a")),),))
OTHER = ((AddRole(RoleName("b")),),)


@pytest.mark.parametrize(
    ("now", "moved"),
    [
        (replace(PLAN, spec="t"), ["the spec was changed"]),
        (replace(PLAN, observed="p"), ["users or roles were changed"]),
        (replace(PLAN, auth_revision=6), ["the auth revision moved"]),
        (replace(PLAN, auth_revision=6, spec="t"), ["the spec was changed", "the auth revision moved"]),
        (replace(PLAN, auth_revision=None, observed="p"), ["users or roles were changed"]),
    ],
)
def test_what_moved_is_refused(now: Plan, moved: list[str]) -> None:
    """Everything that is different is named; without a difference the plan passes."""
    check_fresh(PLAN, PLAN)
    with pytest.raises(StalePlan) as caught:
        check_fresh(PLAN, now)
    assert [f"{what} since the plan was made" for what in moved] == [each.what for each in caught.value.problems]


def test_of_another_cluster_nothing_else_is_said() -> None:
    """Its users and roles are other ones anyhow."""
    with pytest.raises(StalePlan) as caught:
        check_fresh(PLAN, replace(PLAN, cluster_id=0xAB, observed="p", auth_revision=6))
    assert ["the plan is for the cluster 7, and this is ab"] == [each.what for each in caught.value.problems]


@pytest.mark.parametrize("revision", [PLAN.auth_revision, None])
def test_another_plan_from_the_same(revision: int | None) -> None:
    """As a newer release may make it: refused, with or without a revision that is told."""
    with pytest.raises(StalePlan, match="another version of ringfence made this plan"):
        check_fresh(PLAN, replace(PLAN, auth_revision=revision, batches=OTHER))


@pytest.mark.parametrize(
    ("now", "what"),
    [
        (replace(PLAN, cluster_id=8, spec="t"), "the plan is for the cluster 7, and this is 8"),
        (replace(PLAN, batches=OTHER), "another version of ringfence made this plan"),
        (replace(PLAN, auth_revision=None, batches=OTHER), "another version of ringfence made this plan"),
    ],
)
def test_another_plan_altogether_is_refused(now: Plan, what: str) -> None:
    """Of another cluster, or of another ringfence: that alone is said."""
    with pytest.raises(StalePlan) as caught:
        check_fresh(PLAN, now)
    (problem,) = caught.value.problems
    assert problem.what.startswith(what)


@pytest.mark.parametrize(("planned", "applied"), [(5, None), (None, 5), (None, None)])
def test_a_revision_that_one_member_does_not_tell_does_not_count(planned: int | None, applied: int | None) -> None:
    """Planned on a member of etcd 3.5 and applied through one of 3.4, or the other way round: still the same plan."""
    check_fresh(replace(PLAN, auth_revision=planned), replace(PLAN, auth_revision=applied))
