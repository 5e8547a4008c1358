"""Users, roles and permissions of etcd's v2 API: a store of its own, whose permissions are patterns of paths.

Nothing of it is shared with v3: not the users, not the keys, not the switch. etcd 3.6 has none of it any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import User

GUEST_ROLE = RoleName("guest")
"""The role of every request that names no user; ``enable`` creates it with access to everything where it is missing
(etcd ``server/etcdserver/api/v2auth/auth.go`` EnableAuth)."""

GUEST = "(guest)"
"""Whoever names no user, as they are called in results; no etcd user can be confused with it."""


@dataclass(frozen=True, slots=True, order=True)
class Pattern:
    """What a permission is about: one path, or with a star at its end every path that begins with what is before it.

    A star anywhere else is a plain character. etcd matches the path of a request as it was sent, so ``/calico/`` is
    another path than ``/calico`` although both are the same directory (v2auth/auth.go simpleMatch, prefixMatch).

    Args:
        text: as etcd stores it. An empty one, which etcd takes too, matches nothing: etcd stumbles over it, and breaks
            off every request for which it comes to look at it.
    """

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def stem(self) -> str | None:
        """What is before the star at the end; None for the pattern of a single path."""
        return self.text[:-1] if self.text.endswith("*") else None

    def matches(self, path: str) -> bool:
        """Whether it allows a request that is about this path alone."""
        return len(self.text) > 0 and path == self.text if self.stem is None else path.startswith(self.stem)

    def matches_tree(self, path: str) -> bool:
        """Whether it allows a recursive request on this path: only a pattern with a star does."""
        return self.stem is not None and path.startswith(self.stem)


EVERY_PATH = Pattern("*")
"""Matches whatever path there is, also that of ``/v2/keys`` itself, which is empty and which ``/*`` does not match."""


@dataclass(frozen=True, slots=True)
class PatternRole:
    """A role of v2: what it may read, and what it may write; the two have nothing to do with each other."""

    name: RoleName
    read: frozenset[Pattern] = frozenset()
    write: frozenset[Pattern] = frozenset()


@dataclass(frozen=True, slots=True)
class ReachV2:
    """The patterns by which somebody may read, and those by which they may write; those of all roles together."""

    read: frozenset[Pattern] = frozenset()
    write: frozenset[Pattern] = frozenset()

    @classmethod
    def of(cls, roles: Iterable[PatternRole]) -> ReachV2:
        """What roles allow together: etcd takes the first role that allows a request, so it is all that any does."""
        held = tuple(roles)
        read = frozenset(pattern for role in held for pattern in role.read)
        return cls(read, frozenset(pattern for role in held for pattern in role.write))


@dataclass(frozen=True, slots=True)
class StateV2:
    """Users, roles, and the switch of the v2 API. Every user has a password, which etcd does not tell."""

    auth_enabled: bool
    users: Mapping[UserName, User] = field(default_factory=dict)
    roles: Mapping[RoleName, PatternRole] = field(default_factory=dict)

    @classmethod
    def of(cls, users: Iterable[User] = (), roles: Iterable[PatternRole] = (), *, auth_enabled: bool = True) -> StateV2:
        """A state from its parts, each found again by its name."""
        return cls(auth_enabled, {user.name: user for user in users}, {role.name: role for role in roles})

    def is_root(self, user: UserName) -> bool:
        """Whether this user may do everything: any user with the role root, and always the one so named.

        etcd adds the role to the user root whenever it reads it (v2auth/auth.go getUser, attachRootRole).
        """
        return user in self.users and (user == ROOT_USER or ROOT_ROLE in self.users[user].roles)

    def roles_of(self, user: UserName | None) -> tuple[PatternRole, ...]:
        """The roles that decide for a user, without those that do not exist; None, or no user, is the guest."""
        if user is None or user not in self.users:
            return tuple(role for role in (self.roles.get(GUEST_ROLE),) if role is not None)
        return tuple(self.roles[name] for name in sorted(self.users[user].roles) if name in self.roles)

    def reach(self, user: UserName | None) -> ReachV2:
        """What a user may read and write while auth is on; None, or no user, is the guest."""
        if user is not None and self.is_root(user):
            return ReachV2(frozenset({EVERY_PATH}), frozenset({EVERY_PATH}))
        return ReachV2.of(self.roles_of(user))
