"""What to know of a live cluster's v2 store, whether or not the spec is for it; see ``proof.v2.findings``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ringfence.errors import AccessDenied, NoV2
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.observe import observe_v2
from ringfence.model.v2 import Pattern, StateV2
from ringfence.ops.reach.members import ReachedMember
from ringfence.ops.reach.target import Target, connected
from ringfence.proof.v2.findings import FindingV2, SeenV2, findings, is_claimed, may_hold_claimed
from ringfence.spec.shape import Spec
from ringfence.wanted.v2.wanted import WantedV2

_MOST_DIRECTORIES = 200
"""Directories that are listed; claims lie near the root, so in earnest it is a handful."""


async def findings_v2(
    spec: Spec, wanted: WantedV2 | None, target: Target, members: Sequence[ReachedMember]
) -> tuple[FindingV2, ...]:
    """What there is to tell; nothing where no member serves v2.

    Args:
        spec: for the APIs that it is about.
        wanted: whose paths are whose; None where the spec is not for v2.
        target: the cluster, and root.
        members: all of them.

    Raises:
        ClusterError: a member does not answer.
    """
    told = await asyncio.gather(*(_auth(member.endpoint, target) for member in members))
    auth = {member.name: on for member, on in zip(members, told, strict=True) if on is not None}
    serving = [member for member in members if member.name in auth]
    if not serving:
        return ()
    segments = () if wanted is None else wanted.segments
    claimed = frozenset(pattern for segment in segments for pattern in segment.patterns)
    state, data = await _inside(serving[0].endpoint, target, claimed)
    async with connected(target) as client:
        v3_auth = await client.auth.enabled()
    identities = () if wanted is None else wanted.identities
    writable = [pattern for identity in identities for pattern in identity.reach.write]
    return findings(SeenV2(auth=auth, v3_auth=v3_auth, state=state, data=data), spec.cluster.api, writable)


async def _auth(endpoint: str, target: Target) -> bool | None:
    async with ClientV2(endpoint, target.credentials) as client:
        try:
            return await client.auth.enabled()
        except NoV2:
            return None


async def _inside(endpoint: str, target: Target, claimed: frozenset[Pattern]) -> tuple[StateV2 | None, tuple[str, ...]]:
    """Users and roles, and what nobody claims; neither where v2 does not take us for root."""
    async with ClientV2(endpoint, target.credentials) as client:
        try:
            return await observe_v2(client), await unclaimed(client, claimed)
        except AccessDenied:
            return None, ()


async def unclaimed(client: ClientV2, claimed: frozenset[Pattern]) -> tuple[str, ...]:
    """The topmost keys and directories that are within reach of none of the patterns.

    Raises:
        ClusterError: they cannot be listed.
    """
    found: list[str] = []
    waiting, listed = ["/"], 0
    while waiting and listed < _MOST_DIRECTORIES:
        listed += 1
        for entry in await client.keys.children(waiting.pop(0)):
            if is_claimed(entry.path, claimed):
                continue
            if entry.is_directory and may_hold_claimed(entry.path, claimed):
                waiting.append(entry.path)
            else:
                found.append(entry.path)
    return tuple(sorted(found))
