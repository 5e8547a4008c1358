"""The known holes of the live servers, held against what the spec accepts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ringfence.errors import Problem
from ringfence.etcd.holes import holes
from ringfence.ops.members import ReachedMember
from ringfence.proof.verification import ServerHole
from ringfence.spec.shape import Spec


def server_holes(members: Iterable[ReachedMember], spec: Spec, today: date) -> tuple[ServerHole, ...]:
    """Each hole of each member, by the version that it says it runs.

    Args:
        members: every member of the cluster.
        spec: what is accepted, and until when.
        today: an acceptance counts up to and on its last day.
    """
    accepted = {entry.id for entry in spec.cluster.accept if today <= entry.until}
    return tuple(
        ServerHole(
            id=hole.id,
            member=member.name,
            how=hole.how,
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
