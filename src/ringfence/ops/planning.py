"""``plan``: what is there, what is wanted, and the changes in between."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.changes.diff import diff, unmanaged
from ringfence.changes.plan import Plan, state_digest
from ringfence.etcd.client import Client
from ringfence.etcd.observe import Observed, observe
from ringfence.ops.target import Target, connected
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and the observation that it was made from."""

    plan: Plan
    observed: Observed


async def plan(spec: Spec, wanted: Wanted, target: Target) -> Planned:
    """The plan for the live cluster.

    Raises:
        ClusterError: the cluster does not answer, or the identity may not read users and roles.
    """
    async with connected(target) as client:
        return await planned(client, spec, wanted)


async def planned(client: Client, spec: Spec, wanted: Wanted) -> Planned:
    """The same over a connection that is open already."""
    observed = await observe(client)
    changes = Plan(
        spec=spec.digest,
        cluster_id=observed.cluster_id,
        observed=state_digest(observed.state),
        auth_revision=observed.auth_revision,
        batches=diff(wanted.state, observed.state, spec.protect),
        unmanaged=unmanaged(wanted.state, observed.state),
    )
    return Planned(changes, observed)
