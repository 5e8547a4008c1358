"""A static pod of kube-apiserver, its manifest patched in place: the flags of etcd, the pki folder, annotations.

A file for ``kubeadm --patches`` is made from what this does, in ``render.kube_apiserver.kubeadm_patch``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Entries
from pathlib import PurePosixPath

from ringfence.errors import ManifestError, Place, Problem
from ringfence.model.names import UserName
from ringfence.render.kube_apiserver.backend import FLAG, Backend, in_use, other_store
from ringfence.render.kube_apiserver.flags import etcd_flags
from ringfence.render.manifests.manifest import Container, Resource, containers, duplicates, resources, volumes
from ringfence.render.manifests.patch import Change, Patched, Work, patched
from ringfence.yamlio.edit import Splice
from ringfence.yamlio.entry import Bare, New, added, extended, replaced
from ringfence.yamlio.nodes import Mapping, Scalar
from ringfence.yamlio.nodes import Sequence as Items

_VOLUME = "etcd-pki"
_HINT = "take kube-apiserver.yaml from /etc/kubernetes/manifests of a control plane"


def patch_kube_apiserver(
    text: str,
    file: str,
    *,
    endpoints: Sequence[str],
    prefix: str,
    folder: PurePosixPath,
    identity: UserName,
    compacts: bool,
    backend: Backend = Backend.ETCD3,
    annotations: Entries[str, str] | None = None,
) -> Patched:
    """The manifest ``text`` of a static pod, its API server made to use its own identity in etcd.

    Doing it again with the same values changes nothing.

    Args:
        text: the manifest, with its line endings as they are in the file.
        file: its name, for the places of problems.
        endpoints: etcd's client URLs.
        prefix: ``--etcd-prefix``, under which every key of this cluster lies.
        folder: where the pki files lie on the machine; it is mounted where no mount holds it yet.
        identity: the etcd user, which is also the name of its certificate file.
        compacts: whether the API server compacts etcd's history; see ``flags`` for what that means.
        backend: the store of etcd that its keys lie in.
        annotations: what the pod is to say beside; the kubelet makes a pod anew when one of them changes.

    Raises:
        ManifestError: it is no pod of an API server, or of one in the other store, its flags cannot be told apart, or
            it cannot be changed in place.
    """
    flags = etcd_flags(
        endpoints=endpoints, prefix=prefix, folder=folder, identity=identity, compacts=compacts, backend=backend
    )

    def plan(here: str) -> Work:
        pod, container = _server(resources(here, file), file, flags, backend)
        words = _words(container)
        assert words is not None
        changes = [*_flags(here, words, flags), *_mounted(here, pod, container, folder)]
        changes += _annotated(here, pod, annotations or {})
        return Work(tuple(changes), container.version, tuple(_notices(words)))

    return patched(text, file, plan, with_keys=True)


def _server(
    found: Sequence[Resource], file: str, flags: dict[str, str], backend: Backend
) -> tuple[Resource, Container]:
    candidates = [
        (pod, container)
        for pod in found
        for container in (containers(pod) if pod.kind == "Pod" else ())
        if container.name == "kube-apiserver"
    ]
    problems = [] if candidates else [Problem("found no Pod with a container kube-apiserver", Place(file), _HINT)]
    for pod, _ in candidates[1:]:
        what = f"found a second Pod with a container kube-apiserver, the first is in line {candidates[0][0].place.line}"
        problems.append(Problem(what, pod.place, "leave only one"))
    for pod, container in candidates:
        problems += duplicates(pod.body, file)
        problems += _unusable(container, dict.fromkeys((*flags, FLAG)))
        problems += _of_another_store(container, backend)
        for volume in volumes(pod):
            if volume.text("name") == _VOLUME and volume.text("hostPath", "path") is None:
                what = f"the name {_VOLUME} is taken by another volume"
                problems.append(Problem(what, Place(file, volume.extent.line), "rename that one"))
    if problems:
        raise ManifestError(*problems)
    return candidates[0]


def _unusable(container: Container, flags: Iterable[str]) -> Iterator[Problem]:
    words = _words(container)
    if words is None:
        hint = "write command or args as a list with one flag an item, --name=value"
        yield Problem("the flags of kube-apiserver cannot be told apart", container.place, hint)
        return
    for name in flags:
        found = [word for word in _scalars(words) if word.text.partition("=")[0] == name]
        for word in found:
            place = Place(container.place.file, word.extent.line)
            if "=" not in word.text:
                yield Problem(f"{name} and its value are two items", place, f"write {name}=VALUE in one")
        for second in found[1:]:
            place = Place(container.place.file, second.extent.line)
            yield Problem(f"{name} stands twice, first in line {found[0].extent.line}", place, "remove one of the two")


def _of_another_store(container: Container, backend: Backend) -> Iterator[Problem]:
    words = _words(container)
    written = [] if words is None else [word.text for word in _scalars(words)]
    wrong = other_store(in_use(written, container.version), backend)
    if wrong is not None and words is not None:
        yield Problem(wrong[0], container.place, wrong[1])


def _words(container: Container) -> Items | None:
    """The list with the flags; a command and its args are one command line, so the one that has flags is it."""
    for field in ("args", "command"):
        found = container.body.get(field)
        if isinstance(found, Items) and any(word.text.startswith("--") for word in _scalars(found)):
            return found
    return None


def _scalars(words: Items) -> list[Scalar]:
    return [word for word in words if isinstance(word, Scalar)]


def _flags(text: str, words: Items, flags: dict[str, str]) -> Iterator[Change]:
    missing: list[str] = []
    for name, value in flags.items():
        wanted = f"{name}={value}"
        found = [word for word in _scalars(words) if word.text.partition("=")[0] == name]
        for word in found:
            yield Change(wanted, replaced(text, word, wanted, flow=words.flow))
        if not found:
            missing.append(wanted)
    if missing:
        yield Change(" ".join(missing), added(text, words, missing))


def _annotated(text: str, pod: Resource, annotations: Entries[str, str]) -> Iterator[Change]:
    metadata = pod.body.get("metadata")
    missing: dict[str, New] = {}
    for name, value in annotations.items():
        found = pod.body.get("metadata", "annotations", name)
        if isinstance(found, Scalar):
            holder = pod.body.get("metadata", "annotations")
            flow = isinstance(holder, Mapping) and holder.flow
            yield Change(f"annotation {name}={value}", replaced(text, found, value, flow=flow))
        else:
            missing[name] = value
    if missing:
        told = ", ".join(f"{name}={value}" for name, value in missing.items())
        if isinstance(metadata, Mapping):
            yield Change(f"annotation {told}", extended(text, metadata, "annotations", missing))
        else:
            yield Change(f"annotation {told}", extended(text, pod.body, "metadata", {"annotations": missing}))


def _notices(words: Items) -> Iterator[str]:
    for word in _scalars(words):
        if word.text.partition("=")[0] == "--etcd-servers-overrides":
            yield (
                f"{word.text} names other etcd servers, for which the API server uses the same certificate and prefix: "
                "its user needs the same role there"
            )


def _mounted(text: str, pod: Resource, container: Container, folder: PurePosixPath) -> Iterator[Change]:
    """What makes the container see the folder; a mount that an earlier run made follows it to another place."""
    entries = container.body.get("volumeMounts")
    there = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, Items) else []
    ours = [entry.get("mountPath") for entry in there if entry.text("name") == _VOLUME]
    others = [entry.text("mountPath") for entry in there if entry.text("name") != _VOLUME]
    if pod.pod is None or (not ours and any(path and folder.is_relative_to(path) for path in others)):
        return
    behind = [volume.get("hostPath", "path") for volume in volumes(pod) if volume.text("name") == _VOLUME]
    splices: tuple[Splice, ...] = ()
    for path in (*ours, *behind):
        if isinstance(path, Scalar):
            splices += replaced(text, path, str(folder))
    if not ours:
        mount: New = {"mountPath": str(folder), "name": _VOLUME, "readOnly": Bare("true")}
        splices += extended(text, container.body, "volumeMounts", [mount])
    if not behind:
        source = {"path": str(folder), "type": "Directory"}
        splices += extended(text, pod.pod, "volumes", [{"name": _VOLUME, "hostPath": source}])
    yield Change(f"{folder} is mounted", splices)
