"""Switching auth on, with a guard that switches it off again if nobody is left to do it.

A failed proof is answered here, at once; the guard answers our own death. Both do it in the same way
(``switch_off``). A hole of the server never leads back: it was refused before, or accepted in the spec.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ringfence.errors import ClusterError, GuardError, Problem, RingfenceError
from ringfence.model.auth_status import OldWatches
from ringfence.ops.execution.changing import Tell
from ringfence.ops.reach.connections import metrics_of, open_watches
from ringfence.ops.reach.members import ReachedMember
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.switch.guard_folder import GuardFolder
from ringfence.ops.switch.guard_job import GuardJob
from ringfence.ops.switch.guarding import Guard, guarded
from ringfence.ops.switch.off import switch_off
from ringfence.ops.switch.spare_key import check_root_gets_in, cut, hand_in, take_back
from ringfence.proof.verification import Verification
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.everybody import everybody

Prove = Callable[[], Awaitable[Verification]]
"""Tries out every identity on every member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """What came of it.

    Args:
        verification: the proof.
        switched_off_again: it failed, so auth is off as before.
        confirm_until: when auth goes off again unless somebody confirms.
        watches: what was connected before and must be restarted; None where auth is off again.
    """

    verification: Verification
    switched_off_again: bool = False
    confirm_until: datetime | None = None
    watches: OldWatches | None = None


async def switch_on(
    spec: Spec,
    wanted: Wanted,
    target: Target,
    members: Sequence[ReachedMember],
    prove: Prove,
    *,
    tell: Tell,
    confirm_within: timedelta | None,
) -> Switched:
    """Arm a guard, switch auth on, prove, and let the guard go, or stay until somebody confirms.

    Args:
        spec: for the folder beside it, and for the members' metrics.
        wanted: who its clients are.
        target: as root.
        members: all of them.
        prove: the proof.
        tell: told what no result can say.
        confirm_within: how long to wait for ``auth confirm``; None takes the proof for it.

    Raises:
        GuardError: it cannot be armed, and nothing is switched on; or it is gone, and auth is off again.
        ClusterError: etcd did not do it, or the proof could not be made; auth is off, or the error says that it is on.
    """
    spare = cut()
    everywhere = Target(
        tuple(dict.fromkeys((*target.endpoints, *(member.endpoint for member in members)))), target.credentials, spare
    )
    job = GuardJob(
        endpoints=everywhere.endpoints,
        credentials=target.credentials,
        spare=spare,
        folder=GuardFolder.beside(spec.file).path,
    )
    before = open_watches(await metrics_of(spec, members))
    async with guarded(job) as guard:
        await hand_in(target, spare)
        await _enable(target, guard)
        try:
            await check_root_gets_in(members, target)
            async with connected(target) as client:
                await take_back(client, spare)
            verification = await prove()
        except RingfenceError as error:
            raise type(error)(*error.problems, await _way_back(everywhere, guard, "could not be made")) from None
        except BaseException:  # Ctrl-C, or a bug of ours: neither may leave a fence that nobody has proved
            tell(str(await _way_back(everywhere, guard, "was not finished")))
            raise
        if not verification.holds:
            await _way_back(everywhere, guard, "failed")
            return Switched(verification=verification, switched_off_again=True)
        until = await _let_go(everywhere, guard, confirm_within, tell)
    after = open_watches(await metrics_of(spec, members))
    restart = everybody(wanted.identities)
    watches = OldWatches(before=before, after=after, restart=restart)
    return Switched(verification=verification, confirm_until=until, watches=watches)


async def _enable(target: Target, guard: Guard) -> None:
    try:
        async with connected(target) as client:
            await client.auth.enable()
    except ClusterError as error:
        what = "whether auth was switched on is not known; a guard makes sure that it is off, within a minute"
        raise type(error)(*error.problems, Problem(what, hint="see ringfence auth status")) from None
    guard.switched()


async def _let_go(target: Target, guard: Guard, confirm_within: timedelta | None, tell: Tell) -> datetime | None:
    if confirm_within is None:
        if not await guard.stand_down():
            tell("the guard was ended by somebody; the proof passed, so auth stays on")
        return None
    try:
        return await guard.hold(confirm_within.total_seconds())
    except GuardError as error:
        raise GuardError(*error.problems, await _way_back(target, guard, "passed, but nobody would wait")) from None


async def _way_back(target: Target, guard: Guard, proof: str) -> Problem:
    """Auth off, and a sentence that says so.

    Raises:
        ClusterError: it is still on, which its first problem says; then the guard goes on trying.
    """
    try:
        await switch_off(target)
    except ClusterError as error:
        what = f"auth is ON and could not be switched off again, although the proof {proof}"
        hint = "a guard goes on trying for 15 minutes; later, as root: etcdctl auth disable"
        raise type(error)(Problem(what, hint=hint), *error.problems) from None
    with suppress(GuardError):  # it may have done the same
        await guard.stand_down()
    return Problem(
        f"auth is switched off again: it was on, and the proof {proof}",
        hint="users and roles are in place; apply again",
    )
