"""The order of changes in v2: as a table, and for random states at every step."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given

from ringfence.changes.diff import Prune, Unmanaged
from ringfence.changes.v2.change import (
    AddRoleV2,
    AddUserV2,
    ChangeV2,
    DeleteRoleV2,
    DeleteUserV2,
    DisableAuthV2,
    EnableAuthV2,
    GrantPatterns,
    GrantRolesV2,
    RevokePatterns,
    RevokeRolesV2,
)
from ringfence.changes.v2.diff import diff_v2, left_alone_v2, unmanaged_v2
from ringfence.changes.v2.effect import Working, after_v2
from ringfence.changes.v2.removal import removal_v2
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from tests.unit.changes.v2.states import ROOT, USERS, may, observed_states, wanted_states

A, B = UserName("a"), UserName("b")
X, Y = Pattern("/x/*"), Pattern("/y/*")
ALL = frozenset({Pattern("/*")})
CLOSED, OPEN = PatternRole(GUEST_ROLE), PatternRole(GUEST_ROLE, ALL, ALL)
EVERY_KIND = frozenset(Prune)


def state(*parts: User | PatternRole, on: bool = True) -> StateV2:
    """A state with root and these users and roles."""
    users = [part for part in parts if isinstance(part, User)]
    return StateV2.of([ROOT, *users], [part for part in parts if isinstance(part, PatternRole)], auth_enabled=on)


def role(name: str, *patterns: Pattern) -> PatternRole:
    """A role that reads and writes the same."""
    return PatternRole(RoleName(name), frozenset(patterns), frozenset(patterns))


def user(name: str, *roles: str) -> User:
    """A user with these roles."""
    return User(UserName(name), frozenset(RoleName(each) for each in roles))


EMPTY = StateV2.of([], [], auth_enabled=False)
WANTED = state(CLOSED, role("a", X), user("a", "a"))

ROWS: dict[str, tuple[StateV2, StateV2, list[list[ChangeV2]]]] = {
    "from nothing": (
        EMPTY,
        WANTED,
        [
            [AddUserV2(ROOT_USER, (ROOT_ROLE,))],
            [AddRoleV2(GUEST_ROLE), AddRoleV2(RoleName("a"), (X,), (X,))],
            [AddUserV2(A, (RoleName("a"),))],
            [EnableAuthV2()],
        ],
    ),
    "nothing to do": (WANTED, WANTED, []),
    "only the switch": (state(CLOSED, role("a", X), user("a", "a"), on=False), WANTED, [[EnableAuthV2()]]),
    "an open guest is closed when the users are there": (
        state(OPEN),
        WANTED,
        [
            [AddRoleV2(RoleName("a"), (X,), (X,))],
            [AddUserV2(A, (RoleName("a"),))],
            [RevokePatterns(GUEST_ROLE, (*ALL,), (*ALL,))],
        ],
    ),
    "an open guest is closed before the switch": (
        state(OPEN, role("a", X), user("a", "a"), on=False),
        WANTED,
        [[RevokePatterns(GUEST_ROLE, (*ALL,), (*ALL,))], [EnableAuthV2()]],
    ),
    "another pattern": (
        state(CLOSED, role("a", Y), user("a", "a")),
        WANTED,
        [[GrantPatterns(RoleName("a"), (X,), (X,))], [RevokePatterns(RoleName("a"), (Y,), (Y,))]],
    ),
    "reading alone": (
        state(CLOSED, PatternRole(RoleName("a"), frozenset({X}), frozenset()), user("a", "a")),
        WANTED,
        [[GrantPatterns(RoleName("a"), (), (X,))]],
    ),
    "a role too many": (
        state(CLOSED, role("a", X), role("b", Y), user("a", "a", "b")),
        WANTED,
        [[RevokeRolesV2(A, (RoleName("b"),))]],
    ),
    "a membership in a role that is gone goes before the role comes": (
        state(CLOSED, user("a", "a"), user("b", "a")),
        state(CLOSED, role("a", X), role("b", Y), user("a", "a"), user("b", "b")),
        [
            [AddRoleV2(RoleName("b"), (Y,), (Y,))],
            [GrantRolesV2(B, (RoleName("b"),))],
            [RevokeRolesV2(B, (RoleName("a"),))],
            [AddRoleV2(RoleName("a"), (X,), (X,))],
        ],
    ),
}


@pytest.mark.parametrize(("observed", "wanted", "expected"), ROWS.values(), ids=ROWS)
def test_order(observed: StateV2, wanted: StateV2, expected: list[list[ChangeV2]]) -> None:
    """What changes, batch by batch."""
    assert expected == [list(batch) for batch in diff_v2(wanted, observed)]


def test_unmanaged_stays() -> None:
    """What the spec does not name is listed and left alone, unless its kind is to be pruned."""
    observed = state(CLOSED, role("a", X), user("a", "a"), role("b", Y), user("b", "b"), user("c", "b"))
    assert Unmanaged((B, UserName("c")), (RoleName("b"),)) == unmanaged_v2(WANTED, observed)
    assert () == diff_v2(WANTED, observed)
    pruned = diff_v2(WANTED, observed, frozenset({B}), EVERY_KIND)
    assert ((DeleteUserV2(UserName("c")),),) == pruned
    assert Unmanaged((B,), (RoleName("b"),)) == left_alone_v2(pruned, unmanaged_v2(WANTED, observed))


def test_a_spare_key_that_was_left_is_deleted() -> None:
    """By apply before the switch, and by destroy, although no spec names it; unless it is protected."""
    spare = UserName("ringfence-spare-0badf00d")
    observed = state(CLOSED, role("a", X), user("a", "a"), user(spare, "root"), on=False)
    assert ((DeleteUserV2(spare),), (EnableAuthV2(),)) == diff_v2(WANTED, observed)
    assert DeleteUserV2(spare) in removal_v2(WANTED, observed)[0]
    assert ((EnableAuthV2(),),) == diff_v2(WANTED, observed, frozenset({spare}))


def test_a_pruned_role_is_taken_from_its_holders() -> None:
    """etcd would leave it with them by name, to come back to life with another role of that name."""
    observed = state(CLOSED, role("a", X), user("a", "a"), role("b", Y), user("b", "b"))
    assert (
        (RevokeRolesV2(B, (RoleName("b"),)),),
        (DeleteRoleV2(RoleName("b")),),
    ) == diff_v2(WANTED, observed, prune=frozenset({Prune.ROLES}))


def test_a_protected_user_keeps_its_roles() -> None:
    """It is stripped of nothing."""
    observed = state(CLOSED, role("a", X), role("b", Y), user("a", "a", "b"))
    assert () == diff_v2(WANTED, observed, frozenset({A}))


@given(observed_states(), wanted_states())
def test_the_end(observed: StateV2, wanted: StateV2) -> None:
    """The changes lead to what is wanted, beside what is left alone, and then there are none."""
    end = after_v2(observed, (change for batch in diff_v2(wanted, observed) for change in batch))
    assert end.auth_enabled
    assert all(wanted.users[name] == end.users[name] for name in wanted.users)
    assert all(wanted.roles[name] == end.roles[name] for name in wanted.roles)
    assert () == diff_v2(wanted, end)


@given(observed_states(), wanted_states())
def test_pruned_to_the_end(observed: StateV2, wanted: StateV2) -> None:
    """With everything pruned just what is wanted is left."""
    batches = diff_v2(wanted, observed, prune=EVERY_KIND)
    assert wanted == after_v2(observed, (change for batch in batches for change in batch))


@given(observed_states(), wanted_states())
def test_nobody_gains_on_the_way(observed: StateV2, wanted: StateV2) -> None:
    """At every step everybody may at most what they may before or after, the guest too; in any order within a batch."""
    batches = diff_v2(wanted, observed, prune=EVERY_KIND)
    end = after_v2(observed, (change for batch in batches for change in batch))
    most = {name: may(observed, name) | may(end, name) for name in (*USERS, None)}
    for step in _steps(observed, batches):
        for name, allowed in most.items():
            assert may(step, name) <= allowed


@given(observed_states(), wanted_states())
def test_nobody_loses_on_the_way(observed: StateV2, wanted: StateV2) -> None:
    """Where users hold their own roles already, nobody is without what they may both before and after."""
    own = {name: User(name, frozenset({RoleName(name)})) for name in observed.users if name != ROOT_USER}
    known = StateV2.of([ROOT, *own.values()], observed.roles.values())
    batches = diff_v2(wanted, known, prune=EVERY_KIND)
    end = after_v2(known, (change for batch in batches for change in batch))
    least = {name: may(known, name) & may(end, name) for name in (*USERS, None)}
    for step in _steps(known, batches):
        for name, needed in least.items():
            assert needed <= may(step, name)


@given(observed_states(), wanted_states())
def test_the_switch(observed: StateV2, wanted: StateV2) -> None:
    """Auth goes on last, with root there and the guest closed; a root that is there never goes."""
    batches = diff_v2(wanted, observed, prune=EVERY_KIND)
    for step in _steps(observed, batches):
        assert not (ROOT_USER in observed.users and ROOT_USER not in step.users)
        if step.auth_enabled and not observed.auth_enabled:
            assert step.is_root(ROOT_USER)
            assert frozenset() == may(step, None)


@given(observed_states(), wanted_states())
def test_one_change_of_a_kind_for_each_role_and_user(observed: StateV2, wanted: StateV2) -> None:
    """etcd loses one of two changes of the same role or user that it makes at the same time."""
    for batch in diff_v2(wanted, observed, prune=EVERY_KIND):
        assert 1 == len({type(change) for change in batch})
        about = [getattr(change, "role", None) or getattr(change, "user", None) for change in batch]
        assert len(about) == len(set(about))


def test_what_forces_a_loss() -> None:
    """Where two users exchange roles and the roles their patterns, somebody waits, and nobody gains."""
    observed = state(CLOSED, role("a", X), role("b", Y), user("a", "b"), user("b", "a"))
    wanted = state(CLOSED, role("a", Y), role("b", X), user("a", "a"), user("b", "b"))
    batches = diff_v2(wanted, observed)
    assert wanted == after_v2(observed, (change for batch in batches for change in batch))
    for step in _steps(observed, batches):
        assert may(step, A) <= may(observed, A)
        assert may(step, B) <= may(observed, B)


def test_removal() -> None:
    """Users go, then roles, also from those who stay; root, the guest and the switch stay."""
    observed = state(CLOSED, role("a", X), user("a", "a"), user("b", "a"))
    assert (
        (DeleteUserV2(A),),
        (RevokeRolesV2(B, (RoleName("a"),)),),
        (DeleteRoleV2(RoleName("a")),),
    ) == removal_v2(WANTED, observed)
    assert () == removal_v2(WANTED, observed, frozenset({A}))


def test_removal_with_auth() -> None:
    """Auth goes off first, because etcd deletes root only then; the guest stays closed."""
    observed = state(CLOSED, role("a", X), user("a", "a"))
    batches = removal_v2(WANTED, observed, with_auth=True)
    assert (
        (DisableAuthV2(),),
        (DeleteUserV2(A), DeleteUserV2(ROOT_USER)),
        (DeleteRoleV2(RoleName("a")),),
    ) == batches
    end = after_v2(observed, (change for batch in batches for change in batch))
    assert StateV2.of([], [CLOSED], auth_enabled=False) == end


def _steps(observed: StateV2, batches: tuple[tuple[ChangeV2, ...], ...]) -> list[StateV2]:
    """The state after each change, for each order of the changes of a batch that is short, else two of them."""
    steps = [observed]
    before = Working.of(observed)
    for batch in batches:
        orders = list(permutations(batch)) if len(batch) <= 3 else [batch, batch[::-1]]
        for order in orders:
            working = Working.of(before.state)
            for change in order:
                working.make(change)
                steps.append(working.state)
        for change in batch:
            before.make(change)
    return steps
