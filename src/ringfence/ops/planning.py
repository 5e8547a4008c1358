"""``plan`` and ``destroy`` before anything is changed: what is there, what is wanted, and the changes in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ringfence.changes.change import Change
from ringfence.changes.diff import Prune, Unmanaged, diff, left_alone, unmanaged
from ringfence.changes.plan import Plan, Verb, state_digest
from ringfence.changes.removal import removal
from ringfence.errors import AccessDenied, Problem
from ringfence.etcd.client import Client
from ringfence.etcd.cluster import Alarm
from ringfence.etcd.observe import Observed, observe
from ringfence.model.state import State
from ringfence.ops.drift import agreement
from ringfence.ops.reach.target import Target, connected
from ringfence.proof.agreement import Agreement
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted

if TYPE_CHECKING:
    from ringfence.ops.v2.looking import LookedV2
    from ringfence.ops.v2.looking import Make as MakeV2  # it opens the door to HTTP, which most plans do without


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, the observation that it was made from, and what else was asked, if it was.

    Args:
        plan: the changes.
        observed: what they were made from.
        agreement: what the members say one by one.
        alarms: that are raised.
        v2: the same of the v2 store, None where it is none of the spec's business.
    """

    plan: Plan
    observed: Observed
    agreement: Agreement = field(default_factory=Agreement)
    alarms: frozenset[Alarm] = frozenset()
    v2: LookedV2 | None = None

    @property
    def in_sync(self) -> bool:
        """Whether there is nothing to change, and every member that was asked says the same."""
        members = (self.agreement,) if self.v2 is None else (self.agreement, self.v2.agreement)
        return not self.plan.changes and not any(each.differences for each in members)


_DENIED = "use a certificate of root; if it is one, root is missing in etcd: see ringfence auth status"


async def plan(spec: Spec, wanted: Wanted, target: Target, prune: frozenset[Prune] = frozenset()) -> Planned:
    """The plan for the live cluster, whose members are asked one by one whether they agree.

    Args:
        spec: what to be pinned to.
        wanted: what it means.
        target: where, and as whom.
        prune: kinds of unmanaged things to delete.

    Raises:
        LockOut: a user of v2 is called like an authority.
        ClusterError: the cluster does not answer, or the identity may not read users and roles.
    """
    check_names(wanted, target)
    made = await looked_at(target, lambda client: planned(client, spec, wanted, prune))
    return await with_v2(made, target, in_v2(spec, wanted, prune))


def check_names(wanted: Wanted, target: Target) -> None:
    """Refuse users of v2 that everybody would be; see ``ops.v2.preflight.check_authority``.

    Raises:
        LockOut: there is one.
    """
    if wanted.v2 is not None:
        from ringfence.ops.v2.preflight import check_authority

        check_authority(wanted.v2, target)


def in_v2(spec: Spec, wanted: Wanted, prune: frozenset[Prune] = frozenset()) -> MakeV2 | None:
    """How the plan of the v2 store is made; None where it is none of the spec's business."""
    if wanted.v2 is None:
        return None
    from ringfence.ops.v2.looking import changing

    return changing(wanted.v2, spec.protect, prune)


async def with_v2(made: Planned, target: Target, make: MakeV2 | None) -> Planned:
    """The plan of both stores from that of v3.

    Raises:
        AccessDenied: no endpoint takes us for root.
        NoV2: v2 is not served.
        ClusterError: the cluster does not answer.
    """
    if make is None:
        return made
    from ringfence.ops.v2.looking import look

    found = await look(target, make)
    return replace(made, plan=replace(made.plan, v2=found.plan), v2=found)


async def looked_at(target: Target, make: Callable[[Client], Awaitable[Planned]]) -> Planned:
    """A plan by whichever member takes us for root, what each member says, and the alarms.

    Args:
        target: where, and as whom.
        make: makes it over a connection.

    Raises:
        AccessDenied: no member takes us for root.
        ClusterError: the cluster does not answer.
    """
    denied: AccessDenied | None = None
    for at in range(len(target.endpoints)):
        turned = replace(target, endpoints=target.endpoints[at:] + target.endpoints[:at])
        try:
            async with connected(turned) as client:
                made = await make(client)
                alarms = await client.cluster.alarms()
        except AccessDenied as error:  # a member may have lost its users; the others know
            denied = denied or error
            continue
        return replace(made, agreement=await agreement(target, made.observed.members), alarms=alarms)
    assert denied is not None
    raise AccessDenied(*(Problem(each.what, each.place, _DENIED) for each in denied.problems))


async def planned(client: Client, spec: Spec, wanted: Wanted, prune: frozenset[Prune] = frozenset()) -> Planned:
    """The same over a connection that is open already."""
    observed = await observe(client)
    batches = diff(wanted.state, observed.state, spec.protect, prune) if spec.cluster.has_v3 else ()
    return _pinned(spec, wanted, observed, batches, prune)


async def planned_removal(client: Client, spec: Spec, wanted: Wanted, *, with_auth: bool) -> Planned:
    """The plan that deletes the users and roles of the spec; see ``changes.removal``."""
    observed = await observe(client)
    has_v3 = spec.cluster.has_v3
    batches = removal(wanted.state, observed.state, spec.protect, with_auth=with_auth) if has_v3 else ()
    return _pinned(spec, wanted, observed, batches, frozenset(), Verb.DESTROY)


def _pinned(
    spec: Spec,
    wanted: Wanted,
    observed: Observed,
    batches: tuple[tuple[Change, ...], ...],
    prune: frozenset[Prune],
    verb: Verb = Verb.APPLY,
) -> Planned:
    has_v3 = spec.cluster.has_v3  # where not, nothing of v3 is pinned, for it may go its own way
    state = observed.state if has_v3 else State(auth_enabled=False)
    found: Unmanaged = unmanaged(wanted.state, state)
    changes = Plan(
        spec=spec.digest,
        cluster_id=observed.cluster_id,
        observed=state_digest(state),
        auth_revision=observed.auth_revision if has_v3 else None,
        batches=batches,
        unmanaged=left_alone(batches, found),
        prune=prune,
        verb=verb,
    )
    return Planned(changes, observed)
