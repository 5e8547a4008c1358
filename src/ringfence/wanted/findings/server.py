"""What is known of the release that the spec names, before any server is asked: its holes, and which are accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.version import Version
from ringfence.rules.holes import REVIEWED, Hole, holes, is_reviewed
from ringfence.spec.shape import Spec


@dataclass(frozen=True, slots=True)
class NamedHole:
    """A hole of the named release, and whether the spec accepts it today."""

    hole: Hole
    accepted: bool


@dataclass(frozen=True, slots=True)
class NamedServer:
    """The release that the spec names, and its known holes; those of v3, for of v2 none are listed by release."""

    version: Version
    holes: tuple[NamedHole, ...]

    @property
    def sound(self) -> bool:
        """Whether every hole is accepted."""
        return all(one.accepted for one in self.holes)


def named_server(spec: Spec) -> NamedServer | None:
    """What is known of ``cluster.etcd``; None where it is not given, or where v3 is none of the spec's business."""
    version = spec.cluster.etcd
    if version is None or not spec.cluster.has_v3:
        return None
    accepted = {entry.id for entry in spec.cluster.accept if not entry.expired}
    return NamedServer(version, tuple(NamedHole(hole, hole.id in accepted) for hole in holes(version)))


def server_notes(spec: Spec) -> Iterator[str]:
    """One for each hole that is not accepted, and one where the release is newer than the list of holes."""
    server = named_server(spec)
    if server is None:
        return
    for one in server.holes:
        if not one.accepted:
            hole = one.hole
            fixed = ", ".join(str(version) for version in hole.fixed_in) or "no release"
            yield (
                f"NOT ACCEPTED: {hole.id} of etcd {server.version}: {hole.consequence}; upgrade (fixed in {fixed}), or "
                f"accept it for a time under cluster.accept ({hole.source})"
            )
    if not is_reviewed(server.version):
        yield f"etcd {server.version} is newer than what was reviewed ({REVIEWED}): holes that it may have are unknown"
