"""Users, roles and permissions of etcd's v2 API: a store of its own, whose permissions are patterns of paths.

Nothing of it is shared with v3: not the users, not the keys, not the switch. etcd 3.6 has none of it any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.state import User

GUEST_ROLE = RoleName("guest")
"""The role of every request that names no user; ``enable`` creates it with access to everything where it is missing
(etcd ``server/etcdserver/api/v2auth/auth.go`` EnableAuth)."""


@dataclass(frozen=True, slots=True, order=True)
class Pattern:
    """What a permission is about: one path, or with a star at its end every path that begins with what is before it.

    A star anywhere else is a plain character. etcd matches the path of a request as it was sent, so ``/calico/`` is
    another path than ``/calico`` although both are the same directory (v2auth/auth.go simpleMatch, prefixMatch).

    Args:
        text: as etcd stores it; never empty.
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
        return path == self.text if self.stem is None else path.startswith(self.stem)

    def matches_tree(self, path: str) -> bool:
        """Whether it allows a recursive request on this path: only a pattern with a star does."""
        return self.stem is not None and path.startswith(self.stem)


@dataclass(frozen=True, slots=True)
class PatternRole:
    """A role of v2: what it may read, and what it may write; the two have nothing to do with each other."""

    name: RoleName
    read: frozenset[Pattern] = frozenset()
    write: frozenset[Pattern] = frozenset()


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
        """Whether this user may do everything: any user with the role root."""
        return user in self.users and ROOT_ROLE in self.users[user].roles

    def roles_of(self, user: UserName | None) -> tuple[PatternRole, ...]:
        """The roles that decide for a user, without those that do not exist; None, or no user, is the guest."""
        if user is None or user not in self.users:
            return tuple(role for role in (self.roles.get(GUEST_ROLE),) if role is not None)
        return tuple(self.roles[name] for name in sorted(self.users[user].roles) if name in self.roles)
