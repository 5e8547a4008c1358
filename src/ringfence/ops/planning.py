"""``plan`` and ``destroy`` before anything is changed: what is there, what is wanted, and the changes in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from ringfence.changes.change import Change
from ringfence.changes.diff import Prune, Unmanaged, diff, left_alone, unmanaged
from ringfence.changes.plan import Plan, Verb, state_digest
from ringfence.changes.removal import removal
from ringfence.errors import AccessDenied, Problem
from ringfence.etcd.client import Client
from ringfence.etcd.cluster import Alarm
from ringfence.etcd.observe import Observed, observe
from ringfence.ops.drift import agreement
from ringfence.ops.reach.target import Target, connected
from ringfence.proof.agreement import Agreement
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, the observation that it was made from, and what else was asked, if it was.

    Args:
        plan: the changes.
        observed: what they were made from.
        agreement: what the members say one by one.
        alarms: that are raised.
    """

    plan: Plan
    observed: Observed
    agreement: Agreement = field(default_factory=Agreement)
    alarms: frozenset[Alarm] = frozenset()

    @property
    def in_sync(self) -> bool:
        """Whether there is nothing to change, and every member that was asked says the same."""
        return not self.plan.changes and not self.agreement.differences


_DENIED = "use a certificate of root; if it is one, root is missing in etcd: see ringfence auth status"


async def plan(spec: Spec, wanted: Wanted, target: Target, prune: frozenset[Prune] = frozenset()) -> Planned:
    """The plan for the live cluster, whose members are asked one by one whether they agree.

    Args:
        spec: what to be pinned to.
        wanted: what it means.
        target: where, and as whom.
        prune: kinds of unmanaged things to delete.

    Raises:
        ClusterError: the cluster does not answer, or the identity may not read users and roles.
    """
    return await looked_at(target, lambda client: planned(client, spec, wanted, prune))


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
    batches = diff(wanted.state, observed.state, spec.protect, prune)
    return _pinned(spec, wanted, observed, batches, prune)


async def planned_removal(client: Client, spec: Spec, wanted: Wanted, *, with_auth: bool) -> Planned:
    """The plan that deletes the users and roles of the spec; see ``changes.removal``."""
    observed = await observe(client)
    batches = removal(wanted.state, observed.state, spec.protect, with_auth=with_auth)
    return _pinned(spec, wanted, observed, batches, frozenset(), Verb.DESTROY)


def _pinned(
    spec: Spec,
    wanted: Wanted,
    observed: Observed,
    batches: tuple[tuple[Change, ...], ...],
    prune: frozenset[Prune],
    verb: Verb = Verb.APPLY,
) -> Planned:
    found: Unmanaged = unmanaged(wanted.state, observed.state)
    changes = Plan(
        spec=spec.digest,
        cluster_id=observed.cluster_id,
        observed=state_digest(observed.state),
        auth_revision=observed.auth_revision,
        batches=batches,
        unmanaged=left_alone(batches, found),
        prune=prune,
        verb=verb,
    )
    return Planned(changes, observed)
