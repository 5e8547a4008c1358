"""What a hole gives beside the answer: to one user, and to whoever an answer about everybody leaves out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State, User
from ringfence.model.version import Version
from ringfence.rules.answer import answer, not_counted, who_can
from ringfence.rules.calls import Call
from ringfence.rules.evaluate import Rule
from ringfence.rules.holdings import Grant, Holdings
from ringfence.rules.requests import (
    DeleteRange,
    OfLease,
    Put,
    Range,
    RangeStream,
    Request,
    RoleGet,
    Service,
    UserGet,
    Watch,
)

ROOT, ANN, BOB, EVE = UserName("root"), UserName("ann"), UserName("bob"), UserName("eve")
STATE = State.of(
    [
        User(ROOT, frozenset([RoleName("root")])),
        User(ANN, frozenset([RoleName("ann")])),
        User(BOB, frozenset([RoleName("bob")])),
        User(EVE, frozenset()),
    ],
    [
        Role(RoleName("ann"), (Permission.on_prefix(Access.READWRITE, b"/a/"),)),
        Role(RoleName("bob"), (Permission.on_prefix(Access.READ, b"/b/"),)),
    ],
)
HOLDINGS = Holdings(STATE)

NESTED, UNCHECKED, WATCH, PUT = "CVE-2026-33343", "CVE-2026-33413", "GHSA-xg4h-6gfc-h4m8", "CVE-2026-44283"
FULL, LEASE, GATEWAY = "etcd-22386", "CVE-2023-32082", "CVE-2018-16886"

_OF_LEASES = {Call.LEASE_REVOKE, Call.LEASE_KEEP_ALIVE, Call.LEASE_TIME_TO_LIVE, Call.LEASE_KEYS, Call.LEASE_LIST}
_KEY_SETS: tuple[tuple[bytes, ...], ...] = ((), (b"/a/x",), (b"/a/x", b"/b/x"), (b"/z",))
REQUESTS: list[Request] = [
    *(Service(call) for call in Call if call not in _OF_LEASES and call is not Call.RANGE_STREAM),
    *(OfLease(call, keys) for call in sorted(_OF_LEASES, key=lambda call: call.value) for keys in _KEY_SETS),
    RangeStream(b"/a/", b"/a0"),
    Range(b"/a/", b"/b0"),
    Put(b"/a/x", prev_kv=True),
    DeleteRange(b"/b/", b"/b0"),
    Watch(b"/a/", b"\x00"),
    UserGet(ANN),
    RoleGet(RoleName("ann")),
]
RELEASES = [
    Version(3, 2, 32),
    Version(3, 3, 27),
    Version(3, 4, 23),
    Version(3, 4, 45),
    Version(3, 5, 1),
    Version(3, 5, 28),
    Version(3, 5, 35),
    Version(3, 6, 8),
    Version(3, 6, 16),
    Version(3, 7, 0),
    Version(3, 7, 3),
    None,
]


@pytest.mark.parametrize("version", RELEASES, ids=str)
def test_who_can_is_can_i_of_each_user(version: Version | None) -> None:
    """Every kind of request on every column of the table: whoever may is named, with the very answer of can-i."""
    for asked in REQUESTS:
        found = dict(who_can(HOLDINGS, asked, version))
        alone = {user: answer(HOLDINGS, user, asked, version) for user in STATE.users}
        partly = {user for user, one in alone.items() if any(part.grants for part in one.decision.parts)}
        assert {user for user, one in alone.items() if one.allowed} | partly == set(found), asked
        assert {user: alone[user] for user in found} == found, asked


_KEYS = st.binary(min_size=1, max_size=2)
_GRANTS = st.lists(st.builds(Permission, st.sampled_from(Access), _KEYS, st.just(b"") | st.just(b"\x00")), max_size=3)


@given(
    st.lists(_GRANTS, max_size=3),
    st.sampled_from(sorted(_OF_LEASES, key=lambda call: call.value)),
    st.lists(_KEYS, max_size=2),
    st.sampled_from(RELEASES),
)
def test_who_can_is_can_i_of_each_user_for_any_lease(
    roles: list[list[Permission]], call: Call, keys: list[bytes], version: Version | None
) -> None:
    """The same for random grants and random keys of a lease."""
    named = [Role(RoleName(f"r{number}"), tuple(held)) for number, held in enumerate(roles)]
    users = [User(UserName(f"u{number}"), frozenset([role.name])) for number, role in enumerate(named)]
    holdings = Holdings(State.of([User(ROOT, frozenset([RoleName("root")])), *users, User(EVE, frozenset())], named))
    asked = OfLease(call, tuple(keys))
    may = {user for user, one in who_can(holdings, asked, version) if one.allowed}
    assert {user for user in holdings.state.users if answer(holdings, user, asked, version).allowed} == may


DENIED: list[Request] = [
    Range(b"/z"),
    Put(b"/z"),
    DeleteRange(b"/z"),
    Watch(b"/z"),
    Service(Call.AUTH_CHANGE),
    Service(Call.USER_LIST),
    Service(Call.SNAPSHOT),
    Service(Call.MEMBER_CHANGE),
    UserGet(ROOT),
    RoleGet(RoleName("root")),
    OfLease(Call.LEASE_REVOKE, (b"/z",)),
]


@pytest.mark.parametrize("asked", DENIED, ids=str)
@pytest.mark.parametrize("user", [ANN, BOB, EVE])
def test_a_full_database_gives_everything_that_root_may(user: UserName, asked: Request) -> None:
    """Denied on 3.5.35, where a full database lets anybody take the role root; on 3.6.16 a plain no."""
    assert FULL in {hole.id for hole in answer(HOLDINGS, user, asked, Version(3, 5, 35)).around}
    assert () == answer(HOLDINGS, user, asked, Version(3, 6, 16)).around


def test_no_hole_gives_a_call_that_the_release_lacks() -> None:
    """RangeStream on 3.5.35: root has it no more than others."""
    assert () == answer(HOLDINGS, ANN, RangeStream(b"/z"), Version(3, 5, 35)).around
    assert () == not_counted(RangeStream(b"/z"), Version(3, 5, 35))


NOT_COUNTED: list[tuple[Request | None, str, list[str]]] = [
    (Range(b"/z"), "3.5.1", [NESTED, WATCH, PUT, FULL]),
    (Put(b"/z"), "3.5.1", [NESTED, FULL]),
    (Service(Call.AUTH_CHANGE), "3.5.1", [FULL]),
    (Service(Call.COMPACT), "3.5.1", []),
    (Service(Call.COMPACT), "3.5.35", [FULL]),
    (Service(Call.MEMBER_LIST), "3.5.35", []),
    (OfLease(Call.LEASE_KEEP_ALIVE, (b"/z",)), "3.5.1", []),
    (OfLease(Call.LEASE_REVOKE, (b"/z",)), "3.6.8", [NESTED]),
    (UserGet(ROOT), "3.5.35", [FULL]),
    (Range(b"/z"), "3.3.10", [NESTED, WATCH, PUT, FULL, GATEWAY]),
    (Range(b"/z"), "3.6.8", [NESTED, WATCH, PUT]),
    (Range(b"/z"), "3.7.3", []),
    (None, "3.5.1", [NESTED, UNCHECKED, WATCH, PUT, FULL, LEASE]),
    (None, "3.5.35", [FULL]),
    (None, "3.7.3", []),
]


@pytest.mark.parametrize(("asked", "release", "expected"), NOT_COUNTED, ids=str)
def test_what_an_answer_about_everybody_does_not_count(
    asked: Request | None, release: str, expected: list[str]
) -> None:
    """The holes by which more than the named can have it, by the kind of request; of no request, all that give any."""
    version = Version.parse(release)
    assert version is not None
    assert expected == [hole.id for hole in not_counted(asked, version)]


@pytest.mark.parametrize("version", [version for version in RELEASES if version is not None], ids=str)
def test_what_gets_around_a_no_is_not_counted(version: Version) -> None:
    """Whatever hole is named to one user who is denied, is named where everybody is asked about."""
    for asked in REQUESTS:
        told = {hole.id for hole in not_counted(asked, version)}
        for user in STATE.users:
            assert {hole.id for hole in answer(HOLDINGS, user, asked, version).around} <= told, asked


def test_a_reason_of_the_rules_comes_first() -> None:
    """Root may keep a lease alive by the rules; that 3.5.1 asks nobody is a reason for the others alone."""
    found = dict(who_can(HOLDINGS, OfLease(Call.LEASE_KEEP_ALIVE, (b"/a/x",)), Version(3, 5, 1)))
    assert {ROOT: True, ANN: True, BOB: False, EVE: False} == {
        user: one.by_rules.allowed for user, one in found.items()
    }
    (granted,) = STATE.roles[RoleName("ann")].permissions
    assert (Rule("root holds the role root, which may do everything"),) == found[ROOT].because
    assert (Grant(RoleName("ann"), granted),) == found[ANN].because
    assert (Rule("etcd 3.5.1 checks nothing here: anybody with a certificate may"),) == found[BOB].because


@pytest.mark.parametrize(
    ("call", "condition"),
    [
        (Call.LEASE_LIST, "if no lease holds a key of others; name one"),
        (Call.LEASE_REVOKE, "if the lease holds no key of others; name one"),
        (Call.LEASE_KEYS, "if the lease holds no key of others; name one"),
    ],
)
def test_a_yes_about_a_lease_without_keys_has_a_condition(call: Call, condition: str) -> None:
    """Asked without a key nothing is denied, and that is said; with a key of others it is a no."""
    assert (Rule(condition),) == answer(HOLDINGS, ANN, OfLease(call), Version(3, 7, 3)).because
    assert not answer(HOLDINGS, ANN, OfLease(call, (b"/z",)), Version(3, 7, 3)).allowed
