"""A plan survives the way to JSON and back, and nothing that was edited or is foreign does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.changes.change import (
    AddRole,
    AddUser,
    DeleteRole,
    DeleteUser,
    DisableAuth,
    EnableAuth,
    GrantPermission,
    GrantRole,
    ReplacePermission,
    RevokePermission,
    RevokeRole,
)
from ringfence.changes.diff import Prune, Unmanaged
from ringfence.changes.plan import FORMAT, Plan, Summary, read_plan, state_digest
from ringfence.errors import PlanError
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login, Role, State, User

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=5)
roles, users = names.map(RoleName), names.map(UserName)
permissions = st.builds(Permission, st.sampled_from(Access), st.binary(min_size=1, max_size=4), st.binary(max_size=4))
changes = st.one_of(
    st.builds(AddRole, roles),
    st.builds(GrantPermission, roles, permissions, st.none() | st.sampled_from(Access)),
    st.builds(ReplacePermission, roles, permissions, st.sampled_from(Access)),
    st.builds(AddUser, users, st.sampled_from(Login)),
    st.builds(GrantRole, users, roles),
    st.builds(RevokeRole, users, roles),
    st.builds(RevokePermission, roles, permissions),
    st.builds(DeleteUser, users),
    st.builds(DeleteRole, roles, st.lists(users, max_size=2).map(tuple)),
    st.just(EnableAuth()),
    st.just(DisableAuth()),
)
plans = st.builds(
    Plan,
    spec=st.just("5" * 64),
    cluster_id=st.integers(0, 2**64 - 1),
    observed=st.just("0" * 64),
    auth_revision=st.none() | st.integers(0, 2**63),
    batches=st.lists(st.lists(changes, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    unmanaged=st.builds(Unmanaged, st.lists(users, max_size=2).map(tuple), st.lists(roles, max_size=2).map(tuple)),
    prune=st.frozensets(st.sampled_from(Prune)),
)

PLAN = Plan(
    spec="5" * 64,
    cluster_id=0xC0FFEE,
    observed="0" * 64,
    auth_revision=7,
    batches=(
        (AddRole(RoleName("calico")),),
        (GrantPermission(RoleName("calico"), Permission(Access.READWRITE, b"/calico/", b"/calico0")),),
        (RevokeRole(UserName("old"), RoleName("calico")),),
        (EnableAuth(),),
    ),
)


@given(plan=plans)
def test_a_plan_survives_json(plan: Plan) -> None:
    """What was written is what is read, digest and all."""
    assert plan == read_plan(json.dumps(plan.to_json()), "plan.json")


def test_the_json_form_is_the_contract() -> None:
    """Programs depend on these names."""
    written = PLAN.to_json()
    assert {
        "digest",
        "format",
        "verb",
        "spec",
        "cluster_id",
        "observed",
        "auth_revision",
        "changes",
        "prune",
        "unmanaged",
        "summary",
    } == set(written)
    assert {
        "batch": 1,
        "kind": "grant-permission",
        "role": "calico",
        "access": "readwrite",
        "key": "/calico/",
        "range_end": "/calico0",
        "etcdctl": "etcdctl role grant-permission calico readwrite --prefix /calico/",
    } == written["changes"][1]
    assert {"add": 3, "change": 0, "destroy": 1} == written["summary"]


def test_what_the_members_said_is_no_part_of_a_plan() -> None:
    """The output of plan -o json, which has it, is a plan all the same."""
    said = {**PLAN.to_json(), "members": [{"name": "etcd-1"}]}
    assert PLAN == read_plan(json.dumps(said), "plan.json")


def test_deletions_are_counted_as_destroyed() -> None:
    """And auth that goes off as a change."""
    gone = (DeleteUser(UserName("u")), DeleteRole(RoleName("r")), DisableAuth())
    plan = Plan(spec="", cluster_id=0, observed="", auth_revision=None, batches=(gone,))
    assert Summary(0, 1, 2) == plan.summary


def test_summary_counts_a_new_type_as_a_change() -> None:
    """Re-typing a permission is neither adding nor taking away."""
    retyped = GrantPermission(RoleName("r"), Permission(Access.READ, b"/a"), Access.READWRITE)
    plan = Plan(spec="", cluster_id=0, observed="", auth_revision=None, batches=((retyped,),))
    assert Summary(0, 1, 0) == plan.summary


def _with(**changed: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda data: {**data, **changed}


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (_with(spec="6" * 64), "the plan was edited after it was written"),
        (_with(changes=[]), "the plan was edited after it was written"),
        (_with(digest="0" * 64), "the plan was edited after it was written"),
        (_with(summary={"add": 0, "change": 0, "destroy": 0}), "the plan was edited after it was written"),
        (_with(extra=1), "the plan was edited after it was written"),
        (
            _with(format=FORMAT + 1),
            f"the plan has format {FORMAT + 1}, and this version of ringfence knows formats up to {FORMAT}",
        ),
        (_with(changes=[{"kind": "drop-everything", "batch": 0}]), "this is not a plan"),
        (_with(changes="none"), "this is not a plan"),
        (_with(cluster_id=None), "this is not a plan"),
    ],
)
def test_an_edited_plan_is_refused(edit: Callable[[dict[str, Any]], dict[str, Any]], problem: str) -> None:
    """The plan is read as it is; with one thing changed it is not."""
    data = json.loads(json.dumps(PLAN.to_json()))
    assert PLAN == read_plan(json.dumps(data), "plan.json")
    with pytest.raises(PlanError) as refused:
        read_plan(json.dumps(edit(data)), "plan.json")
    assert [f"plan.json: {problem}"] == [str(each) for each in refused.value.problems]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", "{}", '{"format": "1"}', "\x00"])
def test_what_is_no_plan_is_refused(text: str) -> None:
    """Any other text is an error with a hint, never a traceback."""
    with pytest.raises(PlanError, match="this is not a plan") as refused:
        read_plan(text, "plan.json")
    assert refused.value.problems[0].hint == "make a new one with ringfence plan --out"


def test_the_state_digest_tells_states_apart() -> None:
    """Equal states have equal digests, whatever the order; one changed bit gives another."""
    role = Role(RoleName("r"), (Permission(Access.READ, b"/a"),))
    one, two = User(UserName("u"), frozenset({role.name})), User(UserName("v"))
    assert state_digest(State.of([one, two], [role])) == state_digest(State.of([two, one], [role]))
    others = [
        State.of([one], [role]),
        State.of([one, two], [role], auth_enabled=False),
        State.of([one, two], [Role(role.name, (Permission(Access.WRITE, b"/a"),))]),
        State.of([one, two], [Role(role.name, (Permission(Access.READ, b"/a", b"/b"),))]),
    ]
    digests = [state_digest(state) for state in (State.of([one, two], [role]), *others)]
    assert len(digests) == len(set(digests))
