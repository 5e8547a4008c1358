"""Who holds which grant, found by key: permissions are sorted once, so that a question costs a bisection.

Sorting costs n log n in the number of permissions, is done when it is first needed, and does not grow with the number
of users that share a role. A permission that covers no key (an empty key, a range that ends before it starts; etcd
before 3.4.25 and 3.5.8 stored them) is left out. It changes no answer of any release, whatever the shape of etcd's
tree (``pkg/adt/interval_tree.go``): no key lies in it, so that no search takes it for a find; and where it sends a
search to one side only, everything on the other side begins at or after its key, hence after all that is asked for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ringfence.keyspace import Span
from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission, and the role that holds it."""

    role: RoleName
    permission: Permission


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

    def meeting(self, user: UserName, access: Access, asked: Span) -> list[Grant]:
        """The user's grants of ``READ`` or ``WRITE`` that share a key with ``asked``, by their first key."""
        held = self.state.users[user].roles if user in self.state.users else ()
        return _in_order([self._meeting(role, access, asked) for role in held])

    def of_everybody(self, access: Access, asked: Span) -> dict[RoleName, list[Grant]]:
        """The grants of each role that share a key with ``asked``, by their first key; roles without are left out."""
        if access.reads not in self._of_all:
            self._of_all[access.reads] = _Sorted(self.state.roles.values(), access)
        found: dict[RoleName, list[Grant]] = {}
        for grant in self._of_all[access.reads].meeting(asked):
            found.setdefault(grant.role, []).append(grant)
        return found

    @cached_property
    def holders_of(self) -> Mapping[RoleName, Sequence[tuple[int, UserName]]]:
        """The users that hold each role, with their places in the order of the state."""
        found: dict[RoleName, list[tuple[int, UserName]]] = {}
        for place, (name, user) in enumerate(self.state.users.items()):
            for role in user.roles:
                found.setdefault(role, []).append((place, name))
        return found

    def _meeting(self, role: RoleName, access: Access, asked: Span) -> list[Grant]:
        found = self._of_role.get((role, access.reads))
        if found is None:
            roles = [self.state.roles[role]] if role in self.state.roles else []
            found = self._of_role[role, access.reads] = _Sorted(roles, access)
        return list(found.meeting(asked))


class Narrowed(Holdings):
    """The same for a few questions that are put about everybody: all grants that meet them are found in one go."""

    def __init__(self, whole: Holdings, questions: Iterable[tuple[Access, Span]]) -> None:
        super().__init__(whole.state)
        self._whole = whole
        self._found = {question: whole.of_everybody(*question) for question in questions}

    def meeting(self, user: UserName, access: Access, asked: Span) -> list[Grant]:
        """As of all holdings; other questions than those that it was made for are passed on."""
        found = self._found.get((access, asked))
        if found is None:
            return self._whole.meeting(user, access, asked)
        held = self.state.users[user].roles if user in self.state.users else ()
        return _in_order([found[role] for role in held if role in found])

    def holders(self, questions: Iterable[tuple[Access, Span]]) -> Iterator[UserName]:
        """Whoever holds a grant that meets one of these questions, or the role root, in the order of the state."""
        roles = {ROOT_ROLE}.union(*(self._found[question] for question in questions))
        found = {holder for role in roles for holder in self._whole.holders_of.get(role, ())}
        return (name for _, name in sorted(found))


def _in_order(of_roles: list[list[Grant]]) -> list[Grant]:
    """The grants of several roles, each in the order of first keys, as one list in that order."""
    if len(of_roles) == 1:
        return of_roles[0]
    return sorted((grant for grants in of_roles for grant in grants), key=lambda one: (one.permission.key, one.role))


class _Sorted:
    """Permissions that all read, or all write, in the order of their first keys.

    Kept as lists side by side and not as one list of rows, for there may be 100,000 of them, and rows would be 100,000
    more objects for Python to look after.
    """

    __slots__ = ("_ends", "_permissions", "_roles", "_starts", "_tops")

    def __init__(self, roles: Iterable[Role], access: Access) -> None:
        other = Access.WRITE if access.reads else Access.READ
        permissions: list[Permission] = []
        names: list[RoleName] = []
        for role in roles:
            held = [one for one in role.permissions if one.access is not other and one.has_keys]
            permissions += held
            names += [role.name] * len(held)
        keys = [permission.key for permission in permissions]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        self._permissions = [permissions[index] for index in order]
        self._roles = [names[index] for index in order]
        self._starts = [keys[index] for index in order]
        self._ends = [permission.end for permission in self._permissions]
        self._tops: list[bytes] = []
        """The furthest end so far, up to the first permission without end."""
        top = b""
        for end in self._ends:
            if end is None:
                break
            top = max(top, end)
            self._tops.append(top)

    def meeting(self, asked: Span) -> Iterator[Grant]:
        """The grants that share a key with ``asked``."""
        last = len(self._starts) if asked.end is None else bisect_left(self._starts, asked.end)
        for index in range(bisect_right(self._tops, asked.start), last):
            end = self._ends[index]
            if end is None or end > asked.start:
                yield Grant(self._roles[index], self._permissions[index])
