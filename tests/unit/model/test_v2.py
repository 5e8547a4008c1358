"""Patterns of etcd v2, by the table of its own sources."""

from __future__ import annotations

import pytest

from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.state import User
from ringfence.model.v2 import EVERY_PATH, GUEST_ROLE, Pattern, PatternRole, ReachV2, StateV2

CASES = [
    ("/calico", "/calico", True, False),
    ("/calico", "/calico/", False, False),
    ("/calico", "/calico/a", False, False),
    ("/calico/*", "/calico", False, False),
    ("/calico/*", "/calico/", True, True),
    ("/calico/*", "/calico/a/b", True, True),
    ("/calico*", "/calico", True, True),
    ("/calico*", "/calico2/x", True, True),
    ("/cal*co", "/calico", False, False),
    ("/cal*co", "/cal*co", True, False),
    ("*", "/", True, True),
]


@pytest.mark.parametrize(("pattern", "path", "alone", "tree"), CASES)
def test_matching(pattern: str, path: str, alone: bool, tree: bool) -> None:
    """A star counts at the end alone, and recursive requests need one."""
    assert (alone, tree) == (Pattern(pattern).matches(path), Pattern(pattern).matches_tree(path))


def test_roles_of() -> None:
    """Who is no user is the guest; a role that does not exist gives nothing."""
    guest, reader = PatternRole(GUEST_ROLE), PatternRole(RoleName("reader"), frozenset({Pattern("/a")}))
    user = User(UserName("ann"), frozenset({RoleName("reader"), RoleName("gone")}))
    state = StateV2.of([user], [guest, reader])
    assert (reader,) == state.roles_of(UserName("ann"))
    assert (guest,) == state.roles_of(UserName("bob")) == state.roles_of(None)
    assert () == StateV2.of().roles_of(None)


def test_root() -> None:
    """The role makes root, and so does the name of a user that exists: etcd adds the role to it."""
    state = StateV2.of([User(UserName("ann"), frozenset({ROOT_ROLE})), User(UserName("root")), User(UserName("eve"))])
    assert (True, True, False) == tuple(state.is_root(UserName(name)) for name in ("ann", "root", "eve"))
    assert not StateV2.of().is_root(UserName("root"))


def test_reach() -> None:
    """The patterns of all roles of a user; of the guest for who is no user; all paths for root."""
    one = PatternRole(RoleName("one"), frozenset({Pattern("/a")}), frozenset({Pattern("/b")}))
    other = PatternRole(RoleName("other"), frozenset({Pattern("/c")}))
    guest = PatternRole(GUEST_ROLE, frozenset({Pattern("/g")}))
    users = [User(UserName("ann"), frozenset({one.name, other.name})), User(UserName("root"))]
    state = StateV2.of(users, [one, other, guest])
    assert ReachV2(frozenset({Pattern("/a"), Pattern("/c")}), frozenset({Pattern("/b")})) == state.reach(users[0].name)
    assert ReachV2(guest.read) == state.reach(None) == state.reach(UserName("bob"))
    everything = frozenset({EVERY_PATH})
    assert ReachV2(everything, everything) == state.reach(UserName("root"))
    assert EVERY_PATH.matches("")
