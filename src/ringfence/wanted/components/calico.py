"""Calico's identities: one, one for each component, or one for each component on each node.

By node there are three ways (``spec.shape.NodeIdentity``), which differ in what two nodes have in common: the user,
the role, or only what the catalog cannot narrow to one node.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Entry
from ringfence.model.names import RoleName, UserName
from ringfence.model.version import Version
from ringfence.spec.shape import Calico, CalicoPart, Node, NodeIdentity, Segmentation
from ringfence.wanted.components.needs import needed
from ringfence.wanted.components.part import Certified, Part, Parts, owned_by_family, release_notes
from ringfence.wanted.segments.owner import Owner

CALICO = Owner("calico")
"""The owner of all that is Calico's."""

OF_CANAL = {"flannel": {"config-by": "job"}}
"""How the options of the catalog's components differ where they run as parts of Calico."""


@dataclass(frozen=True, slots=True)
class Cataloged:
    """What the catalog knows of a part: its entry, and the release and options that it is asked for."""

    entry: Entry
    version: Version | None
    options: dict[str, str]

    @classmethod
    def of(cls, component: Calico, part: CalicoPart, catalog: Catalog) -> Cataloged:
        """Those of a part; flannel's releases are not Calico's."""
        options = {"calico": {"network": component.network}, **OF_CANAL}.get(part.component, {})
        version = None if part.component == "flannel" else component.version
        return cls(catalog.entry(part.component), version, options)


def add_calico(found: Parts, component: Calico, nodes: Iterable[Node], catalog: Catalog) -> None:
    """All of its identities are of one family, flannel's among them; nothing of a release that has its data in v2."""
    parts = [(part, Cataloged.of(component, part, catalog)) for part in component.parts]
    if not all(known.entry.needs(known.version, known.options) for _, known in parts):
        return
    found.commons.setdefault(CALICO, owned_by_family(catalog.entry("calico"), component.place))
    for part, known in parts:
        if component.by_node is not None and part.by_node:
            _add_by_node(found, component, part, known, tuple(nodes))
        else:
            needs = known.entry.needs(known.version, known.options)
            found.give(CALICO, RoleName(part.identity), needed(needs, component.place))
            found.parts.append(_part(component, part, known))


def _add_by_node(found: Parts, component: Calico, part: CalicoPart, known: Cataloged, nodes: tuple[Node, ...]) -> None:
    """A component that runs on every node."""
    entry, version, options = known.entry, known.version, known.options
    scoped = component.by_node is NodeIdentity.SCOPED
    on_nodes = entry.on_nodes(version, options)
    needs = on_nodes.every if scoped else entry.needs(version, options)
    role = found.give(CALICO, RoleName(part.identity), needed(needs, component.place))
    whole = _part(component, part, known)
    if component.by_node is NodeIdentity.SHARED:
        certificates = tuple(Certified(part.name_on(node.name), node.name) for node in nodes)
        found.parts.append(replace(whole, certificates=certificates))
        return
    for node in nodes:
        name = part.name_on(node.name)
        one = replace(
            whole,
            identity=UserName(name),
            roles=(role,),
            node=node.name,
            certificates=(Certified(name, node.name),),
            place=node.place,
        )
        if scoped and on_nodes.lines:
            own = found.give(CALICO, RoleName(name), needed(on_nodes.needs(node.name), component.place))
            one = replace(one, roles=(role, own), examples=on_nodes.shown(node.name))
        found.parts.append(one)


def _part(component: Calico, part: CalicoPart, known: Cataloged) -> Part:
    """A part that is the same on every node."""
    alone = component.segmentation is Segmentation.SINGLE and part.component == "calico"
    flannel = part.component == "flannel"
    return Part(
        identity=part.identity,
        roles=(RoleName(part.identity),),
        owner=CALICO,
        label=part.component,
        place=component.place,
        in_family=True,
        examples=known.entry.shown(known.version, known.options),
        notes=() if flannel else release_notes(known.entry, component.version, needed=not alone),
    )
