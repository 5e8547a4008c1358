"""Calico's hosted manifest whose pods come by their certificates in another way than by Secrets of ours.

The volume at the usual path leads elsewhere; agents, where there are any, stand beside the programs. The CNI plugin
runs on the host, once for each pod there: its configuration names a folder there literally, and the installer no longer
sees files that it would copy once and wipe at its next start. So what is renewed reaches the plugin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ringfence.errors import ManifestError, Place, Problem
from ringfence.render.calico.agent_pod import agent_changes, agent_problems
from ringfence.render.calico.cni_config import literal_paths
from ringfence.render.calico.delivered import Delivered
from ringfence.render.calico.parts import MOUNT, SECRET, Part, Parts, Seat, calico_parts
from ringfence.render.calico.secret_volume import OWN_VOLUME
from ringfence.render.calico.settings import configured, not_compacting
from ringfence.render.manifests.etcd_secret import filled, new_secrets, taken
from ringfence.render.manifests.manifest import Resource, mounts, named, resources, volumes
from ringfence.render.manifests.patch import Change, Patched, Work, patched
from ringfence.render.manifests.written import says
from ringfence.yamlio import nodes
from ringfence.yamlio.entry import New, emptied, exchanged, extended, removed, replaced

_LEFT = f"no pod of this manifest uses Secret {SECRET} any more: when all pods are replaced, delete it"


def patch_calico_delivery(text: str, file: str, delivered: Delivered, *, with_keys: bool) -> Patched:
    """The hosted manifest ``text``, its pods provided with certificates in that way.

    Doing it again with the same values changes nothing.

    Args:
        text: the manifest, with its line endings as they are in the file.
        file: its name, for the places of problems.
        delivered: how everything comes into the pods.
        with_keys: whether private keys may stand in the result.

    Raises:
        ManifestError: the manifest has not the parts that it should have (all of what is missing), a name is taken, it
            cannot be changed in place, or holds a private key although none should be in the result.
    """

    def plan(here: str) -> Work:
        found = resources(here, file)
        parts = calico_parts(found, file, canal=False, separate=True, datastore=delivered.datastore)
        problems = list(_problems(found, parts, delivered))
        if problems:
            raise ManifestError(*problems)
        changes = list(_changes(here, found, parts, delivered))
        if not with_keys and parts.secret is not None:
            changes += _without_key(here, parts.secret)
        told = (*delivered.notices, *(() if parts.secret is None else (_LEFT,)))
        return Work(tuple(changes), parts.seat(Part.NODE).container.version, told)

    return patched(text, file, plan, with_keys=with_keys)


def _problems(found: Sequence[Resource], parts: Parts, delivered: Delivered) -> Iterator[Problem]:
    yield from taken(found, delivered.secrets, parts.seat(Part.NODE).workload.namespace)
    for seat in parts.seats:
        at = mounts(seat.container, MOUNT)
        left_out = seat.part is Part.CNI and delivered.cni is not None
        if not at and not left_out:
            what = f"container {seat.container.name} mounts nothing at {MOUNT}, so it would have no certificate"
            yield Problem(what, seat.container.place, "take calico-etcd.yaml of your Calico release")
        for second in at[1:]:
            what = f"container {seat.container.name} mounts a second volume at {MOUNT}"
            yield Problem(what, Place(seat.workload.place.file, second.extent.line), "leave only one")
    for part, pod in delivered.agents.items():
        yield from agent_problems(found, parts.seat(part), pod)


def _changes(text: str, found: Sequence[Resource], parts: Parts, delivered: Delivered) -> Iterator[Change]:
    namespace = parts.seat(Part.NODE).workload.namespace
    yield from configured(text, parts.config, delivered.endpoints, delivered.names.within(MOUNT))
    if delivered.cni is not None:
        yield from literal_paths(text, parts.config, delivered.names.within(delivered.cni))
        yield from _unmounted(text, parts.seat(Part.CNI))
    missing = {}
    for name, values in delivered.secrets.items():
        same = [each for each in named(found, "Secret", name) if (each.namespace or namespace) == namespace]
        if same:
            yield from filled(text, same[0], values)
        else:
            missing[name] = values
    yield from new_secrets(text, parts.secret or parts.config, missing, namespace)
    yield from _sources(text, parts, delivered)
    for part, pod in delivered.agents.items():
        yield from agent_changes(text, found, parts.config, parts.seat(part), pod)
    yield from not_compacting(text, parts.seat(Part.CONTROLLERS).container, delivered.datastore)


def _sources(text: str, parts: Parts, delivered: Delivered) -> Iterator[Change]:
    """What is behind the volumes; where two programs of a pod share one, the second gets its own."""
    kept: set[tuple[int, str]] = set()
    for part in (part for part in Part if part in delivered.sources):
        seat = parts.seat(part)
        mount = mounts(seat.container, MOUNT)[0]
        entry, name = mount.get("name"), mount.text("name") or ""
        pod = seat.workload.body.extent.start
        if (pod, name) in kept and isinstance(entry, nodes.Scalar):
            name = OWN_VOLUME[part]
            what = f"container {seat.container.name}: {MOUNT} is volume {name}"
            yield Change(what, replaced(text, entry, name, flow=mount.flow))
        kept.add((pod, name))
        yield from _leading(text, seat, {"name": name, **delivered.sources[part]})


def _leading(text: str, seat: Seat, volume: Mapping[str, New]) -> Iterator[Change]:
    """What makes a volume lead to its source."""
    name = str(volume["name"])
    there = next((each for each in volumes(seat.workload) if each.text("name") == name), None)
    pod = seat.workload.pod
    assert pod is not None
    if there is None:
        told = f"{seat.workload}: volume {name} added"
        yield Change(told, extended(text, pod, "volumes", [volume]))
    elif not says(there, volume):
        listed = pod.get("volumes")
        assert isinstance(listed, nodes.Sequence)
        told = f"{seat.workload}: volume {name} is {_kind(volume)}"
        yield Change(told, exchanged(text, listed, there, volume))


def _kind(volume: Mapping[str, New]) -> str:
    return next((kind for kind in volume if kind != "name"), "")


def _unmounted(text: str, seat: Seat) -> Iterator[Change]:
    """What takes the certificate away from the installer, which would copy it once."""
    listed = seat.container.body.get("volumeMounts")
    for mount in mounts(seat.container, MOUNT)[:1]:
        assert isinstance(listed, nodes.Sequence)
        yield Change(f"container {seat.container.name}: {MOUNT} is taken out", removed(text, listed, mount))


def _without_key(text: str, secret: Resource) -> Iterator[Change]:
    here = secret.body.get("data", "etcd-key")
    if isinstance(here, nodes.Scalar):
        yield Change(f"{secret}: etcd-key is emptied", emptied(text, here))
