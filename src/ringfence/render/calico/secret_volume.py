"""The volume through which a container sees its Secret, and no other container the same.

Where containers share a volume, the first keeps it and each other one gets its own. Only Secrets are put behind a
volume here; the volume that a container mounts is found in the same way whatever is behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ringfence.errors import Place, Problem
from ringfence.render.calico.parts import MOUNT, Part, Seat
from ringfence.render.manifests.manifest import mounts, volumes
from ringfence.render.manifests.patch import Change
from ringfence.yamlio.edit import Splice
from ringfence.yamlio.entry import Bare, New, extended, replaced
from ringfence.yamlio.nodes import Mapping, Scalar

OWN_VOLUME = {
    Part.NODE: "etcd-certs",
    Part.CNI: "cni-etcd-certs",
    Part.CONTROLLERS: "etcd-certs",
    Part.FLANNEL: "flannel-etcd-certs",
}
"""What the volume of a part is called when it has to be made."""

_MODES = {"Deployment": ("0440", "288")}
_ROOT_ONLY = ("0400", "256")
"""File modes as Calico's manifests have them, octal and (JSON knows no other) decimal: kube-controllers run as a user
that is no root, in group 0."""


def attached(text: str, seats: Sequence[Seat], secrets: dict[Part, str]) -> Iterator[Change]:
    """What makes each container of one workload see its own Secret.

    Args:
        text: the manifest.
        seats: the containers of the workload; the first ones keep what they share with others.
        secrets: the name of the Secret of each part.
    """
    kept: set[str] = set()
    for seat in seats:
        mount = mounts(seat.container, MOUNT)[0]
        name = mount.text("name") or ""
        entry = mount.get("name")
        moved: tuple[Splice, ...] = ()
        if name in kept and isinstance(entry, Scalar):
            name = OWN_VOLUME[seat.part]
            moved = replaced(text, entry, name, flow=mount.flow)
        kept.add(name)
        there = next((volume for volume in volumes(seat.workload) if volume.text("name") == name), None)
        if there is None:
            # Together: a mount without its volume would be refused, and a volume may have to wait for another.
            moved += _new_volume(text, seat, name, secrets[seat.part])
        yield Change(f"container {seat.container.name}: {MOUNT} is volume {name}", moved)
        if there is not None:
            yield from _leading(text, seat, there, secrets[seat.part])


def unattachable(seat: Seat, others: Sequence[Seat]) -> Iterator[Problem]:
    """Why a container cannot be given a Secret of its own.

    Args:
        seat: the container.
        others: those of the same workload that come before it and keep what they share with it.
    """
    file = seat.workload.place.file
    found = mounts(seat.container, MOUNT)
    if not found:
        what = f"container {seat.container.name} mounts nothing at {MOUNT}, so it would have no certificate"
        yield Problem(what, seat.container.place, "take calico-etcd.yaml of your Calico release")
    for second in found[1:]:
        what = f"container {seat.container.name} mounts a second volume at {MOUNT}"
        yield Problem(what, Place(file, second.extent.line), "leave only one")
    for mount in found[:1]:
        name = mount.text("name") or ""
        shared = any(name == entry.text("name") for other in others for entry in mounts(other.container, MOUNT))
        name = OWN_VOLUME[seat.part] if shared else name
        here = [volume for volume in volumes(seat.workload) if volume.text("name") == name]
        if not shared and not here:
            what = f"{seat.workload} has no volume {name}, which container {seat.container.name} mounts"
            yield Problem(what, Place(file, mount.extent.line), "add it, or mount the one with the Secret")
        for second in here[1:]:
            yield Problem(f"found a second volume {name}", Place(file, second.extent.line), "leave only one")
        for volume in here[:1]:
            if not isinstance(volume.get("secret"), Mapping):
                what = f"volume {name} of {seat.workload} has no Secret behind it"
                hint = f"container {seat.container.name} needs a volume with secret.secretName at {MOUNT}"
                yield Problem(what, Place(file, volume.extent.line), hint)


def _leading(text: str, seat: Seat, volume: Mapping, secret: str) -> Iterator[Change]:
    """What makes a volume that is there lead to a Secret, in a mode that the container can read and others cannot."""
    name, source = volume.text("name"), volume.get("secret")
    assert isinstance(source, Mapping)
    here = source.get("secretName")
    what = f"{seat.workload}: volume {name} is Secret {secret}"
    if isinstance(here, Scalar):
        yield Change(what, replaced(text, here, secret, flow=source.flow))
    else:
        yield Change(what, extended(text, source, "secretName", secret))
    if source.get("defaultMode") is None:
        mode = _mode(seat, flow=source.flow)
        told = f"{seat.workload}: volume {name} has mode {mode.text}"
        yield Change(told, extended(text, source, "defaultMode", mode))


def _new_volume(text: str, seat: Seat, name: str, secret: str) -> tuple[Splice, ...]:
    pod = seat.workload.pod
    assert pod is not None
    source: New = {"secretName": secret, "defaultMode": _mode(seat, flow=_in_flow(pod))}
    comment = f"What container {seat.container.name} shows to etcd."
    return extended(text, pod, "volumes", [{"name": name, "secret": source}], comment)


def _mode(seat: Seat, *, flow: bool) -> Bare:
    octal, decimal = _MODES.get(seat.workload.kind, _ROOT_ONLY)
    return Bare(decimal if flow else octal)


def _in_flow(pod: Mapping) -> bool:
    """Whether the volumes are written in flow style, which may be JSON."""
    here = pod.get("volumes")
    return pod.flow if here is None or isinstance(here, Scalar) else here.flow
