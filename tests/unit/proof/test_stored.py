"""What the stored users and roles of v3 say against the spec."""

from __future__ import annotations

import pytest

from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State, User
from ringfence.proof.stored import beyond, short, ways_around
from ringfence.proof.violation import Unproven, Violation

_CALICO, _TENANT = b"/calico/", b"/tenant/"
_SEGMENTS = [SpanSet([Span.of_prefix(prefix)]) for prefix in (_CALICO, _TENANT)]
_UNPROVEN = (Unproven("calico", "why"),)


def _role(name: str, *permissions: Permission) -> Role:
    return Role(RoleName(name), permissions)


def _user(name: str, *roles: str) -> User:
    return User(UserName(name), frozenset(map(RoleName, roles)))


_FENCE = _role("calico", Permission.on_prefix(Access.READWRITE, _CALICO))


def _state(*roles: Role, users: tuple[User, ...] = (), fence: Role = _FENCE) -> State:
    first = (User(ROOT_USER, frozenset({ROOT_ROLE})), _user("calico", "calico"))
    return State.of((*first, *users), (Role(ROOT_ROLE), fence, *roles))


_WANTED = _state()


def _beyond(observed: State) -> list[tuple[str, str, str, str]]:
    found = list(beyond(observed, _WANTED, _SEGMENTS))
    assert all(("v3", "(stored)", "denied") == (each.api, each.member, each.expected) for each in found)
    return [(each.identity, each.operation, each.key, each.observed) for each in found]


def _short(observed: State, unproven: tuple[Unproven, ...] = _UNPROVEN) -> list[Violation]:
    return list(short(observed, _WANTED, unproven))


def test_stored_as_wanted() -> None:
    """Root may do everything, and so it is wanted; permissions that say the same in other words are no more."""
    assert [] == _beyond(_WANTED)
    also = _role("also", Permission.on_prefix(Access.READ, b"/calico/v1/"))
    assert [] == _beyond(_state(also, users=(_user("calico", "calico", "also"),)))


@pytest.mark.parametrize(
    ("access", "operations"),
    [(Access.READ, ["read"]), (Access.WRITE, ["write"]), (Access.READWRITE, ["read", "write"])],
)
def test_a_stored_role_that_reaches_too_far(access: Access, operations: list[str]) -> None:
    """Of a user of the spec, and of one that is not; each kind of access is a finding of its own."""
    wide = _role("wide", Permission.on_prefix(access, b"/tenant/x/"))
    for user, roles in (("calico", ("calico", "wide")), ("old", ("wide",))):
        said = f"allowed by roles: {', '.join(roles)}"
        expected = [(user, operation, "/tenant/x/*", said) for operation in operations]
        assert expected == _beyond(_state(wide, users=(_user(user, *roles),)))


def test_what_lies_in_no_segment_is_nobodys_business() -> None:
    """Of a span that reaches over the edge only the part within is told, once for each segment that it touches."""
    elsewhere = _role("wide", Permission(Access.READ, b"/elsewhere"))
    assert [] == _beyond(_state(elsewhere, users=(_user("old", "wide"),)))
    everything = _role("wide", Permission.on_prefix(Access.READ, b"/"))
    found = _beyond(_state(everything, users=(_user("old", "wide"),)))
    assert [("old", "read", "/calico/*"), ("old", "read", "/tenant/*")] == [each[:3] for each in found]


def test_a_second_root() -> None:
    """The role root is every key, whatever else its holder has."""
    found = _beyond(_state(users=(_user("admin", "root", "calico"),)))
    expected = [("admin", how, key) for how in ("read", "write") for key in ("/calico/*", "/tenant/*")]
    assert expected == [each[:3] for each in found]
    assert {"allowed by roles: calico, root"} == {each[3] for each in found}


def test_a_role_of_the_spec_that_grew() -> None:
    """All who hold it are told; the spec's own role of that name is what it is compared with."""
    grown = _role("calico", *_FENCE.permissions, Permission(Access.WRITE, b"/tenant/key"))
    found = _beyond(_state(fence=grown, users=(_user("other", "calico"),)))
    assert [("calico", "write", "/tenant/key"), ("other", "read", "/calico/*")] == [each[:3] for each in found[:2]]
    assert ("other", "write", "/tenant/key", "allowed by roles: calico") in found


def test_what_is_kept_from_somebody_who_was_not_tried() -> None:
    """Whose role lost a part, and who is not there at all; somebody who was tried is not read back."""
    assert [] == _short(_WANTED)
    less = _state(fence=_role("calico", Permission.on_prefix(Access.READ, _CALICO)))
    lost = Violation("calico", "(stored)", "write", "/calico/*", "allowed", "not allowed by its roles")
    assert [lost] == _short(less)
    assert [] == _short(less, unproven=())
    assert ["read", "write"] == [each.operation for each in _short(State.of())]


def test_who_stands_against_the_switch() -> None:
    """A problem for each user, with what it reaches, the first few places of many, and its roles."""
    assert [] == list(ways_around(beyond(_WANTED, _WANTED, _SEGMENTS)))
    wide = _role("wide", Permission.on_prefix(Access.READ, _TENANT))
    found = _state(wide, users=(_user("old", "wide"), _user("admin", "root")))
    segments = [*_SEGMENTS, SpanSet([Span.of_prefix(b"/x/")])]
    assert [] == list(
        ways_around(beyond(_state(users=(_user("ringfence-spare-0badf00d", "root"),)), _WANTED, segments))
    )
    assert [
        (
            "user admin may read /calico/*, read /tenant/*, read /x/*, write /calico/* and 2 more by its roles (root)"
            ", and the spec does not say so"
        ),
        "user old may read /tenant/* by its roles (wide), and the spec does not say so",
    ] == [str(problem) for problem in ways_around(beyond(found, _WANTED, segments))]
