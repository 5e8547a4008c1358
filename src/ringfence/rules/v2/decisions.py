"""Yes or no to one request of the v2 API, and because of which patterns.

etcd ``server/etcdserver/api/v2http/client_auth.go`` hasKeyPrefixAccess and hasGuestAccess, and
``api/v2auth/auth.go`` HasKeyAccess, HasRecursiveAccess, simpleMatch and prefixMatch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.v2 import Pattern, PatternRole, StateV2
from ringfence.rules.v2.overlaps import overlap
from ringfence.rules.v2.requests import Request2, clean


@dataclass(frozen=True, slots=True)
class Ground:
    """A pattern of a role that allows a request, and for what."""

    role: RoleName
    access: Access
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Decision2:
    """The answer; ``rule`` names a reason that is no pattern, and is empty where patterns decide.

    Args:
        allowed: yes or no.
        grounds: every pattern that allows it, or one half of it where it reads and writes; of ``who_can`` also every
            one that allows a part of a tree.
        rule: such as that auth is off.
    """

    allowed: bool
    grounds: tuple[Ground, ...] = ()
    rule: str = ""


def decide(state: StateV2, user: UserName | None, request: Request2) -> Decision2:
    """What etcd answers.

    Args:
        state: users, roles, and whether auth is on.
        user: who asks; None, or a name that is no user, is the guest.
        request: what is asked.
    """
    path = clean(request.path)
    if path is None:
        return Decision2(allowed=False, rule="that is no path of keys")
    if not state.auth_enabled:
        return Decision2(allowed=True, rule="v2 auth is off")
    if user is not None and state.is_root(user):
        return Decision2(allowed=True, rule=f"the user holds the role {ROOT_ROLE}")
    is_guest = user is None or user not in state.users
    # The guest's right is looked up as if every request were about one path alone, also a recursive one.
    recursive = request.recursive and not is_guest
    halves = _halves(request.access)
    found = {half: tuple(_grounds(state.roles_of(user), path, half, recursive)) for half in halves}
    grounds = tuple(ground for half in halves for ground in found[half])
    return Decision2(allowed=all(found.values()), grounds=grounds)


def allowed(state: StateV2, user: UserName | None, request: Request2) -> bool:
    """Whether etcd lets a user, or the guest, do that; see ``decide``."""
    return decide(state, user, request).allowed


def who_can(state: StateV2, request: Request2) -> dict[UserName | None, Decision2]:
    """Everybody who may, by name, the guest (None) last, each with the reason.

    Of a recursive request also those who may not, and have patterns that meet the tree: with other requests they get
    some of it.
    """
    found = {user: decide(state, user, request) for user in (*sorted(state.users), None)}
    path = clean(request.path)
    if request.recursive and path is not None:
        tree = Pattern(f"{path.rstrip('/')}/*")
        for user, grounds in whose_meet(state, tree, request.access).items():
            if not found[user].allowed:
                found[user] = Decision2(allowed=False, grounds=grounds)
    in_part = request.recursive
    return {user: decision for user, decision in found.items() if decision.allowed or (in_part and decision.grounds)}


def whose_meet(state: StateV2, pattern: Pattern, access: Access) -> dict[UserName | None, tuple[Ground, ...]]:
    """Everybody with patterns for ``access`` that meet a pattern, by name, the guest (None) last, each with these."""
    found: dict[UserName | None, tuple[Ground, ...]] = {}
    for user in (*sorted(state.users), None):
        found[user] = tuple(
            Ground(role.name, half, each)
            for half in _halves(access)
            for role in state.roles_of(user)
            for each in sorted(role.write if half is Access.WRITE else role.read)
            if each.text and overlap(each, pattern)
        )
    return {user: grounds for user, grounds in found.items() if grounds}


def _halves(access: Access) -> tuple[Access, ...]:
    return tuple(half for half in (Access.READ, Access.WRITE) if access in (half, Access.READWRITE))


def _grounds(roles: tuple[PatternRole, ...], path: str, access: Access, recursive: bool) -> Iterator[Ground]:
    for role in roles:
        for pattern in sorted(role.write if access is Access.WRITE else role.read):
            if pattern.matches_tree(path) if recursive else pattern.matches(path):
                yield Ground(role.name, access, pattern)
