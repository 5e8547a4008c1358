"""Changing users and roles as a plan says: batch by batch, at a pace, and only as long as nobody else does.

A member that goes away in the middle does not stop the work: another one is asked what is left. Only changes of the
plan are made, whatever is found there. The first change goes alone: of two who begin at the same time with one that
etcd makes only once (a new role or user, or one that goes), one goes on and the other stops.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeGuard

from ringfence.changes.change import Change, EnableAuth, GrantPermission, ReplacePermission
from ringfence.changes.plan import Plan
from ringfence.errors import AlreadyThere, NotThere, Problem, Unreachable
from ringfence.etcd.client import Client
from ringfence.model.version import Version
from ringfence.ops.execution.batches import auth_writes, carry_out
from ringfence.ops.execution.explained import check_explained
from ringfence.ops.execution.passwords import Passwords, read_passwords
from ringfence.ops.execution.watchfulness import Watchfulness, interference
from ringfence.ops.planning import Planned
from ringfence.ops.reach.pace import FULL_SPEED, Pace, default_pace
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.telling import Advance
from ringfence.wanted.build import Wanted

Replan = Callable[[Client], Awaitable[Planned]]
"""Makes the same plan again from what is there now."""


async def change_users_and_roles(
    replan: Replan, wanted: Wanted, target: Target, start: Planned, pace: Pace | None, *, advance: Advance
) -> None:
    """Make every change of a plan but the switch.

    Args:
        replan: asked what is left, where a connection was lost.
        wanted: what the plan was made from.
        target: where, and as whom.
        start: the plan, and the observation that it was made from just now.
        pace: how fast; None leaves it to the latency of the cluster, and to full speed where auth is off.
        advance: told about progress.

    Raises:
        InputError: a password of a new user is not to be had; nothing was changed.
        Interference: somebody else changed users or roles meanwhile; what was made stays.
        ClusterError: the cluster did not do it; the next plan carries on.
    """
    reviewed = _reviewed(start.plan)
    passwords = read_passwords(wanted, start.plan.changes_v3)
    total = sum(change != EnableAuth() for change in start.plan.changes_v3)
    left, was_lost = start, False
    for last_try in [False] * len(target.endpoints) + [True]:
        batches, watchfulness = _batches(left.plan), Watchfulness(left.observed)
        progress = _Progress(advance, total, sum(map(len, batches)))
        try:
            async with connected(target) as client:
                chosen = await _pace(client, left, pace, batches)
                await _carry_out(client, left, batches, chosen, passwords, progress, watchfulness)
                await _read_back(client, left.plan, wanted)
                return
        except Unreachable:
            if last_try:
                raise
            was_lost = True
        except (AlreadyThere, NotThere):
            if not was_lost:
                async with connected(target) as client:
                    raise await watchfulness.interference(client) from None
            if last_try:  # else: a request of the lost connection may still have arrived
                raise
        async with connected(target) as client:
            left = await replan(client)
        check_explained(start, left, reviewed)


async def _carry_out(
    client: Client,
    left: Planned,
    batches: Sequence[Sequence[Change]],
    pace: Pace,
    passwords: Passwords,
    progress: _Progress,
    watchfulness: Watchfulness,
) -> None:
    async def checked(_batch: Sequence[Change]) -> None:
        await watchfulness.check(client)

    await carry_out(
        client,
        batches,
        Version.parse(left.observed.version),
        pace,
        done=progress.one_more,
        checked=checked,
        passwords=passwords,
        making=watchfulness.making,
    )
    await watchfulness.check_all(client)


def _batches(plan: Plan) -> list[Sequence[Change]]:
    """Those of the plan, without the switch, and with the very first change alone."""
    batches = [[change for change in batch if change != EnableAuth()] for batch in plan.batches]
    batches = [batch for batch in batches if batch]
    return [batches[0][:1], batches[0][1:], *batches[1:]] if batches else []


async def _pace(client: Client, left: Planned, asked_for: Pace | None, batches: Sequence[Sequence[Change]]) -> Pace:
    writes = sum(auth_writes(change) for batch in batches for change in batch)
    if not writes or not left.observed.state.auth_enabled:
        return FULL_SPEED
    return asked_for or await default_pace(client)


async def _read_back(client: Client, plan: Plan, wanted: Wanted) -> None:
    """The roles in which an access type was changed, for there etcd may append (see ``changes.order.retype``)."""
    for name in sorted({change.role for change in plan.changes_v3 if _retypes(change)}):
        if (await client.auth.role(name)).reach != wanted.state.roles[name].reach:
            raise interference(Problem(f"role {name} was changed by somebody else"))


def _retypes(change: Change) -> TypeGuard[GrantPermission | ReplacePermission]:
    return isinstance(change, ReplacePermission) or (isinstance(change, GrantPermission) and change.was is not None)


def _reviewed(plan: Plan) -> frozenset[Change]:
    """The changes of the plan, and what is left of one when it is stopped in the middle."""
    halves = (
        GrantPermission(each.role, each.permission) for each in plan.changes_v3 if isinstance(each, ReplacePermission)
    )
    return frozenset((*plan.changes_v3, *halves))


class _Progress:
    """Counts the changes that are made, those of an earlier try included."""

    def __init__(self, advance: Advance, total: int, left: int) -> None:
        self._advance, self._total, self._done = advance, total, total - left

    def one_more(self) -> None:
        self._done += 1
        self._advance(self._done, self._total)
