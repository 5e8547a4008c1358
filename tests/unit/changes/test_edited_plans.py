"""Whatever somebody writes into a plan file, it is refused in our words or is still the same plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringfence.changes.change import (
    AddUser,
    DeleteRole,
    EnableAuth,
    GrantPermission,
    GrantRole,
    ReplacePermission,
)
from ringfence.changes.diff import Prune, Unmanaged
from ringfence.changes.plan import Plan, PlanV2, read_plan
from ringfence.changes.v2.change import AddRoleV2, DeleteUserV2, EnableAuthV2, GrantRolesV2
from ringfence.errors import InputError, PlanError
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login
from ringfence.model.v2 import Pattern
from ringfence.reports.plan import plan_text

_ROLE, _USER = RoleName("calico"), UserName("calico")
_PLACE = Permission.on_prefix(Access.READWRITE, b"/calico/")
PLAN = Plan(
    spec="5" * 64,
    cluster_id=0xC0FFEE,
    observed="0" * 64,
    auth_revision=7,
    batches=(
        (GrantPermission(_ROLE, _PLACE), ReplacePermission(_ROLE, Permission(Access.READ, b"\xff"), Access.WRITE)),
        (AddUser(_USER, Login.CERTIFICATE),),
        (GrantRole(_USER, _ROLE),),
        (DeleteRole(RoleName("old"), (_USER,)),),
        (EnableAuth(),),
    ),
    unmanaged=Unmanaged((UserName("else"),), (RoleName("else"),)),
    prune=frozenset({Prune.ROLES}),
    v2=PlanV2(
        "1" * 64,
        (
            (AddRoleV2(_ROLE, (Pattern("/calico/*"),), ()),),
            (GrantRolesV2(_USER, (_ROLE,)), DeleteUserV2(UserName("old"))),
            (EnableAuthV2(),),
        ),
        Unmanaged((UserName("else"),)),
    ),
)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a JSON value, that of the whole included."""
    yield path
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _paths(part, (*path, key))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _paths(part, (*path, at))


def _put(path: tuple[str | int, ...], value: object, data: Any) -> Any:
    if not path:
        return value
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return data


def _written() -> Any:
    return json.loads(json.dumps(PLAN.to_json()))


PATHS = list(_paths(_written()))
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "", "users", "enable-auth", "v2", "read", "0x1", "-1", 10**30, -1, {"hex": "f"}])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


def _signed(data: Any) -> Any:
    """With the digest that belongs to what it says now, as somebody would who knows how it is made."""
    if isinstance(data, dict):
        body = {key: part for key, part in data.items() if key not in {"digest", "summary"}}
        made = json.dumps(body, sort_keys=True, separators=(",", ":"))
        data["digest"] = hashlib.sha256(made.encode()).hexdigest()
    return data


@given(path=st.sampled_from(PATHS), value=values)
@example(("changes", 0, "role"), None)
@example(("changes", 0, "role"), "\ud800")
@example(("changes", 0, "batch"), float("inf"))
@example(("auth_revision",), float("inf"))
@example(("v2", "observed"), "\ud800")
def test_any_value_anywhere(path: tuple[str | int, ...], value: object) -> None:
    """Refused as input, or equal to the plan that was written; never another exception."""
    try:
        plan = read_plan(json.dumps(_put(path, value, _written())), "plan.json")
    except InputError:
        return
    assert PLAN == plan


@given(path=st.sampled_from(PATHS), value=values)
@example(("changes", 0, "role"), "\ud800")
@example(("changes", 7, "user"), "\ud800")
@example(("unmanaged", "users", 0), "\ud800")
def test_any_value_with_a_digest_that_fits(path: tuple[str | int, ...], value: object) -> None:
    """The digest is no signature: what is read with one that fits can be shown and written like any other plan."""
    try:
        plan = read_plan(json.dumps(_signed(_put(path, value, _written()))), "plan.json")
    except InputError:
        return
    plan_text(plan).encode()
    assert plan == read_plan(json.dumps(plan.to_json()), "plan.json")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000 + "]" * 200_000,
        '{"format":1,"x":' + "[" * 200_000 + "]" * 200_000 + "}",
        '{"format":1,"cluster_id":' + "1" * 10_000 + "}",
        json.dumps(PLAN.to_json()).replace('"auth_revision": 7', '"auth_revision": 1e999'),
        json.dumps(PLAN.to_json()).replace('"auth_revision": 7', '"auth_revision": Infinity'),
        json.dumps(PLAN.to_json()).replace('"auth_revision": 7', '"auth_revision": NaN'),
    ],
    ids=["deep", "deep-inside", "digits", "1e999", "infinity", "nan"],
)
def test_what_json_can_hardly_read(text: str) -> None:
    """Nested without end, or a number that is none: this is not a plan."""
    with pytest.raises(PlanError, match="this is not a plan"):
        read_plan(text, "plan.json")
