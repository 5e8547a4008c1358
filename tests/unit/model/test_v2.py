"""Patterns of etcd v2, by the table of its own sources."""

from __future__ import annotations

import pytest

from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2

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
    """The role makes root, not the name."""
    state = StateV2.of([User(UserName("ann"), frozenset({ROOT_ROLE})), User(UserName("root"))])
    assert (True, False, False) == tuple(state.is_root(UserName(name)) for name in ("ann", "root", "bob"))
