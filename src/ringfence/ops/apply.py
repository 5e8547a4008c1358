"""``apply``: carry out the plan that was reviewed and no other, switch auth on last, and prove the result.

If the proof right after switching auth on fails, auth goes off again; so it does when we are dead (``switching``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ringfence.changes.change import EnableAuth
from ringfence.changes.plan import Plan
from ringfence.errors import InputError, Problem, RingfenceError
from ringfence.etcd.client import Client
from ringfence.ops.execution.changing import Advance, Tell, change_users_and_roles
from ringfence.ops.execution.freshness import check_fresh
from ringfence.ops.execution.pace import Pace
from ringfence.ops.execution.readiness import check_ready
from ringfence.ops.planning import Planned, looked_at, planned
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.on import Prove, Switched, switch_on
from ringfence.ops.switch.preflight import check_own_way, check_way_in
from ringfence.proof.verification import Verification
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What apply did.

    Args:
        plan: what was carried out.
        verification: the proof, None where there was nothing to do.
        switched: what came of switching auth on, None where the plan does not.
    """

    plan: Plan
    verification: Verification | None
    switched: Switched | None = None

    @property
    def switched_off_again(self) -> bool:
        """Whether the proof failed right after auth was switched on, so that it is off as before."""
        return self.switched is not None and self.switched.switched_off_again

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
    confirm_within: timedelta | None = None,
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
        confirm_within: how long to wait for ``auth confirm`` before auth goes off again; None takes the proof for it.
        advance: told about progress.
        tell: told how long it takes, what could not be checked, and that auth was switched off again where no result
            can say it.

    Raises:
        StalePlan: the plan is for another spec, cluster or state.
        MembersDiffer: the members do not have the same users, roles and switch; nothing was changed.
        UnsafeError: an alarm is raised; nothing was changed.
        InputError: there is no switch in the plan that could be confirmed.
        LockOut: auth cannot be switched on safely; everything else is in place.
        GuardError: nobody could switch it off again; everything else is in place.
        Interference: somebody else changed users or roles meanwhile.
        ClusterError: the cluster did not do it; running again carries on.
    """

    async def replan(client: Client) -> Planned:
        return await planned(client, spec, wanted, plan.prune)

    now = await looked_at(target, replan)
    check_fresh(plan, now.plan)
    check_ready(now)
    check_own_way(plan, target)
    if confirm_within is not None and plan.changes and EnableAuth() not in plan.changes:
        what = "auth is on already, and --confirm-within is about switching it on"
        raise InputError.of(what, hint="leave it out; nothing was changed")
    if not plan.changes:
        return Applied(plan=plan, verification=None)
    await change_users_and_roles(replan, wanted, target, now, pace, advance=advance, tell=tell)
    if EnableAuth() not in plan.changes:
        return Applied(plan=plan, verification=await _proved(prove))
    members = await check_way_in(spec, wanted, target, today, tell)
    switched = await switch_on(spec, wanted, target, members, prove, tell=tell, confirm_within=confirm_within)
    return Applied(plan=plan, verification=switched.verification, switched=switched)


async def _proved(prove: Prove) -> Verification:
    """The proof; where it cannot be made, that is not mistaken for changes which were not."""
    try:
        return await prove()
    except RingfenceError as error:
        what = "every change of the plan was made, and that could not be proved"
        raise type(error)(*error.problems, Problem(what, hint="ringfence verify proves it later")) from None
