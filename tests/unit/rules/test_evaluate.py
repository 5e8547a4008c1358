"""The evaluator's rules, as tables; the differential tests hold the same code against live servers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import InputError
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State, User
from ringfence.model.version import Version
from ringfence.rules.answer import answer, who_can
from ringfence.rules.calls import Call, Check, check
from ringfence.rules.evaluate import decide
from ringfence.rules.holdings import Grant, Holdings
from ringfence.rules.release import NEWEST, Behaviour
from ringfence.rules.requests import (
    Compare,
    DeleteRange,
    OfLease,
    Put,
    Range,
    RangeStream,
    Request,
    RoleGet,
    Service,
    Txn,
    UserGet,
    Watch,
)

ANN, BOB, ROOT = UserName("ann"), UserName("bob"), UserName("root")
READS = Permission(Access.READ, b"/a/", b"/b")
NEXT = Permission(Access.READWRITE, b"/b", b"/c")
BLIND = Permission(Access.WRITE, b"/w")
TAIL = Permission(Access.READ, b"/x", b"\x00")
STATE = State.of(
    [
        User(ROOT, frozenset([RoleName("root")])),
        User(ANN, frozenset([RoleName("one"), RoleName("two")])),
        User(BOB, frozenset([RoleName("tail")])),
    ],
    [Role(RoleName("one"), (READS, BLIND)), Role(RoleName("two"), (NEXT,)), Role(RoleName("tail"), (TAIL,))],
)
HOLDINGS = Holdings(STATE)
NEW, OLD = Behaviour.of(NEWEST), Behaviour.of(Version(3, 5, 1))

HIDDEN = Txn(success=(Txn(failure=(Range(b"/secret"),)),))
CASES: list[tuple[Request, bool, bool]] = [
    (Range(b"/a/"), True, True),
    (Range(b"/a"), False, False),
    (Range(b"/a/", b"/c"), True, True),
    (Range(b"/a/", b"/c\x00"), False, False),
    (Range(b"/a/", b"\x00"), False, False),
    (RangeStream(b"/a/", b"/c"), True, False),
    (RangeStream(b"/a/", b"/c\x00"), False, False),
    (Put(b"/b"), True, True),
    (Put(b"/a/x"), False, False),
    (Put(b"/w"), True, True),
    (Put(b"/w", prev_kv=True), False, False),
    (Put(b"/b", lease_keys=(b"/w",)), True, True),
    (Put(b"/b", lease_keys=(b"/w", b"/z")), False, False),
    (DeleteRange(b"/b", b"/c", prev_kv=True), True, True),
    (DeleteRange(b"/w", prev_kv=True), False, False),
    (Txn((Compare(b"/a/"),), (Range(b"/b"),), (Put(b"/b"),)), True, True),
    (Txn((Compare(b"/w"),)), False, False),
    (Txn((), (Range(b"/a/"),), (Put(b"/a/x"),)), False, False),
    (Txn(), True, True),
    (Txn(success=(Put(b"/w", prev_kv=True),)), False, True),
    (Txn(success=(Put(b"/b", lease_keys=(b"/z",)),)), False, True),
    (HIDDEN, False, True),
    (Watch(b"/a/", b"/c"), True, True),
    (Watch(b"/a/", b"\x00"), False, True),
    (Watch(b"", b"\x00"), False, False),
    (Service(Call.COMPACT), False, True),
    (Service(Call.MEMBER_LIST), True, True),
    (Service(Call.AUTH_STATUS), True, False),
    (OfLease(Call.LEASE_REVOKE, (b"/b", b"/w")), True, True),
    (OfLease(Call.LEASE_REVOKE, (b"/b", b"/a/x")), False, False),
    (OfLease(Call.LEASE_KEYS, (b"/z",)), False, True),
    (UserGet(ANN), True, True),
    (UserGet(BOB), False, False),
    (RoleGet(RoleName("two")), True, True),
    (RoleGet(RoleName("tail")), False, False),
]


@pytest.mark.parametrize(("asked", "on_new", "on_old"), CASES, ids=lambda value: str(value)[:60])
def test_a_decision_by_release(asked: Request, on_new: bool, on_old: bool) -> None:
    """What ann gets on the newest release, and on 3.5.1 with its holes."""
    assert on_new == decide(HOLDINGS, ANN, asked, NEW).allowed
    assert on_old == decide(HOLDINGS, ANN, asked, OLD).allowed


@pytest.mark.parametrize("asked", [asked for asked, *_ in CASES])
def test_root_may_do_everything(asked: Request) -> None:
    """The role root is enough for each of them."""
    assert decide(HOLDINGS, ROOT, asked, NEW).allowed


@pytest.mark.parametrize("asked", [asked for asked, *_ in CASES])
def test_nobody_is_held_back_while_auth_is_off(asked: Request) -> None:
    """The same users and roles, with the switch off."""
    off = Holdings(State.of(STATE.users.values(), STATE.roles.values(), auth_enabled=False))
    assert decide(off, UserName("nobody"), asked, NEW).allowed


def test_a_denied_range_tells_its_parts_and_who_gave_them() -> None:
    """Of a range over both roles and beyond, what is granted, what is not, and by which grants."""
    decision = decide(HOLDINGS, ANN, Range(b"/", b"/d"), NEW)
    (part,) = decision.parts
    assert SpanSet([Span(b"/a/", b"/c")]) == part.allowed
    assert SpanSet([Span(b"/", b"/a/"), Span(b"/c", b"/d")]) == part.denied
    assert (Grant(RoleName("one"), READS), Grant(RoleName("two"), NEXT)) == part.deciding


def test_a_hole_is_named_where_it_decides() -> None:
    """The rules say no, the server says yes, and the advisory in between is the one of that request."""
    expected: dict[Request, str] = {
        HIDDEN: "CVE-2026-33343",
        Service(Call.COMPACT): "CVE-2026-33413",
        Watch(b"/a/", b"\x00"): "GHSA-xg4h-6gfc-h4m8",
        Txn(success=(Put(b"/w", prev_kv=True),)): "CVE-2026-44283",
        OfLease(Call.LEASE_KEYS, (b"/z",)): "CVE-2023-32082",
    }
    for asked, hole in expected.items():
        found = answer(HOLDINGS, ANN, asked, Version(3, 5, 1))
        assert (True, False) == (found.allowed, found.by_rules.allowed)
        assert [hole] == [one.id for one in found.holes]


def test_a_way_around_is_named_where_the_answer_is_no() -> None:
    """What is denied plainly, and can be had all the same: by a nested transaction, a watch, a full database."""
    ids = {one.id for one in answer(HOLDINGS, ANN, Range(b"/secret"), Version(3, 5, 1)).around}
    assert {"CVE-2026-33343", "GHSA-xg4h-6gfc-h4m8", "etcd-22386"} == ids
    ids = {one.id for one in answer(HOLDINGS, ANN, Put(b"/secret"), Version(3, 5, 33)).around}
    assert {"etcd-22386"} == ids
    assert () == answer(HOLDINGS, ANN, Range(b"/secret"), Version(3, 7, 1)).around


def test_who_can_names_everybody_with_all_or_a_part() -> None:
    """Root and the holders of a grant, and nobody else; where keys do not matter, whoever may."""
    found = {user: one.allowed for user, one in who_can(HOLDINGS, Range(b"/b", b"/z"))}
    assert {ROOT: True, ANN: False, BOB: False} == found
    assert {ROOT, ANN} == {user for user, _ in who_can(HOLDINGS, Put(b"/w"))}
    assert {ROOT} == {user for user, one in who_can(HOLDINGS, Service(Call.COMPACT)) if one.allowed}


BORDERS = [
    (Call.COMPACT, "3.5.27", Check.NOTHING, "3.5.28", Check.ROOT),
    (Call.COMPACT, "3.6.8", Check.NOTHING, "3.6.9", Check.ROOT),
    (Call.STATUS, "3.5.31", Check.ROOT, "3.5.32", Check.ANYBODY),
    (Call.STATUS, "3.6.11", Check.ROOT, "3.6.12", Check.ANYBODY),
    (Call.MEMBER_LIST, "3.4.42", Check.ROOT, "3.4.43", Check.ANYBODY),
    (Call.LEASE_KEYS, "3.4.25", Check.NOTHING, "3.4.26", Check.KEYS),
    (Call.LEASE_REVOKE, "3.2.32", Check.NOTHING, "3.3.0", Check.KEYS),
    (Call.AUTH_STATUS, "3.6.14", Check.ROOT, "3.7.0", Check.NOTHING),
    (Call.RANGE_STREAM, "3.6.14", Check.ABSENT, "3.7.0", Check.KEYS),
    (Call.DOWNGRADE, "3.4.45", Check.ABSENT, "3.5.0", Check.NOTHING),
]


@pytest.mark.parametrize(("call", "before", "check_before", "after", "check_after"), BORDERS)
def test_the_table_on_both_sides_of_a_border(
    call: Call, before: str, check_before: Check, after: str, check_after: Check
) -> None:
    """The last release of a column, and the first of the next."""
    versions = Version.parse(before), Version.parse(after)
    assert versions[0] is not None
    assert versions[1] is not None
    assert (check_before, check_after) == (check(call, versions[0]), check(call, versions[1]))


def test_releases_before_3_2_are_refused() -> None:
    """Their rules are others; a newer line than the table knows has the newest rules."""
    with pytest.raises(InputError):
        check(Call.COMPACT, Version(3, 1, 9))
    assert Check.ROOT is check(Call.COMPACT, Version(3, 9, 0))


KEYS = st.binary(max_size=2).filter(bool)
PERMISSIONS = st.builds(Permission, st.sampled_from(Access), KEYS, st.just(b"") | st.just(b"\x00") | KEYS)


ASKED = st.tuples(KEYS, st.just(b"") | st.just(b"\x00") | KEYS).filter(
    lambda asked: Permission(Access.READ, *asked).has_keys
)


@given(st.lists(st.lists(PERMISSIONS, max_size=4), max_size=3), ASKED)
def test_a_range_is_granted_exactly_where_the_union_covers_it(
    roles: list[list[Permission]], asked: tuple[bytes, bytes]
) -> None:
    """The index and its bisections say what the plain union of all spans says, whole and in part."""
    named = [Role(RoleName(f"r{number}"), tuple(held)) for number, held in enumerate(roles)]
    state = State.of([User(ANN, frozenset(role.name for role in named))], named)
    span = Permission(Access.READ, *asked).span
    (part,) = decide(Holdings(state), ANN, Range(*asked), NEW).parts
    reach = state.reach(ANN).read
    assert reach.covers(span) == part.is_met
    assert reach & SpanSet([span]) == part.allowed
    chosen = SpanSet(grant.permission.span for grant in part.deciding)
    assert reach & SpanSet([span]) == chosen & SpanSet([span])


@given(st.lists(st.lists(PERMISSIONS, max_size=4), max_size=3), ASKED)
def test_who_can_says_of_each_user_what_can_i_says(roles: list[list[Permission]], asked: tuple[bytes, bytes]) -> None:
    """Found in one go for everybody, or for one user alone: the same decisions, and nobody is left out."""
    named = [Role(RoleName(f"r{number}"), tuple(held)) for number, held in enumerate(roles)]
    names = [role.name for role in named]
    users = [User(UserName(f"u{number}"), frozenset(names[number:])) for number in range(len(names))]
    holdings = Holdings(State.of([*users, User(ANN, frozenset(names[::2]))], named))
    found = dict(who_can(holdings, Range(*asked)))
    for user in holdings.state.users:
        alone = answer(holdings, user, Range(*asked))
        assert (user in found) == any(part.grants for part in alone.decision.parts)
        assert user not in found or alone == found[user]


@given(st.lists(PERMISSIONS, max_size=5), ASKED)
def test_the_ways_around_a_denied_read(held: list[Permission], asked: tuple[bytes, bytes]) -> None:
    """A watch where a readable key lies before a denied one, a put in a transaction where a denied one is writable."""
    state = State.of([User(ANN, frozenset([RoleName("one")]))], [Role(RoleName("one"), tuple(held))])
    found = answer(Holdings(state), ANN, Range(*asked), Version(3, 5, 1))
    reach = state.reach(ANN)
    denied = SpanSet([Permission(Access.READ, *asked).span]) - reach.read
    ways = {"CVE-2026-33343", "etcd-22386"} if denied else set()
    if any(reach.read & SpanSet([Span(b"\x00", span.end)]) for span in denied):
        ways.add("GHSA-xg4h-6gfc-h4m8")
    if reach.write & denied:
        ways.add("CVE-2026-44283")
    assert ways == {hole.id for hole in found.around}
    assert found == dict(who_can(Holdings(state), Range(*asked), Version(3, 5, 1))).get(ANN, found)


@pytest.mark.parametrize(
    "asked",
    [
        Range(b""),
        Range(b"/b", b"/a"),
        Range(b"/a", b"/a"),
        DeleteRange(b"/b", b"/a"),
        Watch(b"/b", b"/a"),
        Txn((Compare(b"/b", b"/a"),)),
        Txn(failure=(Range(b"/b", b"/a"),)),
    ],
    ids=str,
)
def test_a_range_without_keys_is_refused(asked: Request) -> None:
    """An empty key, and ranges that end where or before they start: no answer is better than a wrong one."""
    for refused in (lambda: answer(HOLDINGS, ANN, asked), lambda: list(who_can(HOLDINGS, asked))):
        with pytest.raises(InputError) as caught:
            refused()
        assert caught.value.problems[0].what.startswith("a range that holds no key cannot be judged")


def test_a_grant_without_keys_grants_nothing() -> None:
    """What old releases stored: the empty key, inverted and empty ranges, even where the request begins in them."""
    void = [
        Permission(Access.READ, key, end)
        for key, end in ((b"", b""), (b"", b"\x00"), (b"", b"/z"), (b"/b", b"/a"), (b"/a", b"/a"))
    ]
    state = State.of([User(ANN, frozenset([RoleName("void")]))], [Role(RoleName("void"), tuple(void))])
    for asked in (Range(b"/a"), Range(b"/a", b"/b"), Range(b"/b"), Range(b"\x00", b"\x00")):
        (part,) = decide(Holdings(state), ANN, asked, NEW).parts
        assert ((), False) == (part.grants, part.is_met)
        assert [] == list(who_can(Holdings(state), asked))
