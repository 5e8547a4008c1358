"""What the stored users and roles of v2 say against the spec."""

from __future__ import annotations

import pytest

from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from ringfence.proof.v2.stored import beyond_v2, short_v2, uncovered
from ringfence.proof.violation import Unproven

_CALICO = frozenset({Pattern("/calico"), Pattern("/calico/*")})
_TENANT = frozenset({Pattern("/tenant/*")})
_SEGMENTS = {"calico": _CALICO, "tenant": _TENANT}


def _state(*more: PatternRole, users: tuple[User, ...] = (), guest: frozenset[Pattern] = frozenset()) -> StateV2:
    return StateV2.of(
        (
            User(ROOT_USER, frozenset({ROOT_ROLE})),
            User(UserName("calico"), frozenset({RoleName("calico")})),
            *users,
        ),
        (PatternRole(GUEST_ROLE, guest), PatternRole(RoleName("calico"), _CALICO, _CALICO), *more),
    )


_WANTED = _state()


@pytest.mark.parametrize(
    ("pattern", "others", "is_covered"),
    [
        ("/a", {"/a"}, True),
        ("/a", {"/a*"}, True),
        ("/a", {"/a/*"}, False),
        ("/a/b", {"/x", "/a/*"}, True),
        ("/a/*", {"/a*"}, True),
        ("/a*", {"/a/*"}, False),
        ("/a*", {"/a"}, False),
        ("/*", {"*"}, True),
        ("*", {"/*"}, False),
    ],
)
def test_what_other_patterns_allow_already(pattern: str, others: set[str], *, is_covered: bool) -> None:
    """A star takes everything that begins alike; a path only itself."""
    found = uncovered([Pattern(pattern)], frozenset(map(Pattern, others)))
    assert (() if is_covered else (Pattern(pattern),)) == found


def _beyond(observed: StateV2) -> list[tuple[str, str, str, str]]:
    found = list(beyond_v2(observed, _WANTED, _SEGMENTS.values()))
    assert all(("v2", "(stored)", "denied") == (each.api, each.member, each.expected) for each in found)
    return [(each.identity, each.operation, each.key, each.observed) for each in found]


def test_stored_as_wanted() -> None:
    """Root may do everything, and so it is wanted; patterns that say the same in other words are no more."""
    assert [] == _beyond(_WANTED)
    narrow = PatternRole(RoleName("also"), frozenset({Pattern("/calico/v1/*")}))
    assert [] == _beyond(_state(narrow, users=(User(UserName("calico"), frozenset({RoleName("also")})),)))


def test_a_stored_role_that_reaches_too_far() -> None:
    """Of a user of the spec, of one that is not, and of the guest; what lies in no segment is nobody's business."""
    wide = PatternRole(RoleName("wide"), frozenset({Pattern("/tenant/x"), Pattern("/elsewhere/*")}))
    held = frozenset({RoleName("calico"), RoleName("wide")})
    assert [("calico", "read", "/tenant/x", "allowed by roles: calico, wide")] == _beyond(
        _state(wide, users=(User(UserName("calico"), held),))
    )
    assert [("old", "read", "/tenant/x", "allowed by roles: wide")] == _beyond(
        _state(wide, users=(User(UserName("old"), frozenset({RoleName("wide")})),))
    )
    assert [("(guest)", "read", "/*", "allowed by roles: guest")] == _beyond(_state(guest=frozenset({Pattern("/*")})))


def test_a_second_root() -> None:
    """The role root is every path, whatever else its holder has."""
    found = _beyond(_state(users=(User(UserName("admin"), frozenset({ROOT_ROLE})),)))
    assert [("admin", "read", "*"), ("admin", "write", "*")] == [each[:3] for each in found]


def test_what_is_kept_from_somebody_who_was_not_tried() -> None:
    """Also where the user is not there at all: it is not taken for the guest."""
    unproven = (Unproven("calico", "why", "v2"),)
    assert [] == list(short_v2(_WANTED, _WANTED, unproven))
    gone = StateV2.of(roles=(PatternRole(GUEST_ROLE, _CALICO, _CALICO),))
    assert [("read", "/calico"), ("read", "/calico/*"), ("write", "/calico"), ("write", "/calico/*")] == [
        (each.operation, each.key) for each in short_v2(gone, _WANTED, unproven)
    ]
