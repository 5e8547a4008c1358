"""``plan`` and ``destroy`` before anything is changed: what is there, what is wanted, and the changes in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ringfence.changes.change import Change
from ringfence.changes.diff import Prune, Unmanaged, diff, left_alone, unmanaged
from ringfence.changes.plan import Plan, state_digest
from ringfence.changes.removal import removal
from ringfence.etcd.client import Client
from ringfence.etcd.observe import Observed, observe
from ringfence.ops.drift import agreement
from ringfence.ops.reach.target import Target, connected
from ringfence.proof.agreement import Agreement
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, the observation that it was made from, and what the members say one by one, where they were asked."""

    plan: Plan
    observed: Observed
    agreement: Agreement = field(default_factory=Agreement)

    @property
    def in_sync(self) -> bool:
        """Whether there is nothing to change, and every member that was asked says the same."""
        return not self.plan.changes and not self.agreement.differences


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
    async with connected(target) as client:
        made = await planned(client, spec, wanted, prune)
    return replace(made, agreement=await agreement(target, made.observed.members))


async def planned(client: Client, spec: Spec, wanted: Wanted, prune: frozenset[Prune] = frozenset()) -> Planned:
    """The same over a connection that is open already."""
    observed = await observe(client)
    batches = diff(wanted.state, observed.state, spec.protect, prune)
    return _pinned(spec, wanted, observed, batches, prune)


async def planned_removal(client: Client, spec: Spec, wanted: Wanted, *, with_auth: bool) -> Planned:
    """The plan that deletes the users and roles of the spec; see ``changes.removal``."""
    observed = await observe(client)
    return _pinned(
        spec, wanted, observed, removal(wanted.state, observed.state, spec.protect, with_auth=with_auth), frozenset()
    )


def _pinned(
    spec: Spec,
    wanted: Wanted,
    observed: Observed,
    batches: tuple[tuple[Change, ...], ...],
    prune: frozenset[Prune],
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
    )
    return Planned(changes, observed)
