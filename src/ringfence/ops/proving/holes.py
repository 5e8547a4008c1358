"""The known holes of the live servers, held against what the spec accepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ringfence.errors import Problem
from ringfence.etcd.channel import Channel
from ringfence.etcd.hole_probes import LOGGED, PROBES
from ringfence.model.credentials import Credentials
from ringfence.model.state import Reach
from ringfence.ops.reach.members import ReachedMember
from ringfence.proof.verification import ServerHole
from ringfence.rules.holes import holes
from ringfence.spec.shape import Spec


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying out holes showed: how each is known, by member and id, and the entries it took in etcd's raft log."""

    how: Mapping[tuple[str, str], str] = field(default_factory=dict)
    raft_entries: int = 0


async def try_holes(members: Iterable[ReachedMember], identities: Sequence[tuple[Credentials, Reach]]) -> Tried:
    """Try every hole that a member's release has and that can be tried without harm.

    Args:
        members: every member; auth must be on.
        identities: who can be tried as, none of them root; a hole takes the first that can tell.
    """
    how: dict[tuple[str, str], str] = {}
    entries = 0
    for member in members:
        for hole in holes(member.version) if member.version is not None else ():
            if hole.id not in PROBES:
                continue
            for credentials, reach in identities:
                async with Channel(member.endpoint, credentials) as channel:
                    found = await PROBES[hole.id](channel, reach)
                if found is not None:
                    how[member.name, hole.id] = "confirmed" if found else "not reproduced"
                    entries += hole.id in LOGGED
                    break
    return Tried(how, entries)


def server_holes(
    members: Iterable[ReachedMember], spec: Spec, today: date, tried: Tried = Tried()
) -> tuple[ServerHole, ...]:
    """Each hole of each member, by the version that it says it runs, and by what trying it out showed.

    Args:
        members: every member of the cluster.
        spec: what is accepted, and until when.
        today: an acceptance counts up to and on its last day.
        tried: what trying them out showed.
    """
    accepted = {entry.id for entry in spec.cluster.accept if today <= entry.until}
    return tuple(
        ServerHole(
            id=hole.id,
            member=member.name,
            how=tried.how.get((member.name, hole.id), hole.how),
            accepted=hole.id in accepted,
            title=hole.title,
            fixed_in=", ".join(str(version) for version in hole.fixed_in) or "no release",
        )
        for member in members
        if member.version is not None
        for hole in holes(member.version)
    )


def hole_problems(found: Iterable[ServerHole]) -> list[Problem]:
    """What stands against relying on these servers, a problem for each hole that the spec does not accept."""
    open_holes = {hole.id: hole for hole in found if not hole.accepted}
    return [
        Problem(
            f"this etcd has a known hole, {hole.id}: {hole.title}",
            hint=f"upgrade (fixed in {hole.fixed_in}), or accept it for a time: "
            f"cluster.accept: [{{id: {hole.id}, until: YYYY-MM-DD, reason: ...}}]",
        )
        for hole in open_holes.values()
    ]
