"""The order in which changes of v2 hurt nobody and help nobody who should not be helped.

At every step each user, and the guest, may do at most what it may do before or after, and at least what it may do
both before and after. What gains goes first, where it lets nobody gain too much; then what loses, where nobody loses
too much; and again. Where neither can be had, as where two users exchange their roles while the roles exchange their
patterns, something is taken away early: that nobody gains is kept always.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ringfence.changes.v2.change import (
    AddRoleV2,
    AddUserV2,
    ChangeV2,
    DeleteRoleV2,
    DeleteUserV2,
    GrantPatterns,
    GrantRolesV2,
    RevokePatterns,
    RevokeRolesV2,
)
from ringfence.changes.v2.effect import Working, after_v2
from ringfence.model.names import RoleName, UserName
from ringfence.model.patterns import common, covered
from ringfence.model.v2 import GUEST_ROLE, ReachV2, StateV2

_GAINS = (AddRoleV2, GrantPatterns, AddUserV2, GrantRolesV2)
_LOSSES = (RevokeRolesV2, RevokePatterns, DeleteUserV2, DeleteRoleV2)

Somebody = UserName | None
"""A name in a certificate; None stands for every name that is no user before or after, and for no name."""


def in_order(observed: StateV2, changes: Sequence[ChangeV2]) -> tuple[tuple[ChangeV2, ...], ...]:
    """The changes in batches; those of one batch may run together.

    Args:
        observed: what is there, and is judged as if auth were on.
        changes: of roles and users, each role and each user in one change of each kind.
    """
    scene = _Scene(observed, changes)
    kinds: tuple[type[ChangeV2], ...] = (*_GAINS, *_LOSSES)
    pending = {kind: [change for change in changes if isinstance(change, kind)] for kind in kinds}
    batches: list[tuple[ChangeV2, ...]] = []
    while any(pending.values()):
        batch = next(filter(None, (scene.take(pending[kind]) for kind in kinds)), ())
        if not batch:
            waiting = next(filter(None, (pending[kind] for kind in (*_LOSSES, *_GAINS))))
            batch = (waiting[0],)
            scene.make(waiting[0])
        made = frozenset(batch)
        pending[type(batch[0])] = [change for change in pending[type(batch[0])] if change not in made]
        batches.append(batch)
    return tuple(batches)


class _Scene:
    """What has been made so far, with what everybody may do before, now and after."""

    def __init__(self, observed: StateV2, changes: Sequence[ChangeV2]) -> None:
        self._before = observed
        self._after = after_v2(observed, _runnable(changes))
        self._now = Working.of(observed)
        self._named = self._before.users.keys() | self._after.users.keys()
        self._holders: dict[RoleName, set[UserName]] = defaultdict(set)
        self._bounds: dict[Somebody, tuple[ReachV2, ReachV2]] = {}
        for user in observed.users.values():
            self._hold(user.name)

    def take(self, changes: Iterable[ChangeV2]) -> tuple[ChangeV2, ...]:
        """Make those of the changes, all of one kind, that are safe together, and return them."""
        return tuple(change for change in changes if self._tried(change))

    def make(self, change: ChangeV2) -> None:
        """Make a change, safe or not."""
        self._now.make(change)
        match change:
            case AddUserV2(user) | GrantRolesV2(user) | RevokeRolesV2(user) | DeleteUserV2(user):
                self._hold(user)

    def _tried(self, change: ChangeV2) -> bool:
        if not self._is_possible(change):
            return False
        users, roles = self._now.users, self._now.roles
        match change:
            case AddUserV2(user) | GrantRolesV2(user) | RevokeRolesV2(user) | DeleteUserV2(user):
                there = users.get(user)
                self.make(change)
                if self._is_safe(user):
                    return True
                users.pop(user, None)
                users.update({} if there is None else {user: there})
                self._hold(user)
            case AddRoleV2(role) | GrantPatterns(role) | RevokePatterns(role) | DeleteRoleV2(role):
                known = roles.get(role)
                self.make(change)
                if all(self._is_safe(user) for user in self._touched(role)):
                    return True
                roles.pop(role, None)
                roles.update({} if known is None else {role: known})
        return False

    def _is_possible(self, change: ChangeV2) -> bool:
        """A role that goes must have no holder, or it would come back to life for them with another of its name."""
        return not (isinstance(change, DeleteRoleV2) and self._holders[change.role])

    def _touched(self, role: RoleName) -> Iterator[Somebody]:
        """Who may do something else when a role changes."""
        yield from tuple(self._holders[role])
        if role == GUEST_ROLE:
            yield from (user for user in self._named if user not in self._now.users)
            yield None

    def _is_safe(self, user: Somebody) -> bool:
        most, least = self._bound(user)
        now = self._seen(user).reach(user)
        return (
            covered(now.read, most.read)
            and covered(now.write, most.write)
            and covered(least.read, now.read)
            and covered(least.write, now.write)
        )

    def _seen(self, user: Somebody) -> StateV2:
        """As much of now as decides about somebody."""
        there = None if user is None else self._now.users.get(user)
        names = {GUEST_ROLE} if there is None else there.roles
        roles = (self._now.roles[name] for name in names if name in self._now.roles)
        return StateV2.of(() if there is None else (there,), roles)

    def _bound(self, user: Somebody) -> tuple[ReachV2, ReachV2]:
        """The most and the least that somebody may do at any step."""
        if user not in self._bounds:
            before, after = self._before.reach(user), self._after.reach(user)
            most = ReachV2(before.read | after.read, before.write | after.write)
            least = ReachV2(common(before.read, after.read), common(before.write, after.write))
            self._bounds[user] = most, least
        return self._bounds[user]

    def _hold(self, user: UserName) -> None:
        there = self._now.users.get(user)
        held = frozenset[RoleName]() if there is None else there.roles
        for role in self._before_roles(user) | held:
            (self._holders[role].add if role in held else self._holders[role].discard)(user)

    def _before_roles(self, user: UserName) -> frozenset[RoleName]:
        known = (state.users[user].roles for state in (self._before, self._after) if user in state.users)
        return frozenset(role for roles in known for role in roles)


def _runnable(changes: Sequence[ChangeV2]) -> Iterator[ChangeV2]:
    """In an order in which each finds what it is about."""
    for kind in (*_GAINS, *_LOSSES):
        yield from (change for change in changes if isinstance(change, kind))
