"""``apply``: carry out the plan that was reviewed and no other, switch auth on last, and prove the result.

If the proof right after switching auth on fails, auth goes off again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from ringfence.changes.change import EnableAuth
from ringfence.changes.plan import Plan
from ringfence.errors import ClusterError, Problem, RingfenceError, StalePlan
from ringfence.ops.changing import Advance, Tell, change_users_and_roles
from ringfence.ops.pace import Pace
from ringfence.ops.planning import planned
from ringfence.ops.preflight import check_way_in
from ringfence.ops.target import Target, connected
from ringfence.proof.verification import Verification
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted

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
        """Whether the wanted state is there, was not disproved, and stands on a server that keeps it."""
        return self.verification is None or (self.verification.holds and self.verification.sound)


async def apply(
    spec: Spec,
    wanted: Wanted,
    target: Target,
    *,
    plan: Plan,
    prove: Prove,
    today: date,
    pace: Pace | None = None,
    advance: Advance = lambda _done, _all: None,
    tell: Tell = lambda _sentence: None,
) -> Applied:
    """Carry out ``plan``.

    Args:
        spec: what the plan was made from.
        wanted: what the spec means.
        target: where, and as whom; root's certificate where auth is to be switched on.
        plan: what was reviewed.
        prove: called after the last change.
        today: the day on which the spec's acceptances must still count.
        pace: auth writes per second while auth is on; None leaves it to the latency of the cluster.
        advance: told about progress.
        tell: told how long it takes, and that auth was switched off again where no result can say it.

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
    await change_users_and_roles(spec, wanted, target, now, pace, advance=advance, tell=tell)
    if EnableAuth() not in plan.changes:
        return Applied(plan=plan, verification=await prove())
    await check_way_in(spec, target, today)
    return await _switch_on(target, plan, prove, tell)


async def _switch_on(target: Target, plan: Plan, prove: Prove, tell: Tell) -> Applied:
    async with connected(target) as client:
        await client.auth.enable()
    try:
        verification = await prove()
    except RingfenceError as error:
        raise type(error)(*error.problems, await _switch_off(target, "could not be made")) from None
    except BaseException:  # Ctrl-C, or a bug of ours: neither may leave a fence that nobody has proved
        tell(str(await _switch_off(target, "was not finished")))
        raise
    if not verification.holds:
        await _switch_off(target, "failed")
    return Applied(plan=plan, verification=verification, switched_off_again=not verification.holds)


async def _switch_off(target: Target, proof: str) -> Problem:
    """The way back: auth off, and a sentence that says so.

    Raises:
        ClusterError: it is still on, which its first problem says.
    """
    try:
        async with connected(target) as client:
            await client.auth.disable()
    except ClusterError as error:
        what = f"auth is ON and could not be switched off again, although the proof {proof}"
        hint = "when the cluster answers again, as root: etcdctl auth disable"
        raise type(error)(Problem(what, hint=hint), *error.problems) from None
    return Problem(
        f"auth is switched off again: it was on, and the proof {proof}",
        hint="users and roles are in place; apply again",
    )


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
