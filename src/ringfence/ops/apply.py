"""``apply``: carry out the plan that was reviewed and no other, switch auth on last, and prove the result.

Users and roles of both stores come first, then v2's switch, then v3's, each with its proof. If the proof right after
switching auth on fails, auth goes off again; so it does when we are dead (``switching``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from ringfence.changes.change import EnableAuth
from ringfence.changes.effect import differences
from ringfence.changes.plan import Plan
from ringfence.changes.v2.change import EnableAuthV2
from ringfence.errors import InputError, Problem, RingfenceError
from ringfence.etcd.client import Client
from ringfence.model.auth_status import OldWatches
from ringfence.model.state import State
from ringfence.ops.execution.changing import change_users_and_roles
from ringfence.ops.execution.freshness import check_fresh
from ringfence.ops.execution.progress import Progress
from ringfence.ops.execution.readiness import check_ready
from ringfence.ops.planning import Planned, check_names, in_v2, looked_at, planned, with_v2
from ringfence.ops.reach.pace import Pace
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.on import Prove, Switched, switch_on
from ringfence.ops.switch.preflight import check_own_way, check_way_in
from ringfence.ops.telling import Advance, Tell
from ringfence.proof.verification import Verification
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What apply did.

    Args:
        plan: what was carried out.
        verification: the proof, None where there was nothing to do.
        switched: what came of switching auth on, None where the plan does not, or did not come that far.
        switched_v2: the same of v2.
    """

    plan: Plan
    verification: Verification | None
    switched: Switched | None = None
    switched_v2: Switched | None = None

    @property
    def switched_off_again(self) -> bool:
        """Whether the proof failed right after auth was switched on, so that it is off as before."""
        return self.switched is not None and self.switched.switched_off_again

    @property
    def v2_switched_off_again(self) -> bool:
        """The same of v2 auth; then v3's was not switched on either."""
        return self.switched_v2 is not None and self.switched_v2.switched_off_again

    @property
    def confirm_until(self) -> datetime | None:
        """When auth goes off again unless somebody confirms."""
        last = self.switched or self.switched_v2
        return None if last is None else last.confirm_until

    @property
    def watches(self) -> OldWatches | None:
        """What was connected before the switches and must be restarted, clients of both stores."""
        known = [each.watches for each in (self.switched, self.switched_v2) if each is not None and each.watches]
        if not known:
            return None
        return replace(known[0], restart=tuple(dict.fromkeys(name for each in known for name in each.restart)))

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
    seen: State | None = None,
    prove_v2: Prove | None = None,
    pace: Pace | None = None,
    confirm_within: timedelta | None = None,
    keep_v2_root_password: Path | None = None,
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
        seen: users and roles of v3 when the plan was made, where that is known: for what a stale plan says.
        prove_v2: called after v2 auth was switched on: the proof of v2 alone, since v3 may still be off.
        pace: auth writes per second while auth is on; None leaves it to the latency of the cluster.
        confirm_within: how long to wait for ``auth confirm`` before auth goes off again; None takes the proof for it.
        keep_v2_root_password: a new file for the password of v2's root; None throws it away.
        advance: told about progress.
        tell: told how long v2 takes, what could not be checked, and that auth was switched off again where no result
            can say it.

    Raises:
        StalePlan: the plan is for another spec, cluster or state.
        MembersDiffer: the members do not have the same users, roles and switch; nothing was changed.
        UnsafeError: an alarm is raised; nothing was changed.
        InputError: there is no switch in the plan that could be confirmed, or no password that could be kept.
        FileError: the password cannot be kept.
        LockOut: auth cannot be switched on safely; everything else is in place.
        GuardError: nobody could switch it off again; everything else is in place.
        Interference: somebody else changed users or roles meanwhile.
        ClusterError: the cluster did not do it; running again carries on.
    """

    async def replan(client: Client) -> Planned:
        return await planned(client, spec, wanted, plan.prune)

    check_names(wanted, target)
    make_v2 = in_v2(spec, wanted, plan.prune)
    now = await with_v2(await looked_at(target, replan), target, make_v2)
    check_fresh(plan, now.plan, _moved(spec, seen, now))
    check_ready(now)
    check_own_way(plan, target)
    _check_asked(plan, confirm_within, keep_v2_root_password)
    if not plan.changes:
        return Applied(plan=plan, verification=None)
    switches = [change for change in plan.changes if change in {EnableAuth(), EnableAuthV2()}]
    progress = Progress(advance, len(plan.changes) - len(switches))
    await change_users_and_roles(replan, wanted, target, now, pace, advance=progress.of_v3)
    if make_v2 is not None and now.v2 is not None:
        from ringfence.ops.v2.changing import change_v2
        from ringfence.ops.v2.passwords import PasswordsV2

        done = progress.after(sum(change != EnableAuth() for change in plan.changes_v3))
        await change_v2(make_v2, target, now.v2, pace, PasswordsV2(keep_v2_root_password), done=done, tell=tell)
    if not switches:
        return Applied(plan=plan, verification=await _proved(prove))
    members = await check_way_in(spec, wanted, target, today, tell) if EnableAuth() in switches else None
    in_v2_first = None
    if EnableAuthV2() in switches:
        until = None if members is not None else confirm_within
        in_v2_first = await _switch_on_v2(spec, wanted, target, prove_v2 or prove, tell=tell, confirm_within=until)
        if in_v2_first.switched_off_again or members is None:
            return Applied(plan=plan, verification=in_v2_first.verification, switched_v2=in_v2_first)
    assert members is not None
    also_off = ("v2",) if in_v2_first is not None and confirm_within is not None else ()
    try:
        switched = await switch_on(
            spec, wanted, target, members, prove, tell=tell, confirm_within=confirm_within, also_off=also_off
        )
    except RingfenceError as error:
        if in_v2_first is None:
            raise
        on = Problem("v2 auth is on, and was proved before", hint="all of this is about v3's; apply again")
        raise type(error)(*error.problems, on) from None
    return Applied(plan=plan, verification=switched.verification, switched=switched, switched_v2=in_v2_first)


async def _switch_on_v2(
    spec: Spec, wanted: Wanted, target: Target, prove: Prove, *, tell: Tell, confirm_within: timedelta | None
) -> Switched:
    """v2's switch, with its own checks before and its own proof after."""
    from ringfence.ops.v2.preflight import check_way_in_v2
    from ringfence.ops.v2.switch import V2

    members = await check_way_in_v2(spec, wanted, target, tell)
    return await switch_on(spec, wanted, target, members, prove, tell=tell, confirm_within=confirm_within, switch=V2)


def _check_asked(plan: Plan, confirm_within: timedelta | None, keep: Path | None) -> None:
    """Refuse options that this plan has no use for."""
    switches = {EnableAuth(), EnableAuthV2()}
    if confirm_within is not None and plan.changes and not switches.intersection(plan.changes):
        what = "auth is on already, and --confirm-within is about switching it on"
        raise InputError.of(what, hint="leave it out; nothing was changed")
    if keep is not None:
        from ringfence.ops.v2.passwords import check_keep

        check_keep(keep, plan)


def _moved(spec: Spec, seen: State | None, now: Planned) -> tuple[Problem, ...]:
    return () if seen is None or not spec.cluster.has_v3 else differences(seen, now.observed.state)


async def _proved(prove: Prove) -> Verification:
    """The proof; where it cannot be made, that is not mistaken for changes which were not."""
    try:
        return await prove()
    except RingfenceError as error:
        what = "every change of the plan was made, and that could not be proved"
        raise type(error)(*error.problems, Problem(what, hint="ringfence verify proves it later")) from None
