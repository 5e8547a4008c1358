"""An agent in a pod of a manifest: an init container, one that stays, the volumes of both, and their ConfigMap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ringfence.errors import Place, Problem
from ringfence.render.calico.agent import ALWAYS, FIRST
from ringfence.render.calico.agent import agent_files as files_of
from ringfence.render.calico.delivered import AgentPod
from ringfence.render.calico.parts import MOUNT, Seat
from ringfence.render.manifests.manifest import Resource, mounts, named
from ringfence.render.manifests.patch import Change
from ringfence.render.manifests.written import says
from ringfence.yamlio import nodes
from ringfence.yamlio.document import added_document
from ringfence.yamlio.entry import Bare, New, added, exchanged, extended, prepended, replaced, written

_FIRST, _ALWAYS = "etcd-agent-first", "etcd-agent"
_CONFIG, _TOKEN = "etcd-agent-config", "etcd-agent-token"
_TOKEN_SECONDS = "3600"  # noqa: S105 - a time
_LARGEST = 1_000_000
"""Bytes of a ConfigMap; Kubernetes takes 1 MiB."""


def agent_problems(found: Sequence[Resource], seat: Seat, pod: AgentPod) -> Iterator[Problem]:
    """Why an agent cannot be put beside a program."""
    namespace = seat.workload.namespace
    same = [each for each in named(found, "ConfigMap", pod.config_map) if (each.namespace or namespace) == namespace]
    for second in same[1:]:
        yield Problem(f"found a second ConfigMap {pod.config_map}", second.place, "leave only one")
    if sum(len(text) for text in files_of(pod.agent).values()) > _LARGEST:
        what = f"ConfigMap {pod.config_map} would be larger than Kubernetes takes: too many nodes have shortened names"
        yield Problem(what, Place(seat.workload.place.file), "shorten the identity's name, or deliver by hostpath")


def agent_changes(
    text: str, found: Sequence[Resource], beside: Resource, seat: Seat, pod: AgentPod
) -> Iterator[Change]:
    """What puts an agent beside a program.

    Args:
        text: the manifest.
        found: its resources.
        beside: the resource that a new ConfigMap is put behind.
        seat: the program.
        pod: the agent.
    """
    yield from _config_map(text, found, beside, seat.workload.namespace, pod)
    spec = seat.workload.pod
    assert spec is not None
    yield from _listed(text, seat, spec, "initContainers", [_container(seat, pod, _FIRST, FIRST)])
    yield from _listed(text, seat, spec, "containers", [_container(seat, pod, _ALWAYS, ALWAYS)])
    yield from _listed(text, seat, spec, "volumes", [*pod.volumes, *_own_volumes(pod)])


def _listed(
    text: str, seat: Seat, spec: nodes.Mapping, field: str, wanted: Sequence[Mapping[str, New]]
) -> Iterator[Change]:
    """What makes a list of the pod hold the items, which are told by their names."""
    listed = spec.get(field)
    there = (
        {item.text("name"): item for item in listed if isinstance(item, nodes.Mapping)}
        if isinstance(listed, nodes.Sequence)
        else {}
    )
    missing = [item for item in wanted if item["name"] not in there]
    for item in wanted:
        here = there.get(str(item["name"]))
        if here is not None and not says(here, item):
            assert isinstance(listed, nodes.Sequence)
            yield Change(f"{seat.workload}: {item['name']} is another", exchanged(text, listed, here, item))
    if missing:
        told = ", ".join(str(item["name"]) for item in missing)
        # Ahead of the installer: what it writes names files that must be there by then.
        put = prepended if field == "initContainers" else extended
        yield Change(f"{seat.workload}: {field}: {told} added", put(text, spec, field, missing))


def _container(seat: Seat, pod: AgentPod, name: str, configuration: str) -> dict[str, New]:
    own = mounts(seat.container, MOUNT)[0].text("name") or ""
    once = ["-exit-after-auth"] if configuration == FIRST else []
    return {
        "name": name,
        "image": pod.image,
        "command": [pod.program, "agent", f"-config={pod.agent.folder / configuration}", *once],
        "env": [{"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
        "securityContext": {
            "runAsUser": Bare(str(pod.user)),
            "runAsGroup": Bare("0"),
            "allowPrivilegeEscalation": Bare("false"),
            "readOnlyRootFilesystem": Bare("true"),
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": _CONFIG, "mountPath": str(pod.agent.folder), "readOnly": Bare("true")},
            {"name": _TOKEN, "mountPath": str(pod.agent.token.parent), "readOnly": Bare("true")},
            {"name": own, "mountPath": str(pod.writes)},
            *({"name": volume, "mountPath": path} for volume, path in pod.mounts.items()),
        ],
    }


def _own_volumes(pod: AgentPod) -> Iterator[Mapping[str, New]]:
    token: New = {
        "audience": pod.audience,
        "expirationSeconds": Bare(_TOKEN_SECONDS),
        "path": pod.agent.token.name,
    }
    yield {"name": _CONFIG, "configMap": {"name": pod.config_map}}
    yield {"name": _TOKEN, "projected": {"sources": [{"serviceAccountToken": token}]}}


def _config_map(
    text: str, found: Sequence[Resource], beside: Resource, namespace: str | None, pod: AgentPod
) -> Iterator[Change]:
    files = files_of(pod.agent)
    same = [each for each in named(found, "ConfigMap", pod.config_map) if (each.namespace or namespace) == namespace]
    told = f"ConfigMap {pod.config_map}"
    if same:
        yield from _updated(text, same[0], files)
        return
    metadata = {"name": pod.config_map, **({} if namespace is None else {"namespace": namespace})}
    if beside.siblings is not None:
        body: New = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": files}
        yield Change(f"{told} added", added(text, beside.siblings, [body]))
    else:
        yield Change(f"{told} added", (added_document(text, beside.body, [_lines(metadata, files)]),))


def _updated(text: str, config: Resource, files: Mapping[str, str]) -> Iterator[Change]:
    data = config.body.get("data")
    there = {name: data.get(name) for name in files} if isinstance(data, nodes.Mapping) else {}
    for name, here in there.items():
        if isinstance(here, nodes.Scalar):
            yield Change(f"{config}: {name} is another", replaced(text, here, files[name]))
    missing = {name: content for name, content in files.items() if there.get(name) is None}
    if missing:
        yield Change(f"{config}: {', '.join(missing)} added", extended(text, config.body, "data", missing))


def _lines(metadata: Mapping[str, str], files: Mapping[str, str]) -> list[str]:
    """The ConfigMap as a document that people can read."""
    lines = ["apiVersion: v1", "kind: ConfigMap", "metadata:"]
    lines += [f"  {key}: {written(value)}" for key, value in metadata.items()]
    lines.append("data:")
    for name, content in files.items():
        lines.append(f"  {name}: |")
        lines += [f"    {line}" for line in content.removesuffix("\n").split("\n")]
    return lines
