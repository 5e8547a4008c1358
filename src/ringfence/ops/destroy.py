"""``destroy``: delete the users and roles of the spec, and nothing else; auth and root only where that is asked for.

While auth stays on, root stays, so that nobody loses the way in. Whoever logged in as one of these users gets nothing
from then on; watches that are open go on (etcd checks them when they begin). Running it again carries on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ringfence.changes.change import DisableAuth
from ringfence.changes.plan import Plan
from ringfence.errors import Interference
from ringfence.etcd.client import Client
from ringfence.ops.execution.changing import change_users_and_roles
from ringfence.ops.execution.freshness import check_fresh
from ringfence.ops.execution.progress import Progress
from ringfence.ops.execution.readiness import check_ready
from ringfence.ops.planning import Planned, looked_at, planned_removal, with_v2
from ringfence.ops.reach.pace import Pace
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.switch.preflight import check_own_way
from ringfence.ops.telling import Advance, Tell
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted

if TYPE_CHECKING:
    from ringfence.ops.v2.looking import Make as MakeV2


@dataclass(frozen=True, slots=True)
class Removal:
    """What ``destroy`` takes away: the users and roles of ``spec``, and with ``with_auth`` auth and root too."""

    spec: Spec
    wanted: Wanted
    with_auth: bool = False

    async def plan(self, target: Target) -> Planned:
        """The plan for the live cluster.

        Raises:
            LockOut: auth is on, and it deletes the user in use.
            ClusterError: the cluster does not answer, or the identity may not read users and roles.
        """
        made = await looked_at(target, self.planned)
        made = await with_v2(made, target, self.in_v2())
        if made.observed.state.auth_enabled:  # else nobody is kept out, root's user or not
            check_own_way(made.plan, target)
        return made

    def in_v2(self) -> MakeV2 | None:
        """How the plan of the v2 store is made; None where it is none of the spec's business."""
        if self.wanted.v2 is None:
            return None
        from ringfence.ops.v2.looking import removing

        return removing(self.wanted.v2, self.spec.protect, with_auth=self.with_auth)

    async def planned(self, client: Client) -> Planned:
        """The same over a connection that is open already."""
        return await planned_removal(client, self.spec, self.wanted, with_auth=self.with_auth)


async def destroy(
    removal: Removal,
    target: Target,
    *,
    plan: Plan,
    pace: Pace | None = None,
    advance: Advance = lambda _done, _all: None,
    tell: Tell = lambda _sentence: None,
) -> None:
    """Carry out ``plan``.

    Args:
        removal: what the plan was made from.
        target: where, and as whom.
        plan: what was reviewed.
        pace: auth writes per second while auth is on; None leaves it to the latency of the cluster.
        advance: told about progress.
        tell: told how long v2 takes.

    Raises:
        StalePlan: the plan is for another spec, cluster or state.
        LockOut: it deletes the user in use.
        MembersDiffer: the members do not have the same users, roles and switch; nothing was changed.
        UnsafeError: an alarm is raised; nothing was changed.
        Interference: somebody else changed users or roles meanwhile.
        ClusterError: the cluster did not do it; running again carries on.
    """
    now = await removal.plan(target)
    check_fresh(plan, now.plan)
    check_ready(now)
    progress = Progress(advance, len(plan.changes))
    in_v3 = replace(now, plan=replace(now.plan, v2=None))
    if DisableAuth() in now.plan.changes_v3:
        async with connected(target) as client:
            await client.auth.disable()
            left = await removal.planned(client)
        if left.plan.changes_v3 != now.plan.changes_v3[1:]:
            raise Interference.of("somebody else changed users or roles after auth went off", hint="run destroy again")
        in_v3 = left
    if in_v3.plan.changes:
        await change_users_and_roles(removal.planned, removal.wanted, target, in_v3, pace, advance=progress.of_v3)
    make = removal.in_v2()
    if now.v2 is not None and make is not None and now.v2.plan.changes:
        from ringfence.ops.v2.changing import change_v2
        from ringfence.ops.v2.passwords import PasswordsV2

        done = progress.after(len(now.plan.changes_v3))
        await change_v2(make, target, now.v2, pace, PasswordsV2(), done=done, tell=tell)
