"""Users, roles and whether auth is on: one type for what is wanted and for what is observed."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ringfence.keyspace import EVERYTHING, SpanSet
from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.permission import Access, Permission


class Login(enum.Enum):
    """How a user is meant to authenticate. etcd does not tell, so an observed user is ``UNKNOWN``."""

    CERTIFICATE = "certificate"
    PASSWORD = "password"  # noqa: S105  # a way to log in, not a secret
    KEPT = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reach:
    """The keys that somebody may read (Range, Watch) and those that they may write (Put, DeleteRange)."""

    read: SpanSet
    write: SpanSet

    @classmethod
    def of(cls, permissions: Iterable[Permission]) -> Reach:
        """What permissions, of one role or of several, allow together."""
        granted = tuple(permissions)
        return cls(
            SpanSet(grant.span for grant in granted if grant.access.reads),
            SpanSet(grant.span for grant in granted if grant.access.writes),
        )


@dataclass(frozen=True, slots=True)
class Role:
    """A role with its permissions, in the order in which etcd stores them."""

    name: RoleName
    permissions: tuple[Permission, ...] = ()

    @property
    def access(self) -> Mapping[tuple[bytes, bytes], Access]:
        """What the role allows at each place; entries that etcd stored twice are joined, as etcd joins them."""
        joined: dict[tuple[bytes, bytes], Access] = {}
        for permission in self.permissions:
            here = joined.get(permission.place)
            joined[permission.place] = permission.access if here is None else here | permission.access
        return joined

    @property
    def reach(self) -> Reach:
        """The keys that the role alone lets its holders read and write."""
        return Reach.of(self.permissions)


@dataclass(frozen=True, slots=True)
class User:
    """A user and the roles that it holds."""

    name: UserName
    roles: frozenset[RoleName] = frozenset()
    login: Login = field(default=Login.UNKNOWN, compare=False)


@dataclass(frozen=True, slots=True)
class State:
    """Users, roles, and the switch."""

    auth_enabled: bool
    users: Mapping[UserName, User] = field(default_factory=dict)
    roles: Mapping[RoleName, Role] = field(default_factory=dict)

    @classmethod
    def of(cls, users: Iterable[User] = (), roles: Iterable[Role] = (), *, auth_enabled: bool = True) -> State:
        """A state from its parts, each found again by its name."""
        return cls(auth_enabled, {user.name: user for user in users}, {role.name: role for role in roles})

    def is_root(self, user: UserName) -> bool:
        """Whether etcd lets this user do everything: any user that holds the role root, not only the one so named."""
        return user in self.users and ROOT_ROLE in self.users[user].roles

    def reach(self, user: UserName) -> Reach:
        """The keys that all roles of a user together let it read and write; a role that does not exist adds none."""
        if self.is_root(user):
            return Reach(SpanSet([EVERYTHING]), SpanSet([EVERYTHING]))
        held = self.users[user].roles if user in self.users else frozenset()
        return Reach.of(grant for name in held if name in self.roles for grant in self.roles[name].permissions)
