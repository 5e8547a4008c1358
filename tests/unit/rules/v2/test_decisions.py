"""etcd's rules of v2: tables from its own sources, and properties over all patterns and paths."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.state import User
from ringfence.model.v2 import EVERY_PATH, GUEST_ROLE, Pattern, PatternRole, StateV2
from ringfence.rules.v2.callers import NOBODY, Basic, Caller, caller, leads_to_data
from ringfence.rules.v2.decisions import Decision2, Ground, allowed, decide, who_can
from ringfence.rules.v2.requests import Request2, clean

ANN, BOB, ROOT, EVE = UserName("ann"), UserName("bob"), UserName("root"), UserName("eve")
TREE, LISTER, GONE = RoleName("tree"), RoleName("lister"), RoleName("gone")


def patterns(*texts: str) -> frozenset[Pattern]:
    """Patterns from their texts."""
    return frozenset(Pattern(text) for text in texts)


def state(*guest: str, enabled: bool = True) -> StateV2:
    """Ann has a tree, Bob may read a directory and write one key, Eve is root by role."""
    users = (
        User(ANN, frozenset({TREE, GONE})),
        User(BOB, frozenset({LISTER})),
        User(ROOT),
        User(EVE, frozenset({ROOT_ROLE})),
    )
    roles = (
        PatternRole(TREE, patterns("/calico", "/calico/*"), patterns("/calico/*")),
        PatternRole(LISTER, patterns("/calico"), patterns("/calico/x")),
        PatternRole(GUEST_ROLE, patterns(*guest), patterns(*guest)),
    )
    return StateV2.of(users, roles, auth_enabled=enabled)


DECISIONS = [
    # who, path, recursive, reads, writes
    (ANN, "/calico", False, True, False),
    (ANN, "/calico", True, False, False),
    (ANN, "/calico/", False, True, True),
    (ANN, "/calico/", True, True, True),
    (ANN, "/calico/a/b", True, True, True),
    (ANN, "/calico2", False, False, False),
    (ANN, "/", False, False, False),
    (ANN, "", False, False, False),
    (ANN, "/registry/../calico/a", False, True, True),
    (ANN, "/calico/../registry/a", False, False, False),
    (ANN, "//calico//a", False, True, True),
    (BOB, "/calico", False, True, False),
    (BOB, "/calico", True, False, False),
    (BOB, "/calico/x", False, False, True),
    (BOB, "/calico/x", True, False, False),
    (BOB, "/calico/", False, False, False),
    (ROOT, "", True, True, True),
    (EVE, "/registry/a", True, True, True),
    (None, "/calico", False, False, False),
    (UserName("stranger"), "/calico", False, False, False),
    (ROOT, "/../auth/users", False, False, False),
]


@pytest.mark.parametrize(("user", "path", "recursive", "reads", "writes"), DECISIONS)
def test_decisions(user: UserName | None, path: str, recursive: bool, reads: bool, writes: bool) -> None:
    """Reading and writing are two lists, a recursive request needs a star, and the path counts as it arrives."""
    for access, expected in ((Access.READ, reads), (Access.WRITE, writes), (Access.READWRITE, reads and writes)):
        assert expected is allowed(state(), user, Request2(path, access, recursive)), access


@pytest.mark.parametrize(
    ("guest", "path", "recursive", "expected"),
    [
        ("/*", "/registry/a", True, True),
        ("/*", "", False, False),
        ("/registry", "/registry", False, True),
        ("/registry", "/registry", True, True),
        ("/registry", "/registry/", True, False),
        ("/registry/*", "/registry", True, False),
    ],
)
def test_guest(guest: str, path: str, recursive: bool, expected: bool) -> None:
    """A guest's recursive request is looked up as a plain one: a pattern without a star opens a whole tree."""
    for user in (None, UserName("stranger")):
        assert expected is allowed(state(guest), user, Request2(path, Access.READ, recursive))
    assert not allowed(state(guest), BOB, Request2("/registry/a", Access.READ))


def test_a_user_has_nothing_of_the_guest() -> None:
    """Who is a user has the roles that it holds, and not what everybody has."""
    assert allowed(state("/open"), None, Request2("/open", Access.READ))
    assert not allowed(state("/open"), BOB, Request2("/open", Access.READ))


def test_auth_off() -> None:
    """Everybody may do everything, but no request leaves the keys."""
    off = state(enabled=False)
    assert Decision2(allowed=True, rule="v2 auth is off") == decide(off, None, Request2("/x", Access.WRITE, True))
    assert not allowed(off, None, Request2("/../members", Access.READ))


def test_grounds() -> None:
    """The answer names the patterns that it is owed to, each half of a request for itself."""
    ground = Ground(TREE, Access.READ, Pattern("/calico/*"))
    write = Ground(TREE, Access.WRITE, Pattern("/calico/*"))
    request = Request2("/calico/a", Access.READWRITE)
    assert Decision2(allowed=True, grounds=(ground, write)) == decide(state(), ANN, request)
    half = Ground(LISTER, Access.WRITE, Pattern("/calico/x"))
    assert Decision2(allowed=False, grounds=(half,)) == decide(state(), BOB, Request2("/calico/x", Access.READWRITE))


def test_who_can() -> None:
    """Everybody who may, the guest last; root by rule."""
    found = who_can(state("/calico"), Request2("/calico", Access.READ))
    assert [ANN, BOB, EVE, ROOT, None] == list(found)
    assert "the user holds the role root" == found[EVE].rule
    of_tree = who_can(state("/calico"), Request2("/calico", Access.READ, recursive=True))
    assert [EVE, ROOT, None] == [user for user, decision in of_tree.items() if decision.allowed]
    assert [ANN, BOB] == [user for user, decision in of_tree.items() if not decision.allowed]


IN_PART = [
    # whose pattern to read, what is asked recursively, and whether they get all, a part, or nothing
    ("/a/b/*", "/a/", False, True),
    ("/a/b/*", "/a", False, True),
    ("/a/*", "/a/b", True, False),
    ("/a/*", "/a", False, True),
    ("/a/b", "/a/", False, True),
    ("/a", "/a/", False, True),
    ("/a/b/*", "/", False, True),
    ("/a/b/*", "", False, True),
    ("/ab/*", "/a/", False, False),
    ("/a/b/*", "/a/c/", False, False),
    ("", "/a/", False, False),
    ("/a/b/*", "/../auth", False, False),
]


@pytest.mark.parametrize(("pattern", "path", "all_of_it", "part"), IN_PART)
def test_who_can_in_part(pattern: str, path: str, all_of_it: bool, part: bool) -> None:
    """Whose patterns meet the tree is there too, denied, and with those patterns; a plain request has no parts."""
    ground = Ground(TREE, Access.READ, Pattern(pattern))
    one = StateV2.of([User(ANN, frozenset({TREE}))], [PatternRole(TREE, patterns(pattern), patterns("/other"))])
    found = who_can(one, Request2(path, Access.READ, recursive=True))
    assert ({ANN: Decision2(all_of_it, (ground,))} if all_of_it or part else {}) == found
    plain = who_can(one, Request2(path, Access.READ))
    assert all(decision.allowed for decision in plain.values())
    assert {} == who_can(one, Request2("/other", Access.READWRITE)), "one half is no part of a plain request"


def test_who_can_in_part_by_one_of_several() -> None:
    """Only patterns of the kind that was asked for count, and only those that meet; the guest's as anybody's."""
    roles = (
        PatternRole(TREE, patterns("/a/x/*", "/b/*"), patterns("/a/y")),
        PatternRole(GUEST_ROLE, patterns("/a/z"), patterns("/b")),
    )
    one = StateV2.of([User(ANN, frozenset({TREE})), User(BOB)], roles)
    reading, writing = (Request2("/a/", access, recursive=True) for access in (Access.READ, Access.WRITE))
    x, y, z = Pattern("/a/x/*"), Pattern("/a/y"), Pattern("/a/z")
    by_guest = Decision2(allowed=False, grounds=(Ground(GUEST_ROLE, Access.READ, z),))
    by_role = Decision2(allowed=False, grounds=(Ground(TREE, Access.READ, x),))
    assert {ANN: by_role, None: by_guest} == who_can(one, reading)
    assert {ANN: Decision2(allowed=False, grounds=(Ground(TREE, Access.WRITE, y),))} == who_can(one, writing)


CALLERS = [
    ((), None, Caller(None)),
    (("stranger",), None, Caller(None)),
    (("ann",), None, Caller(ANN)),
    (("stranger", "middle", "ann"), None, Caller(ANN)),
    (("bob", "ann"), None, Caller(BOB)),
    (("",), None, NOBODY),
    (("ann", ""), None, Caller(ANN)),
    (("stranger", "", "ann"), None, NOBODY),
    (("x/../ann",), None, Caller(ANN)),
    (("ann/",), None, Caller(ANN)),
    (("/ann",), None, Caller(ANN)),
    (("../users/ann",), None, Caller(ANN)),
    (("../roles/tree", "ann"), None, NOBODY),
    (("../roles/gone", "ann"), None, Caller(ANN)),
    (("../enabled", "ann"), None, Caller(ANN)),
    (("..", "ann"), None, NOBODY),
    ((".",), None, NOBODY),
    (("a/b", "ann"), None, Caller(ANN)),
    (("Ann",), None, Caller(None)),
    (("ann",), Basic(BOB, right=True), Caller(BOB)),
    (("ann",), Basic(BOB, right=False), NOBODY),
    (("ann",), Basic(UserName(""), right=False), NOBODY),
    (("ann",), Basic(UserName("stranger"), right=True), NOBODY),
]


@pytest.mark.parametrize(("names", "basic", "expected"), CALLERS)
def test_callers(names: tuple[str, ...], basic: Basic | None, expected: Caller) -> None:
    """A header decides alone; of a chain, its authority's name included, the first that is a user counts."""
    assert expected == caller(state(), names, basic)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("../../1/x", True), ("a/../../../1", True), ("ann", False), ("../1/x", False), ("../../2/users/ann", False)],
)
def test_leads_to_data(name: str, expected: bool) -> None:
    """A name that takes etcd out of the users and into the keys."""
    assert expected is leads_to_data(name)


CLEAN = [
    ("", ""),
    ("/", "/"),
    ("/a", "/a"),
    ("/a/", "/a/"),
    ("/a//b", "/a/b"),
    ("//", "/"),
    ("/a/./b", "/a/b"),
    ("/a/../b", "/b"),
    ("/a/..", ""),
    ("/a/../", "/"),
    ("/a/.", "/a"),
    ("/a/b/..", "/a"),
    ("/...", "/..."),
    ("/..", None),
    ("/../keys/a", "/a"),
    ("/../../x", None),
    ("/../keysx", None),
]


@pytest.mark.parametrize(("path", "expected"), CLEAN)
def test_clean(path: str, expected: str | None) -> None:
    """As Go's multiplexer shortens a path before etcd sees it."""
    assert expected == clean(path)


PARTS = st.sampled_from(["a", "b", "", ".", "..", "*", "a*", "ab"])
PATHS = st.lists(PARTS, max_size=5).map(lambda parts: "".join(f"/{part}" for part in parts))
PATTERNS = st.one_of(PATHS, PATHS.map(lambda path: f"{path}*"), st.just("*")).filter(bool).map(Pattern)
SETS = st.frozensets(PATTERNS, max_size=4)


@given(PATHS)
def test_clean_is_stable(path: str) -> None:
    """What was shortened once stays as it is, and holds nothing to shorten."""
    short = clean(path)
    if short is not None:
        assert short == clean(short)
        assert not {"", ".", ".."} & set(short.split("/")[1:-1])


@given(SETS, PATHS, st.booleans())
def test_a_decision_is_a_plain_comparison(read: frozenset[Pattern], path: str, recursive: bool) -> None:
    """The same answer as a shell's pattern would give in which a star at the end alone is one."""
    one = StateV2.of([User(ANN, frozenset({TREE}))], [PatternRole(TREE, read)])
    short = clean(path)
    stars = [pattern.text for pattern in read if pattern.text.endswith("*")]
    others = [pattern.text for pattern in read if not pattern.text.endswith("*")]
    expected = short is not None and (
        any(fnmatchcase(short, text[:-1].replace("*", "[*]") + "*") for text in stars)
        or (not recursive and short in others)
    )
    assert expected is allowed(one, ANN, Request2(path, Access.READ, recursive))


@given(SETS, SETS, PATHS, st.booleans())
def test_more_patterns_allow_more(
    less: frozenset[Pattern], more: frozenset[Pattern], path: str, recursive: bool
) -> None:
    """Nothing is denied because of a pattern, and what may be done recursively may be done plainly."""
    few = StateV2.of([User(ANN, frozenset({TREE}))], [PatternRole(TREE, write=less)])
    many = StateV2.of([User(ANN, frozenset({TREE}))], [PatternRole(TREE, write=less | more)])
    request = Request2(path, Access.WRITE, recursive)
    assert allowed(few, ANN, request) <= allowed(many, ANN, request)
    assert allowed(few, ANN, request) <= allowed(few, ANN, Request2(path, Access.WRITE))
    assert not allowed(many, ANN, Request2(path, Access.READ))


@given(PATHS, st.booleans())
def test_the_pattern_of_all_paths(path: str, recursive: bool) -> None:
    """It allows every request that comes to the rules."""
    all_of_it = StateV2.of([User(ANN, frozenset({TREE}))], [PatternRole(TREE, frozenset({EVERY_PATH}))])
    assert (clean(path) is not None) is allowed(all_of_it, ANN, Request2(path, Access.READ, recursive))
