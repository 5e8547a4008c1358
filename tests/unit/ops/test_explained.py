"""What is there after a lost connection is our own work, or somebody else's."""

from __future__ import annotations

import pytest

from ringfence.changes.change import AddRole, AddUser, Change, EnableAuth, GrantPermission, GrantRole
from ringfence.changes.diff import diff
from ringfence.changes.effect import after
from ringfence.changes.plan import Plan
from ringfence.errors import Interference
from ringfence.etcd.observe import Observed
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login, Role, State, User
from ringfence.ops.execution.explained import check_explained
from ringfence.ops.planning import Planned

ROLE, USER = RoleName("shop"), UserName("shop")
PLACE = Permission.on_prefix(Access.READWRITE, b"/shop/")
NOTHING = State.of(auth_enabled=False)
WANTED = State.of([User(USER, frozenset({ROLE}), Login.CERTIFICATE)], [Role(ROLE, (PLACE,))])
CHANGES: list[Change] = [AddRole(ROLE), GrantPermission(ROLE, PLACE), AddUser(USER, Login.CERTIFICATE)]
CHANGES += [GrantRole(USER, ROLE), EnableAuth()]


def planned(found: State) -> Planned:
    """The plan from what is there."""
    plan = Plan(spec="", cluster_id=1, observed="", auth_revision=None, batches=diff(WANTED, found))
    observed = Observed(state=found, cluster_id=1, auth_revision=None, revision=1, version="3.6.0", members=())
    return Planned(plan, observed)


def check(found: State) -> None:
    """Carry on from there."""
    check_explained(planned(NOTHING), planned(found), frozenset(CHANGES))


@pytest.mark.parametrize("made", range(5))
def test_what_we_made_ourselves(made: int) -> None:
    """After any number of the changes of the plan."""
    assert CHANGES == list(planned(NOTHING).plan.changes_v3)
    check(after(NOTHING, CHANGES[:made]))


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([AddUser(UserName("bob"), Login.CERTIFICATE)], ["user bob was added by somebody else"]),
        ([AddRole(RoleName("x"))], ["role x was added by somebody else"]),
        (
            [GrantPermission(ROLE, Permission(Access.READ, b"/registry/"))],
            ["it would now take etcdctl role revoke-permission shop /registry/"],
        ),
    ],
)
def test_what_somebody_else_made(others: list[Change], told: list[str]) -> None:
    """Beside ours, also where the plan would leave it alone, or take it away again."""
    ours = after(NOTHING, CHANGES[:2])
    check(ours)
    with pytest.raises(Interference) as refused:
        check(after(ours, others))
    said = [problem.what for problem in refused.value.problems]
    assert ["somebody else changed users or roles while the plan was carried out", *told] == said
