"""``apply``: carry out the plan that was reviewed and no other, switch auth on last, and prove the result.

A member that goes away in the middle does not stop the work: another one is asked what is left. Only changes of the
plan are made, whatever is found there. If the proof right after switching auth on fails, auth goes off again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeGuard

from ringfence.changes.change import Change, EnableAuth, GrantPermission, ReplacePermission
from ringfence.changes.plan import Plan
from ringfence.errors import AlreadyThere, Interference, Problem, StalePlan, Unreachable
from ringfence.etcd.client import Client
from ringfence.model.version import Version
from ringfence.ops.execution import auth_writes, carry_out
from ringfence.ops.planning import Planned, planned
from ringfence.ops.preflight import check_way_in
from ringfence.ops.target import Target, connected
from ringfence.proof.verification import Verification
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted

Advance = Callable[[int, int], None]
"""Told how many changes are made, and how many there are."""

Prove = Callable[[], Awaitable[Verification]]
"""Tries out every identity on every member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What apply did.

    Args:
        plan: what was carried out.
        verification: the proof, None where there was nothing to do.
        switched_off_again: the proof failed right after auth was switched on, so auth is off as before.
    """

    plan: Plan
    verification: Verification | None
    switched_off_again: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the wanted state is there and was not disproved."""
        return self.verification is None or self.verification.holds


async def apply(
    spec: Spec,
    wanted: Wanted,
    target: Target,
    *,
    plan: Plan,
    prove: Prove,
    today: date,
    advance: Advance = lambda _done, _all: None,
) -> Applied:
    """Carry out ``plan``.

    Args:
        spec: what the plan was made from.
        wanted: what the spec means.
        target: where, and as whom; root's certificate where auth is to be switched on.
        plan: what was reviewed.
        prove: called after the last change.
        today: the day on which the spec's acceptances must still count.
        advance: told about progress.

    Raises:
        StalePlan: the plan is for another spec, cluster or state.
        LockOut: auth cannot be switched on safely; everything else is in place.
        Interference: somebody else changed users or roles meanwhile.
        ClusterError: the cluster did not do it; running again carries on.
    """
    async with connected(target) as client:
        now = await planned(client, spec, wanted)
    _check_fresh(plan, now.plan)
    if not plan.changes:
        return Applied(plan=plan, verification=None)
    await _change_users_and_roles(spec, wanted, target, now, advance)
    if EnableAuth() not in plan.changes:
        return Applied(plan=plan, verification=await prove())
    await check_way_in(spec, target, today)
    return await _switch_on(target, plan, prove)


async def _switch_on(target: Target, plan: Plan, prove: Prove) -> Applied:
    async with connected(target) as client:
        await client.auth.enable()
    verification: Verification | None = None
    try:
        verification = await prove()
    finally:
        if verification is None or not verification.holds:
            async with connected(target) as client:
                await client.auth.disable()
    return Applied(plan=plan, verification=verification, switched_off_again=not verification.holds)


def _check_fresh(plan: Plan, now: Plan) -> None:
    moved = [
        what
        for what, then, here in (
            ("the spec was changed", plan.spec, now.spec),
            ("this is another cluster", plan.cluster_id, now.cluster_id),
            ("users or roles were changed", plan.observed, now.observed),
            ("the auth revision moved", plan.auth_revision, now.auth_revision),
        )
        if then != here
    ]
    if not moved and plan.digest != now.digest:
        moved = ["this version of ringfence makes another plan"]
    if moved:
        hint = "plan again and review it"
        raise StalePlan(*(Problem(f"{what} since the plan was made", hint=hint) for what in moved))


async def _change_users_and_roles(spec: Spec, wanted: Wanted, target: Target, start: Planned, advance: Advance) -> None:
    """Everything but the switch. What is there afterwards is what was wanted."""
    reviewed = _reviewed(start.plan)
    total = len(start.plan.changes)
    left = start
    for last_try in [False] * len(target.endpoints) + [True]:
        batches = [[change for change in batch if change != EnableAuth()] for batch in left.plan.batches]
        progress = _Progress(advance, total, sum(len(batch) for batch in batches))
        try:
            async with connected(target) as client:
                await carry_out(client, batches, Version.parse(left.observed.version), progress.one_more)
                await _confirm(client, spec, wanted, left)
                return
        except (Unreachable, AlreadyThere):  # a request of the lost connection may still have arrived
            if last_try:
                raise
            async with connected(target) as client:
                left = await planned(client, spec, wanted)
            _check_reviewed(left.plan, reviewed)


async def _confirm(client: Client, spec: Spec, wanted: Wanted, before: Planned) -> None:
    """That our changes are in and nobody else's.

    Every write was acknowledged, so an auth revision that grew by their number says that there were no others.
    Roles in which an access type was changed are read back all the same, for there etcd may append (see ``diff``);
    where etcd tells no auth revision, everything is.
    """
    revision, then = await client.auth.revision(), before.observed.auth_revision
    if revision is None or then is None:
        after = await planned(client, spec, wanted)
        if any(change != EnableAuth() for change in after.plan.changes):
            raise _interference()
        return
    if revision != then + sum(auth_writes(change) for change in before.plan.changes):
        raise _interference()
    for name in {change.role for change in before.plan.changes if _retypes(change)}:
        if (await client.auth.role(name)).access != wanted.state.roles[name].access:
            raise _interference()


def _retypes(change: Change) -> TypeGuard[GrantPermission | ReplacePermission]:
    return isinstance(change, ReplacePermission) or (isinstance(change, GrantPermission) and change.was is not None)


def _interference() -> Interference:
    return Interference.of(
        "somebody else changed users or roles while the plan was carried out", hint="run plan to see what is left to do"
    )


class _Progress:
    """Counts the changes that are made, those of an earlier try included."""

    def __init__(self, advance: Advance, total: int, left: int) -> None:
        self._advance, self._total, self._done = advance, total, total - left

    def one_more(self) -> None:
        self._done += 1
        self._advance(self._done, self._total)


def _reviewed(plan: Plan) -> frozenset[Change]:
    """The changes of the plan, and what is left of one when it is stopped in the middle."""
    halves = [
        GrantPermission(each.role, each.permission) for each in plan.changes if isinstance(each, ReplacePermission)
    ]
    return frozenset((*plan.changes, *halves))


def _check_reviewed(plan: Plan, reviewed: frozenset[Change]) -> None:
    if not reviewed.issuperset(plan.changes):
        raise _interference()
