"""The diff as a table of values, and as the property that its result is what was wanted."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.changes.change import (
    AddRole,
    AddUser,
    Change,
    EnableAuth,
    GrantPermission,
    GrantRole,
    RevokePermission,
    RevokeRole,
)
from ringfence.changes.diff import Unmanaged, diff, unmanaged
from ringfence.keyspace import SpanSet
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login, Role, State, User
from tests.unit.changes.slow_etcd import SlowEtcd

R, W, RW = Access.READ, Access.WRITE, Access.READWRITE
ROLE, USER = RoleName("calico"), UserName("calico")
A = Permission(RW, b"/a/", b"/a0")
A_READ = Permission(R, b"/a/", b"/a0")
A_HALF = Permission(RW, b"/a/", b"/a/m")
A_HALF_READ = Permission(R, b"/a/", b"/a/m")
A_HALF_2 = Permission(RW, b"/a/m", b"/a0")
A_REST = Permission(R, b"/a/m", b"/a0")
B = Permission(R, b"/b")


def role(*permissions: Permission, name: RoleName = ROLE) -> Role:
    """A role with these permissions."""
    return Role(name, permissions)


def user(*roles: RoleName, name: UserName = USER) -> User:
    """A user with these roles that logs in by certificate."""
    return User(name, frozenset(roles), Login.CERTIFICATE)


def state(*parts: Role | User, auth: bool = True) -> State:
    """A state of these users and roles."""
    users = [part for part in parts if isinstance(part, User)]
    return State.of(users, [part for part in parts if isinstance(part, Role)], auth_enabled=auth)


TABLE: list[tuple[str, State, State, list[list[Change]]]] = [
    ("nothing to do", state(user(ROLE), role(A)), state(user(ROLE), role(A)), []),
    (
        "from nothing: roles, permissions, users, memberships, and auth last",
        state(user(ROLE), role(A, B)),
        state(auth=False),
        [
            [AddRole(ROLE)],
            [GrantPermission(ROLE, A), GrantPermission(ROLE, B)],
            [AddUser(USER, Login.CERTIFICATE)],
            [GrantRole(USER, ROLE)],
            [EnableAuth()],
        ],
    ),
    ("auth that is on stays on", state(auth=False), state(auth=True), []),
    (
        "a grant comes before a revoke",
        state(role(B)),
        state(role(A)),
        [[GrantPermission(ROLE, B)], [RevokePermission(ROLE, A)]],
    ),
    ("a wider type is granted over the old one", state(role(A)), state(role(A_READ)), [[GrantPermission(ROLE, A, R)]]),
    (
        "a narrower type too, where its key occurs once",
        state(role(A_READ)),
        state(role(A)),
        [[GrantPermission(ROLE, A_READ, RW)]],
    ),
    (
        "a narrower type is bridged where its key occurs twice",
        state(user(ROLE), role(A_READ, A_HALF)),
        state(user(ROLE), role(A_HALF, A)),
        [
            [GrantPermission(ROLE, A_REST)],
            [RevokePermission(ROLE, A)],
            [GrantPermission(ROLE, A_READ)],
            [RevokePermission(ROLE, A_REST)],
        ],
    ),
    (
        "two entries of one key get narrower without a bridge",
        state(role(A_READ, A_HALF_READ)),
        state(role(A, A_HALF)),
        [
            [RevokePermission(ROLE, A_HALF)],
            [GrantPermission(ROLE, A_READ, RW)],
            [GrantPermission(ROLE, A_HALF_READ)],
        ],
    ),
    ("an entry that etcd stored twice counts as both", state(role(A)), state(role(A_READ, A)), []),
    ("the same keys in other words are left as they are", state(role(A)), state(role(A_HALF, A_HALF_2)), []),
    ("a role too many is taken from a user", state(user()), state(user(ROLE)), [[RevokeRole(USER, ROLE)]]),
    ("users and roles that the spec does not name are left alone", state(), state(user(ROLE), role(A)), []),
    (
        "root stores no permissions, whatever etcd shows",
        state(role(name=ROOT_ROLE)),
        state(role(Permission(RW, b"\x00", b"\x00"), name=ROOT_ROLE)),
        [],
    ),
]


@pytest.mark.parametrize(("wanted", "observed", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_diff(wanted: State, observed: State, expected: list[list[Change]]) -> None:
    """Each row: wanted, observed, and the batches that lead from one to the other."""
    assert expected == [list(batch) for batch in diff(wanted, observed)]


def test_a_protected_user_keeps_its_roles() -> None:
    """The same difference is a change without protection and none with it."""
    wanted, observed = state(user(name=ROOT_USER)), state(user(ROOT_ROLE, name=ROOT_USER))
    assert diff(wanted, observed) == ((RevokeRole(ROOT_USER, ROOT_ROLE),),)
    assert diff(wanted, observed, frozenset({ROOT_USER})) == ()


def test_unmanaged_lists_what_the_spec_does_not_name() -> None:
    """Found, named, and in order."""
    observed = state(
        user(name=UserName("b")), user(name=UserName("a")), user(ROLE), role(name=RoleName("old")), role(A)
    )
    assert Unmanaged((UserName("a"), UserName("b")), (RoleName("old"),)) == unmanaged(
        state(user(ROLE), role(A)), observed
    )


NAMES = (b"/a", b"/b")
places = st.sampled_from([(key, end) for key, end in product(NAMES, (b"", b"/m", b"/z", b"\x00"))])
permissions = st.builds(lambda place, access: Permission(access, *place), places, st.sampled_from(Access))
stored = st.lists(permissions, max_size=4).map(tuple)
role_names = st.sampled_from([RoleName("r"), RoleName("s")])
user_names = st.sampled_from([UserName("u"), UserName("v")])


@st.composite
def states(draw: st.DrawFn) -> State:
    """Two roles and two users at most, with duplicates as etcd can hold them."""
    roles = [Role(name, draw(stored)) for name in draw(st.sets(role_names))]
    held = st.frozensets(st.sampled_from([role.name for role in roles]) if roles else st.nothing())
    users = [User(name, draw(held), Login.CERTIFICATE) for name in draw(st.sets(user_names))]
    return State.of(users, roles)


def normal(state: State) -> State:
    """The same state with each place of a role once: what a spec can say."""
    roles = [
        Role(role.name, tuple(Permission(access, *place) for place, access in role.access.items()))
        for role in state.roles.values()
    ]
    return State.of(state.users.values(), roles)


@settings(deadline=None)
@given(wanted=states().map(normal), observed=states())
def test_carrying_out_the_diff_gives_what_was_wanted(wanted: State, observed: State) -> None:
    """By etcd's own rules the managed part ends up as wanted, and a second diff finds nothing."""
    etcd = SlowEtcd(observed)
    for batch in diff(wanted, observed):
        for change in batch:
            etcd.carry_out(change)
    after = etcd.state()
    assert diff(wanted, after) == ()
    for name, user in wanted.users.items():
        assert user.roles == after.users[name].roles
    for name, role in wanted.roles.items():
        assert role.reach == after.roles[name].reach


@settings(deadline=None)
@given(wanted=states().map(normal), observed=states())
def test_nothing_is_taken_away_that_both_ends_allow(wanted: State, observed: State) -> None:
    """After each step every user still reaches what it reached before and is to reach after, but for a stated gap."""
    etcd = SlowEtcd(observed)
    both = {
        name: (
            observed.reach(name).read & wanted.reach(name).read,
            observed.reach(name).write & wanted.reach(name).write,
        )
        for name in wanted.users
    }
    for batch in diff(wanted, observed):
        for change in batch:
            etcd.carry_out(change)
            now = etcd.state()
            for name, (read, write) in both.items():
                assert not read - now.reach(name).read
                assert not write - now.reach(name).write


def test_the_slow_etcd_appends_where_etcd_does() -> None:
    """Re-granting over a key with two range ends leaves the old entry: groundtruth of the replace rule."""
    etcd = SlowEtcd(state(role(A_HALF, A)))
    etcd.carry_out(GrantPermission(ROLE, A_READ))
    assert [A_HALF, A, A_READ] == sorted(etcd.state().roles[ROLE].permissions, key=lambda entry: entry.access is R)
    assert SpanSet([A.span]) == SpanSet(
        entry.span for entry in etcd.state().roles[ROLE].permissions if entry.access.writes
    )


def test_a_role_gains_before_a_user_leaves_another() -> None:
    """A role that turns from writing to reading is a user's new way to read: it gains that before the old one goes."""
    other = RoleName("other")
    wanted = state(user(ROLE), role(Permission(R, b"/a")), role(name=other))
    observed = state(user(other), role(Permission(W, b"/a")), role(Permission(R, b"/a"), name=other))
    etcd = SlowEtcd(observed)
    for batch in diff(wanted, observed):
        for change in batch:
            etcd.carry_out(change)
            assert b"/a" in etcd.state().reach(USER).read
    assert diff(wanted, etcd.state()) == ()
