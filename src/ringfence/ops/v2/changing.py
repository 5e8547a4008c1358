"""Changing users and roles of the v2 store as a plan says, batch by batch.

etcd hashes a password for each new user, of which a server makes eight to ten a second; a few are sent at a time, for
the other clients of that server wait meanwhile. Nothing else has to be paced: unlike in v3, requests that are under way
do not fail when users change. There is no count of changes either, so that nobody else made any is seen at the end, by
reading everything back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ringfence.changes.v2.change import (
    AddRoleV2,
    AddUserV2,
    ChangeV2,
    DeleteRoleV2,
    DeleteUserV2,
    DisableAuthV2,
    EnableAuthV2,
    GrantPatterns,
    GrantRolesV2,
    RevokePatterns,
    RevokeRolesV2,
)
from ringfence.changes.v2.effect import after_v2, differences_v2
from ringfence.changes.v2.etcdctl import commands_v2
from ringfence.errors import AlreadyThere, Interference, NotThere, Problem, Unreachable
from ringfence.etcd.inflight import each
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.observe import observe_v2
from ringfence.model.names import ROOT_ROLE
from ringfence.model.state import User
from ringfence.model.v2 import PatternRole, StateV2
from ringfence.ops.reach.pace import Pace
from ringfence.ops.reach.target import Target
from ringfence.ops.telling import Tell
from ringfence.ops.v2.looking import LookedV2, Make, look_once
from ringfence.ops.v2.passwords import PasswordsV2
from ringfence.ops.v2.reach import connected_v2

USERS_A_SECOND = 8
"""How many users one server makes: bcrypt at Go's default cost, measured on etcd 3.4.23 and 3.5.1."""

_WITH_AUTH_OFF = 4
_HINT = "run plan to see what is left to do"

Done = Callable[[], None]
"""Called after each change."""


async def change_v2(
    make: Make,
    target: Target,
    start: LookedV2,
    pace: Pace | None,
    passwords: PasswordsV2,
    *,
    done: Done,
    tell: Tell,
) -> None:
    """Make every change of the v2 store but the switch that goes on.

    Args:
        make: asked what is left, where a connection was lost.
        target: where, and as whom.
        start: the plan, and the state that it was made from just now.
        pace: changes per second while v2 auth is on; None is one after the other.
        passwords: for new users.
        done: called after each change; one that was made unseen is counted too.
        tell: told how long it will take.

    Raises:
        FileError: root's password cannot be kept; root was not made.
        Interference: somebody else changed users or roles meanwhile; what was made stays.
        ClusterError: the cluster did not do it; the next plan carries on.
    """
    reviewed = frozenset(part for change in start.plan.changes for part in _parts(change))
    users = sum(isinstance(change, AddUserV2) for change in start.plan.changes)
    if users > USERS_A_SECOND:
        seconds = users / USERS_A_SECOND
        tell(f"{users} v2 users take about {seconds:.0f} s, for etcd hashes a password for each")
    left, made, was_lost = start, 0, False
    total = sum(len(batch) for batch in _batches(start))

    def one_more() -> None:
        nonlocal made
        made += 1
        done()

    for last_try in [False] * len(target.endpoints) + [True]:
        try:
            async with connected_v2(target) as client:
                await _carry_out(client, left, pace, passwords, one_more)
                await _read_back(client, left)
                return
        except Unreachable:
            if last_try:
                raise
            was_lost = True
        except (AlreadyThere, NotThere) as error:
            if not was_lost:
                raise Interference(*_interference().problems, *error.problems) from None
            if last_try:  # else: a request of the lost connection may still have arrived
                raise
        left = await look_once(target, make)
        more = [change for change in left.plan.changes if not reviewed.issuperset(_parts(change))]
        if more:
            told = (Problem(f"it would now take {line}") for change in more for line in commands_v2(change))
            raise Interference(*_interference().problems, *told)
        for _ in range(total - sum(len(batch) for batch in _batches(left)) - made):
            one_more()


async def _carry_out(client: ClientV2, left: LookedV2, pace: Pace | None, passwords: PasswordsV2, done: Done) -> None:
    paced = pace if left.observed.auth_enabled else None
    first = True

    async def work(change: ChangeV2) -> None:
        nonlocal first
        if paced is not None and not first:
            await paced.wait()
        first = False
        await _make(client, change, passwords)
        done()

    for batch in _batches(left):
        await each(batch, work, 1 if left.observed.auth_enabled else _WITH_AUTH_OFF)


async def _read_back(client: ClientV2, left: LookedV2) -> None:
    expected = after_v2(left.observed, (change for batch in _batches(left) for change in batch))
    problems = differences_v2(_without_ghosts(expected), _without_ghosts(await observe_v2(client)))
    if problems:
        raise Interference(*_interference().problems, *problems)


def _without_ghosts(state: StateV2) -> StateV2:
    """The state without memberships in roles that are not there, of which etcd shows only some."""
    known = state.roles.keys() | {ROOT_ROLE}
    users = (User(user.name, user.roles & known) for user in state.users.values())
    return StateV2.of(users, state.roles.values(), auth_enabled=state.auth_enabled)


def _batches(left: LookedV2) -> list[Sequence[ChangeV2]]:
    """Without the switch that goes on, which has a proof of its own."""
    batches = ([change for change in batch if change != EnableAuthV2()] for batch in left.plan.batches)
    return [batch for batch in batches if batch]


async def _make(client: ClientV2, change: ChangeV2, passwords: PasswordsV2) -> None:
    match change:
        case AddRoleV2() | GrantPatterns() | RevokePatterns():
            await _make_role(client, change)
        case AddUserV2(user, roles):
            await client.auth.add_user(user, passwords.of(user), roles)
        case GrantRolesV2(user, roles):
            for role in roles:
                await client.auth.grant_role(user, role)
        case RevokeRolesV2(user, roles):
            for role in roles:
                await client.auth.revoke_role(user, role)
        case DeleteUserV2(user):
            await client.auth.delete_user(user)
        case DeleteRoleV2(role):
            await client.auth.delete_role(role)
        case DisableAuthV2():
            await client.auth.disable()
        case EnableAuthV2():
            await client.auth.enable()


async def _make_role(client: ClientV2, change: AddRoleV2 | GrantPatterns | RevokePatterns) -> None:
    match change:
        case AddRoleV2(role, read, write):
            await client.auth.add_role(PatternRole(role, frozenset(read), frozenset(write)))
        case GrantPatterns(role, read, write):
            await client.auth.grant(role, read, write)
        case RevokePatterns(role, read, write):
            await client.auth.revoke(role, read, write)


def _parts(change: ChangeV2) -> Iterator[tuple[object, ...]]:
    """What a change consists of, so that what is left of it is known again."""
    kind = type(change)
    match change:
        case GrantRolesV2(user, roles) | RevokeRolesV2(user, roles):
            yield from ((kind, user, role) for role in roles)
        case GrantPatterns(role, read, write) | RevokePatterns(role, read, write):
            yield from ((kind, role, "read", each) for each in read)
            yield from ((kind, role, "write", each) for each in write)
        case _:
            yield (change,)


def _interference() -> Interference:
    what = "somebody else changed users or roles of v2 while the plan was carried out"
    return Interference(Problem(what, hint=_HINT))
