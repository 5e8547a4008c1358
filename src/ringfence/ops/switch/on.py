"""Switching auth on, with a guard that switches it off again if nobody is left to do it.

A failed proof is answered here, at once; the guard answers our own death. Both do it in the same way
(``Switch.off``). A hole of the server never leads back: it was refused before, or accepted in the spec.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ringfence.errors import ClusterError, FileError, GuardError, Interference, Problem, RingfenceError
from ringfence.model.auth_status import OldWatches
from ringfence.model.guard import GuardState
from ringfence.ops.reach.connections import metrics_of, open_watches
from ringfence.ops.reach.members import ReachedMember
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.guard_folder import GuardFolder
from ringfence.ops.switch.guard_job import GuardJob
from ringfence.ops.switch.guarding import Guard, guarded
from ringfence.ops.switch.spare_key import cut
from ringfence.ops.switch.store import V3, Switch
from ringfence.ops.telling import Tell
from ringfence.proof.verification import Verification
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.everybody import everybody, everybody_in_v2

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
    switch: Switch = V3,
    also_off: tuple[str, ...] = (),
) -> Switched:
    """Arm a guard, switch auth of a store on, prove, and let the guard go, or stay until somebody confirms.

    Args:
        spec: for the folder beside it, and for the members' metrics.
        wanted: who its clients are.
        target: as root.
        members: all of them.
        prove: the proof.
        tell: told what no result can say.
        confirm_within: how long to wait for ``auth confirm``; None takes the proof for it.
        switch: of which store.
        also_off: other stores that were switched on before it, and that go off as well where nobody confirms.

    Raises:
        GuardError: it cannot be armed, and nothing is switched on; or it is gone, and auth is off again.
        Interference: somebody else is switching it on, or has done so; that is not touched.
        ClusterError: etcd did not do it, or the proof could not be made; auth is off, or the error says that it is on.
    """
    spare = cut(members[0].status.cluster_id)
    everywhere = Target(
        tuple(dict.fromkeys((*target.endpoints, *(member.endpoint for member in members)))), target.credentials, spare
    )
    folder = GuardFolder.beside(spec.file)
    job = GuardJob(
        endpoints=everywhere.endpoints,
        credentials=target.credentials,
        spare=spare,
        folder=folder.path,
        stores=(switch.api, *also_off),
    )
    before = open_watches(await metrics_of(spec, members, target.credentials))
    async with guarded(job) as guard:
        way_back = _WayBack(switch, everywhere, guard, folder)
        try:
            await switch.hand_in(target, spare)
        except Interference:  # whoever it is has a guard of their own, and what they switched on is not ours
            await guard.stand_down()
            raise
        await _enable(switch, target, guard)
        try:
            await switch.check_root(members, target)
            await switch.take_back(target, spare)
            verification = await prove()
        except RingfenceError as error:
            raise type(error)(*error.problems, await way_back.take("could not be made")) from None
        except BaseException:  # Ctrl-C, or a bug of ours: neither may leave a fence that nobody has proved
            tell(str(await way_back.take("was not finished")))
            raise
        if not verification.holds:
            await way_back.take("failed")
            return Switched(verification=verification, switched_off_again=True)
        until = await _let_go(way_back, guard, confirm_within, tell)
    after = open_watches(await metrics_of(spec, members, target.credentials))
    restart = everybody(wanted.identities) if switch is V3 else everybody_in_v2(wanted)
    watches = OldWatches(before=before, after=after, restart=restart)
    return Switched(verification=verification, confirm_until=until, watches=watches)


async def _enable(switch: Switch, target: Target, guard: Guard) -> None:
    try:
        await switch.enable(target)
    except ClusterError as error:
        what = f"whether {switch.name} was switched on is not known; a guard makes sure that it is off, within a minute"
        raise type(error)(*error.problems, Problem(what, hint="see ringfence auth status")) from None
    guard.switched()


async def _let_go(way_back: _WayBack, guard: Guard, confirm_within: timedelta | None, tell: Tell) -> datetime | None:
    if confirm_within is None:
        if not await guard.stand_down():
            tell(f"the guard was ended by somebody; the proof passed, so {way_back.switch.name} stays on")
            with suppress(FileError):
                way_back.folder.settle(GuardState.STOOD_DOWN, "it was ended by somebody; the proof passed")
        return None
    try:
        return await guard.hold(confirm_within.total_seconds())
    except GuardError as error:
        raise GuardError(*error.problems, await way_back.take("passed, but nobody would wait")) from None


@dataclass(frozen=True, slots=True)
class _WayBack:
    """The way back: a store's switch, all endpoints with the spare key, and the guard that does the same."""

    switch: Switch
    target: Target
    guard: Guard
    folder: GuardFolder

    async def take(self, proof: str) -> Problem:
        """Auth off, and a sentence that says so.

        Raises:
            ClusterError: it is still on, which its first problem says; then the guard goes on trying.
        """
        name = self.switch.name
        try:
            await self.switch.off(self.target)
        except ClusterError as error:
            what = f"{name} is ON and could not be switched off again, although the proof {proof}"
            api = "ETCDCTL_API=2 " if self.switch.api == "v2" else ""
            hint = f"a guard goes on trying for 15 minutes; later, as root: {api}etcdctl auth disable"
            raise type(error)(Problem(what, hint=hint), *error.problems) from None
        with suppress(GuardError, FileError):  # it may have done the same, or be dead
            if not await self.guard.stand_down():
                self.folder.let_go(f"switched off by ringfence: the proof {proof}")
        return Problem(
            f"{name} is switched off again: it was on, and the proof {proof}",
            hint="users and roles are in place; apply again",
        )
