"""Random v2 states: few names and few patterns, so that they meet."""

from __future__ import annotations

from hypothesis import strategies as st

from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2

USERS = tuple(UserName(name) for name in ("a", "b", "c"))
ROLES = tuple(RoleName(name) for name in ("a", "b", "c"))
PATHS = ("/", "/x", "/x/", "/x/1", "/x2", "/y", "/y/1", "/y/1/deep")
"""Enough to tell the patterns below apart, for a path alone and for a tree."""

_PATTERNS = st.frozensets(
    st.sampled_from([Pattern(text) for text in ("/*", "/x", "/x*", "/x/*", "/y", "/y/*", "/y/1")]), max_size=3
)
ROOT = User(ROOT_USER, frozenset({ROOT_ROLE}))


def role(name: RoleName) -> st.SearchStrategy[PatternRole]:
    """A role with some patterns."""
    return st.builds(PatternRole, st.just(name), _PATTERNS, _PATTERNS)


def _some(names: tuple[RoleName, ...]) -> st.SearchStrategy[list[PatternRole]]:
    return st.lists(st.sampled_from(names), unique=True).flatmap(
        lambda chosen: st.tuples(*(role(name) for name in chosen)).map(list)
    )


_USERS = st.lists(st.sampled_from(USERS), unique=True).flatmap(
    lambda chosen: st.tuples(
        *(st.builds(User, st.just(name), st.frozensets(st.sampled_from(ROLES))) for name in chosen)
    )
)


@st.composite
def observed_states(draw: st.DrawFn) -> StateV2:
    """Whatever may be there: memberships in roles that are gone, a guest who may do something, no root."""
    roles = draw(_some((*ROLES, GUEST_ROLE)))
    users = draw(_USERS)
    root = draw(st.booleans())
    return StateV2.of(
        [*users, *([ROOT] if root else [])],
        roles,
        auth_enabled=root and draw(st.booleans()),
    )


@st.composite
def wanted_states(draw: st.DrawFn) -> StateV2:
    """As specs make them: root, a guest with nothing, and each user with the role of its name."""
    names = draw(st.lists(st.sampled_from(USERS), unique=True))
    roles = [draw(role(RoleName(name))) for name in names]
    users = [User(name, frozenset({RoleName(name)})) for name in names]
    return StateV2.of([ROOT, *users], [PatternRole(GUEST_ROLE), *roles])


def may(state: StateV2, user: UserName | None) -> frozenset[tuple[str, str, str]]:
    """Everything among ``PATHS`` that somebody may do while auth is on, tried out."""
    reach = state.reach(user)
    lists = {"read": reach.read, "write": reach.write}
    return frozenset(
        (access, how, path)
        for access, patterns in lists.items()
        for how in ("path", "tree")
        for path in PATHS
        if any(each.matches(path) if how == "path" else each.matches_tree(path) for each in patterns)
    )
