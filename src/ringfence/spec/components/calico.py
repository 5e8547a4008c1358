"""Reading ``use: calico``: one installation, with one identity, or one for each component, on each node or on all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ringfence.model.version import Version
from ringfence.spec.components.delivery import read_delivery, refuse_by_node, refuse_with_calico_2
from ringfence.spec.naming import Identity, read_identity, read_name
from ringfence.spec.nodes import Listed
from ringfence.spec.reader import Cursor, Fields, nearest, shown
from ringfence.spec.services import read_services
from ringfence.spec.shape import Calico, CalicoPart, NodeIdentity, Segmentation
from ringfence.spec.values import read_version

_KEYS = (
    *("use", "name", "calico", "network", "segmentation", "identity", "calicoctl", "identities"),
    *("deliver", "services"),
)
_COMPONENTS = ("calico/node", "calico/cni", "calico/kube-controllers")
_CALICOCTL = ("read-only", "policy-editor", "full")

WITH_V3 = Version(3, 0)
"""The first release that keeps its data in etcd v3; those before it are patterns of v2."""

BY_NODE = ("calico/node", "calico/cni", "flannel")
"""The components that run on every node; the others run once, wherever they are put."""


def read_calico(cursor: Cursor, nodes: Sequence[Listed] | None, folder: Path) -> tuple[Calico, tuple[Identity, ...]]:
    """A Calico, and all of its identities.

    Args:
        cursor: at the component.
        nodes: those of the spec that can be used; None where none are written.
        folder: the one that its files are resolved against.
    """
    fields = cursor.fields(_KEYS, later=("nodes",))
    network = fields.read("network", lambda at: at.word(("calico", "canal"))) or "calico"
    segmentation = fields.read("segmentation", lambda at: at.enum(Segmentation)) or Segmentation.SINGLE
    tools = tuple(f"calicoctl/{word}" for word in fields.read("calicoctl", _calicoctl) or ())
    if segmentation is Segmentation.SINGLE:
        alone, parts = {"calico": read_name(fields, "calico")}, tools
    else:
        _refuse_name(fields, segmentation)
        alone, parts = {}, (*_COMPONENTS, *(("flannel",) if network == "canal" else ()), *tools)
    version = fields.read("calico", read_version)
    if version is not None and version.line < WITH_V3.line:
        _refuse_in_v2(fields, version, segmentation, network)
    by_node = _by_node(fields, segmentation, nodes)
    refuse_by_node(fields, segmentation, network)
    deliver = fields.read("deliver", lambda at: read_delivery(at, folder))
    if version is not None and version.line < WITH_V3.line and deliver is not None:
        refuse_with_calico_2(fields, version, deliver.way)
    identities = {**alone, **_identities(fields, parts)}
    component = Calico(
        parts=tuple(
            CalicoPart(name, identity.user, by_node=by_node is not None and name in BY_NODE)
            for name, identity in identities.items()
        ),
        version=version,
        network=network,
        segmentation=segmentation,
        by_node=by_node,
        deliver=deliver,
        services=read_services(fields, None if deliver is None else deliver.way),
        place=cursor.place,
    )
    return component, (*identities.values(), *_on_nodes(component, nodes or ()))


def is_in_v2(component: Calico) -> bool:
    """Whether its release keeps its data in etcd v2; one that is not given is taken for a current one."""
    return component.version is not None and component.version.line < WITH_V3.line


def _by_node(fields: Fields, segmentation: Segmentation, nodes: Sequence[Listed] | None) -> NodeIdentity | None:
    chosen = fields.read("identity", lambda at: at.enum(NodeIdentity))
    if segmentation is Segmentation.NODE:
        if nodes is None:
            at = fields.get("segmentation") or fields.owner
            at.problem("needs the names of the nodes", "add nodes: [NODE, ...], or nodes: {file: nodes.txt}")
        return chosen or NodeIdentity.SHARED
    written = fields.get("identity")
    if written is not None and chosen is not None:
        written.problem(
            f"says nothing with segmentation: {segmentation.value}", "add segmentation: node, or remove identity"
        )
    return None


def _refuse_in_v2(fields: Fields, version: Version, segmentation: Segmentation, network: str) -> None:
    """Note what only Calico 3 has, whose keys name nodes."""
    chosen, identity, canal = fields.get("segmentation"), fields.get("identity"), fields.get("network")
    if segmentation is Segmentation.NODE and chosen is not None:
        chosen.problem(
            f"Calico {version} keeps its data in etcd v2, where nothing is narrowed to one node",
            "choose single or component",
        )
    if identity is not None:
        identity.problem(f"says nothing with Calico {version}, which has no identities by node", "remove it")
    if network == "canal" and canal is not None:
        canal.problem(
            f"what flannel needs beside Calico {version} is not known",
            "use network: calico, and give flannel's keys to a component of its own: patterns: "
            "[{pattern: /coreos.com/network/*, access: readwrite}]",
        )


def _on_nodes(component: Calico, nodes: Iterable[Listed]) -> Iterator[Identity]:
    """What the nodes' certificates are called, each at the place of its node."""
    for part in component.parts:
        if part.by_node:
            is_role = component.by_node is NodeIdentity.SCOPED and part.component != "flannel"
            yield from (Identity(part.name_on(each.node.name), each.cursor, is_role) for each in nodes)


def _refuse_name(fields: Fields, segmentation: Segmentation) -> None:
    named = fields.get("name")
    if named is not None:
        named.problem(
            f"segmentation: {segmentation.value} makes several users, so there is no one name",
            "name them under identities: {calico-node: ...}",
        )


def _calicoctl(cursor: Cursor) -> tuple[str, ...]:
    words: list[str] = []
    for item in cursor.items():
        word = item.word(_CALICOCTL)
        if word in words:
            item.problem(f"{word} is listed twice", "keep one of them")
        elif word is not None:
            words.append(word)
    return tuple(words)


def _identities(fields: Fields, parts: tuple[str, ...]) -> Mapping[str, Identity]:
    """The identity of each part: its default name, or the one under ``identities``."""
    found = {part: Identity(part.replace("/", "-"), fields.owner) for part in parts}
    defaults = {identity.name: part for part, identity in found.items()}
    overrides = fields.get("identities")
    for default, at in () if overrides is None else overrides.named():
        part = defaults.get(default)
        if part is None:
            hint = nearest(default, defaults) or "with segmentation: single the one user is named with name"
            at.problem(f"{shown(default)} is no identity of this calico", hint)
            continue
        name = read_identity(at)
        if name is not None:
            found[part] = Identity(name, at)
    return found
