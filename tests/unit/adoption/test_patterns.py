"""What import writes of a v2 store: for any state, a spec that passes the check and whose plan is empty."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.adoption.adopt import Facts
from ringfence.changes.v2.diff import diff_v2
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State, User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from ringfence.model.version import Version
from ringfence.ops.import_ import spec_for
from ringfence.ops.load import understand
from ringfence.spec.shape import OwnComponent, Spec
from ringfence.wanted.build import Wanted

FOLDER, TODAY = Path("/srv/spec"), date(2026, 9, 1)
BARE = State.of([User(ROOT_USER, frozenset({ROOT_ROLE}))], [Role(ROOT_ROLE)])
ROOT = User(ROOT_USER, frozenset({ROOT_ROLE}))


def role(name: str, read: tuple[str, ...] = (), write: tuple[str, ...] = ()) -> PatternRole:
    """A role of v2."""
    return PatternRole(RoleName(name), frozenset(map(Pattern, read)), frozenset(map(Pattern, write)))


def user(name: str, *roles: str) -> User:
    """A user; without roles it holds the one of its name."""
    return User(UserName(name), frozenset(map(RoleName, roles or (name,))))


def imported(v2: StateV2, v3: State = BARE, *, has_v3: bool = True) -> tuple[str, Spec, Wanted]:
    """The text, and what it asks for."""
    facts = Facts(endpoints=("https://10.0.0.1:2379",), etcd=Version(3, 5, 1), v2=v2, has_v3=has_v3)
    text = spec_for(v3, facts, FOLDER, TODAY)
    return text, *understand(text, "ringfence.yaml", FOLDER, TODAY)


def test_components_of_both_stores() -> None:
    """A user of both is one component with grants and patterns; one of v2 alone has patterns alone."""
    granted = Permission.on_prefix(Access.READWRITE, b"/shop/")
    v3 = State.of([ROOT, user("shop")], [Role(ROOT_ROLE), Role(RoleName("shop"), (granted,))])
    roles = [role("guest"), role("shop", ("/shop", "/shop/*"), ("/shop/*",)), role("old", (), ("/old*",))]
    v2 = StateV2.of([ROOT, user("shop"), user("old")], roles)
    text, spec, wanted = imported(v2, v3)
    assert ("v2", "v3") == spec.cluster.api
    components = {each.identity: each for each in spec.components if isinstance(each, OwnComponent)}
    assert {"shop": (1, 2), "old": (0, 1)} == {
        name: (len(each.grants), len(each.patterns)) for name, each in components.items()
    }
    assert wanted.v2 is not None
    assert () == diff_v2(wanted.v2.state, v2, spec.protect)
    assert "#" not in text.partition("version: 1")[2]


def test_v2_alone() -> None:
    """The spec is for v2, and says nothing of v3's switch."""
    v2 = StateV2.of([ROOT, user("old")], [role("guest"), role("old", ("/old/*",))])
    text, spec, _ = imported(v2, State.of(auth_enabled=False), has_v3=False)
    assert ("v2",) == spec.cluster.api
    assert "OFF" not in text


def test_what_apply_would_change_is_said() -> None:
    """Auth that is off, no root, and a guest with rights."""
    v2 = StateV2.of([user("old")], [role("guest", ("/*",), ("/*",)), role("old", ("/old/*",))], auth_enabled=False)
    text, *_ = imported(v2)
    assert "# v2 auth is OFF on this cluster; ringfence apply would switch it on" in text
    assert "# v2 has no user root; ringfence apply would make it" in text
    assert "# DANGER: in v2 whoever is no user may use /*; ringfence apply would take that away" in text


LEFT_OUT = [
    ([user("a", "b")], [role("b", ("/b/*",))], "user a: it holds b, and not just"),
    ([user("a", "a", "gone")], [role("a", ("/a/*",))], "user a: it holds a, gone, and not just"),
    ([user("a")], [], "user a: it holds a, and not just"),
    ([user("a", "root")], [], "user a: it holds the role root"),
    ([user("no name", "no name")], [role("no name", ("/a",))], "user no name: its name cannot be"),
    ([user("a")], [role("a")], "user a: its role has no patterns"),
    ([user("a")], [role("a", ("/a/", "/b"))], "user a: its role has patterns that no spec takes: '/a/'"),
    ([user("a")], [role("a", ("/a*b",))], "user a: its role has patterns that no spec takes: '/a*b'"),
    ([user("a"), user("b")], [role("a", ("/x/*",)), role("b", ("/x/y",))], "user b: its pattern /x/y meets /x/* of a"),
    ([], [role("lost", ("/a",))], "role lost: only a component has a role in v2"),
]


@pytest.mark.parametrize(("users", "roles", "line"), LEFT_OUT)
def test_what_no_spec_can_say(users: list[User], roles: list[PatternRole], line: str) -> None:
    """It is named with the reason, and a plan does not touch it."""
    v2 = StateV2.of([ROOT, *users], [role("guest"), *roles])
    text, spec, wanted = imported(v2)
    assert f"\n#   {line}" in text
    assert wanted.v2 is not None
    assert () == diff_v2(wanted.v2.state, v2, spec.protect)


def test_a_name_that_v3_has_for_something_else() -> None:
    """A user of v3 with other roles is no component, so it gets no patterns."""
    v3 = State.of([ROOT, user("a", "b")], [Role(ROOT_ROLE), Role(RoleName("b"))])
    granted = Permission.on_prefix(Access.READ, b"/b/")
    v3 = State.of([ROOT, user("a", "b")], [Role(ROOT_ROLE), Role(RoleName("b"), (granted,))])
    text, *_ = imported(StateV2.of([ROOT, user("a")], [role("guest"), role("a", ("/a/*",))]), v3)
    assert "user a: the spec has its name for something that takes no patterns" in text


NAMES = st.sampled_from(["a", "b", "calico", "root", "guest", "ca", "no name", "null", "a/b", "x" * 70])
PATHS = st.sampled_from(
    ["/a", "/a/*", "/a*", "/b/*", "/b", "*", "/", "/*", "a", "/a/", "//", "/é *", "/a*b", "/\n", ""]
)
ROLES = st.builds(role, NAMES.filter(lambda name: name != "root"), st.tuples(PATHS), st.tuples(PATHS))
USERS = st.builds(lambda name, held: User(UserName(name), frozenset(map(RoleName, held))), NAMES, st.sets(NAMES))


@settings(max_examples=40, deadline=None)
@given(st.lists(USERS, max_size=4), st.lists(ROLES, max_size=5), st.booleans(), st.booleans())
def test_any_state(users: list[User], roles: list[PatternRole], auth: bool, has_v3: bool) -> None:
    """Whatever is there, the plan for the imported spec has nothing but auth, root and the guest."""
    v2 = StateV2.of(users, roles, auth_enabled=auth)
    _, spec, wanted = imported(v2, has_v3=has_v3)
    assert wanted.v2 is not None
    mended = StateV2(True, {**v2.users, ROOT_USER: ROOT}, {**v2.roles, GUEST_ROLE: PatternRole(GUEST_ROLE)})
    assert () == diff_v2(wanted.v2.state, mended, spec.protect)
