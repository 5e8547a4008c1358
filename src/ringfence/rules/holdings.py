"""Who holds which grant, found by key: permissions are sorted once, so that a question costs a bisection.

Sorting costs n log n in the number of permissions, is done when it is first needed, and does not grow with the number
of users that share a role.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter

from ringfence.keyspace import Span
from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission, and the role that holds it."""

    role: RoleName
    permission: Permission


_Held = tuple[bytes, bytes | None, RoleName, Permission]
"""The first key and the end of a permission, and whose it is. A bare tuple, because there may be 100,000 of them."""


class _Sorted:
    """Permissions that all read, or all write, in the order of their first keys."""

    __slots__ = ("_held", "_starts", "_tops")

    def __init__(self, held: list[_Held]) -> None:
        held.sort(key=itemgetter(0))
        self._held = held
        self._starts = [one[0] for one in held]
        self._tops: list[bytes] = []
        """The furthest end so far, up to the first permission without end."""
        top = b""
        for _, end, _, _ in held:
            if end is None:
                break
            top = max(top, end)
            self._tops.append(top)

    def meeting(self, asked: Span) -> Iterator[tuple[Span, Grant]]:
        """The grants that share a key with ``asked``."""
        last = len(self._starts) if asked.end is None else bisect_left(self._starts, asked.end)
        for index in range(bisect_right(self._tops, asked.start), last):
            start, end, role, permission = self._held[index]
            if end is None or end > asked.start:
                yield Span(start, end), Grant(role, permission)


class Holdings:
    """All users, roles and permissions of a state, ready to be asked."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._of_role: dict[tuple[RoleName, bool], _Sorted] = {}
        self._of_all: dict[bool, _Sorted] = {}

    def is_root(self, user: UserName) -> bool:
        """Whether the user holds the role root; its name does not matter."""
        return self.state.is_root(user)

    def holds(self, user: UserName, role: RoleName) -> bool:
        """Whether the user has been given the role."""
        return user in self.state.users and role in self.state.users[user].roles

    def meeting(self, user: UserName, access: Access, asked: Span) -> list[tuple[Span, Grant]]:
        """The user's grants of ``READ`` or ``WRITE`` that share a key with ``asked``, by their first key."""
        held = self.state.users[user].roles if user in self.state.users else ()
        found = [pair for role in held for pair in self._role(role, reads=access.reads).meeting(asked)]
        return found if len(held) == 1 else sorted(found, key=lambda pair: (pair[0].start, pair[1].role))

    def roles_meeting(self, access: Access, asked: Span) -> frozenset[RoleName]:
        """The roles that give some key of ``asked``, the role root aside."""
        reads = access.reads
        if reads not in self._of_all:
            self._of_all[reads] = _Sorted(list(_held(self.state.roles.values(), reads=reads)))
        return frozenset(grant.role for _, grant in self._of_all[reads].meeting(asked))

    def holders(self, roles: frozenset[RoleName]) -> Iterator[UserName]:
        """The users that hold one of ``roles`` or the role root, in the order of the state."""
        wanted = roles | {ROOT_ROLE}
        return (name for name, user in self.state.users.items() if not wanted.isdisjoint(user.roles))

    def _role(self, role: RoleName, *, reads: bool) -> _Sorted:
        found = self._of_role.get((role, reads))
        if found is None:
            roles = [self.state.roles[role]] if role in self.state.roles else []
            found = self._of_role[role, reads] = _Sorted(list(_held(roles, reads=reads)))
        return found


def _held(roles: Iterable[Role], *, reads: bool) -> Iterator[_Held]:
    """What some roles hold to read, or to write; what covers no key is left out."""
    for role in roles:
        for permission in role.permissions:
            if permission.access.reads if reads else permission.access.writes:
                span = permission.span
                if span:
                    yield span.start, span.end, role.name, permission
