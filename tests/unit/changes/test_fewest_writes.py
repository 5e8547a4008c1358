"""The diff makes as few auth calls as any safe order: random pairs of states, held against brute force."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.changes.change import Change, GrantPermission, GrantRole, ReplacePermission, RevokePermission, RevokeRole
from ringfence.changes.diff import diff
from ringfence.keyspace import Span
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login, Reach, Role, State, User
from tests.unit.changes.brute_force import Journey, Place
from tests.unit.changes.slow_etcd import SlowEtcd

R, W, RW = Access.READ, Access.WRITE, Access.READWRITE
A, AB, AC, B, BC = (b"a", b""), (b"a", b"b"), (b"a", b"c"), (b"b", b""), (b"b", b"c")
"""Five places on two keys that overlap in every way there is."""

ONE, OTHER = RoleName("one"), RoleName("other")
USERS = (UserName("u"), UserName("v"))
MORE = 3
"""How many calls more than a plan with a gap brute force may take to show that there is a way without."""


def every_place(*points: bytes) -> tuple[Place, ...]:
    """All that may be granted between these keys, and a single key in both ways in which it can be said."""
    spans = [Span(start, end) for start, end in combinations(points, 2)]
    keys = [Permission.on_span(R, span).place for span in spans]
    return tuple(dict.fromkeys([*keys, *((span.start, span.end or b"") for span in spans)]))


NARROW = every_place(b"a", b"a\x00", b"b", b"c")
BROAD = (*NARROW, B)
WIDE = every_place(b"a", b"a\x00", b"b", b"b\x00", b"c")


def entries(*places: Place, most: int) -> st.SearchStrategy[dict[Place, Access]]:
    """What a role stores, on some of these places."""
    return st.dictionaries(st.sampled_from(places), st.sampled_from(Access), max_size=most)


def permissions(*places: Place) -> st.SearchStrategy[Permission]:
    """One of what a role may store there."""
    return st.builds(lambda place, access: Permission(access, *place), st.sampled_from(places), st.sampled_from(Access))


def role(name: RoleName, stored: dict[Place, Access]) -> Role:
    """A role with these permissions."""
    return Role(name, tuple(Permission(access, *place) for place, access in stored.items()))


def held(*stored: dict[Place, Access]) -> State:
    """A role, or two, that one user holds."""
    roles = [role(name, each) for name, each in zip((ONE, OTHER), stored, strict=False)]
    return State.of([User(USERS[0], frozenset(each.name for each in roles), Login.CERTIFICATE)], roles)


@st.composite
def shared(draw: st.DrawFn, *places: Place, most: int) -> State:
    """Two roles, and two users that hold one or both of them."""
    roles = [role(name, draw(entries(*places, most=most))) for name in (ONE, OTHER)]
    sets = st.frozensets(st.sampled_from([ONE, OTHER]), min_size=1)
    return State.of([User(name, draw(sets), Login.CERTIFICATE) for name in USERS], roles)


def calls(changes: list[Change]) -> int:
    """How many auth calls they take."""
    return len(changes) + sum(isinstance(change, ReplacePermission) for change in changes)


def hold_against_brute_force(observed: State, wanted: State, places: tuple[Place, ...]) -> None:
    """Nothing safe is shorter, each moment is safe, and where there is a gap there is no way without."""
    changes = [change for batch in diff(wanted, observed) for change in batch]
    gap = any(isinstance(change, ReplacePermission) for change in changes)
    assert None is Journey(observed, wanted, places).fewest(calls(changes) + (MORE if gap else 0))
    etcd = SlowEtcd(observed)
    for change in changes:
        assert isinstance(
            change, GrantPermission | RevokePermission | ReplacePermission | GrantRole | RevokeRole
        )  # what brute force counts
        etcd.carry_out(change)
        now = etcd.state()
        for user in observed.users:
            assert gap or keeps(observed.reach(user), wanted.reach(user), now.reach(user))
        for name in observed.roles:
            assert is_modest(observed.roles[name].reach, wanted.roles[name].reach, now.roles[name].reach)


def keeps(before: Reach, after: Reach, now: Reach) -> bool:
    """Whether nothing is missing that both ends allow."""
    return now.read.covers(before.read & after.read) and now.write.covers(before.write & after.write)


def is_modest(before: Reach, after: Reach, now: Reach) -> bool:
    """Whether nothing is allowed that neither end allows."""
    return (before.read | after.read).covers(now.read) and (before.write | after.write).covers(now.write)


@given(observed=st.lists(permissions(A, AB, AC), max_size=3), wanted=entries(A, AB, AC, most=3))
def test_no_safe_order_on_one_key_takes_fewer_calls(observed: list[Permission], wanted: dict[Place, Access]) -> None:
    """Three places that start with the same key, one of them said like a key; etcd may store one of them twice."""
    found = Role(ONE, tuple(observed))
    hold_against_brute_force(State.of(held({}).users.values(), [found]), held(wanted), NARROW)


@given(observed=entries(A, AB, AC, B, BC, most=3), wanted=entries(A, AB, AC, B, BC, most=3))
def test_no_safe_order_on_two_keys_takes_fewer_calls(
    observed: dict[Place, Access], wanted: dict[Place, Access]
) -> None:
    """Five places on two keys of one role."""
    hold_against_brute_force(held(observed), held(wanted), WIDE)


@given(observed=shared(A, AB, AC, most=2), wanted=shared(A, AB, AC, most=2))
def test_no_safe_order_of_two_roles_takes_fewer_calls(observed: State, wanted: State) -> None:
    """What one role loses another may give, to one user and not to the other; memberships change too."""
    hold_against_brute_force(observed, wanted, NARROW)


@given(observed=shared(A, AB, AC, B, BC, most=2), wanted=shared(A, AB, AC, B, BC, most=2))
def test_no_safe_order_of_two_roles_on_two_keys_takes_fewer_calls(observed: State, wanted: State) -> None:
    """The same on two keys."""
    hold_against_brute_force(observed, wanted, BROAD)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([{AC: RW, AB: RW}], [{AC: R, AB: RW}], 4, id="a bridge"),
        pytest.param([{AC: RW, AB: RW}, {AC: R}], [{AC: R, AB: RW}, {AC: R}], 2, id="another role of the same user"),
        pytest.param([{A: R}, {A: W}], [{A: W}, {A: R}], 3, id="two roles trade places"),
        pytest.param([{AC: RW}], [{A: R, AC: W, B: R, BC: R}], 8, id="a wanted place serves as a bridge before"),
    ],
)
def test_what_it_costs(before: list[dict[Place, Access]], after: list[dict[Place, Access]], expected: int) -> None:
    """Bridges only where nothing else gives what is to be kept."""
    changes = [change for batch in diff(held(*after), held(*before)) for change in batch]
    assert expected == calls(changes)


def test_a_role_that_nobody_holds_needs_no_bridge() -> None:
    """Four calls with a holder, and two without."""
    observed, wanted = held({AC: RW, AB: RW}), held({AC: R, AB: RW})
    assert [4, 2] == [
        sum(map(len, diff(wanted, observed))),
        sum(map(len, diff(State.of([], wanted.roles.values()), State.of([], observed.roles.values())))),
    ]


def test_a_gap_that_cannot_be_avoided() -> None:
    """A single key that is said in both ways has no room for a bridge; with the key behind it there is."""
    said, new = (b"a", b"a\x00"), (b"c", b"")
    observed, wanted = {A: R, said: W}, {A: W, said: R, new: R}
    behind: dict[Place, Access] = {(b"a\x00", b"b"): RW}
    changes = [change for batch in diff(held(wanted), held(observed)) for change in batch]
    assert any(isinstance(change, ReplacePermission) for change in changes)
    assert None is Journey(held(observed), held(wanted), (A, said, new)).fewest(100)
    more = [change for batch in diff(held(wanted | behind), held(observed | behind)) for change in batch]
    assert not any(isinstance(change, ReplacePermission) for change in more)
