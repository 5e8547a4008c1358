"""Everybody who logs in on behalf of a component: what it is given, whose segment that is in, and how it logs in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Entry
from ringfence.errors import Place, Problem
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.version import Version
from ringfence.spec.shape import Calico, CatalogComponent, Compaction, KubeApiserver, OwnComponent, Spec, StorageBackend
from ringfence.wanted.components.calico import add_calico
from ringfence.wanted.components.compaction import COMPACTION_KEY, may_guard
from ringfence.wanted.components.needs import needed, written
from ringfence.wanted.components.part import Part, Parts, owned_by_family, release_notes
from ringfence.wanted.components.uses import settle
from ringfence.wanted.segments.grants import Granted
from ringfence.wanted.segments.owner import Owner


def cataloged(spec: Spec) -> frozenset[str]:
    """The components of the catalog that ``spec`` asks for, whether or not they are there."""
    names: set[str] = set()
    for component in spec.components:
        if isinstance(component, CatalogComponent):
            names.add(component.use)
        elif isinstance(component, Calico):
            names |= {"calico", *(part.component for part in component.parts)}
        elif isinstance(component, KubeApiserver):
            names.add("kube-apiserver")
    return frozenset(names)


def collect(spec: Spec, catalog: Catalog) -> Parts:
    """The parts of ``spec`` in etcd v3; a component with problems, or with all of its data in v2, is left out."""
    found = Parts()
    presets = [preset.name for preset in spec.presets]
    compactors: set[UserName] = set()
    for component in spec.components:
        if isinstance(component, OwnComponent):
            if component.grants or not component.patterns:
                _add_own(found, component)
        elif isinstance(component, CatalogComponent):
            _add_cataloged(found, component, catalog, presets)
        elif isinstance(component, Calico):
            add_calico(found, component, spec.nodes, catalog)
        elif component.backend is StorageBackend.ETCD3:
            _add_kube_apiserver(found, component, catalog, spec)
            if component.compactor is not None and component.compactor not in compactors:
                compactors.add(component.compactor)
                _add_compactor(found, component.compactor, component.place, spec)
    found.problems += _named_as_family(found)
    found.problems += (
        Problem(f"{preset.name} is a component of the catalog", preset.place, "choose another name")
        for preset in spec.presets
        if preset.name in catalog.entries
    )
    return found


def _add_own(found: Parts, component: OwnComponent) -> None:
    owner = Owner(component.identity)
    role = found.give(owner, RoleName(component.identity), written(component.grants))
    found.parts.append(
        Part(
            identity=component.identity,
            roles=(role,),
            owner=owner,
            label="own component" if component.preset is None else f"preset {component.preset}",
            place=component.place,
            password=component.password,
        )
    )


def _add_cataloged(found: Parts, component: CatalogComponent, catalog: Catalog, presets: Iterable[str]) -> None:
    settled, problems = settle(component, catalog, presets)
    found.problems += problems
    if settled is None:
        return
    entry, options = settled
    if not entry.needs(component.version, options):
        return
    owner = Owner(component.identity) if entry.commons is None else Owner(entry.commons.owner)
    if entry.commons is not None:
        found.commons.setdefault(owner, owned_by_family(entry, component.place))
    granted = needed(entry.needs(component.version, options), component.place, component.shares_with)
    role = found.give(owner, RoleName(component.identity), granted)
    found.parts.append(
        Part(
            identity=component.identity,
            roles=(role,),
            owner=owner,
            label=component.use,
            place=component.place,
            password=component.password,
            in_family=entry.commons is not None,
            examples=entry.shown(component.version, options),
            notes=release_notes(entry, component.version),
            remarks=_loud(entry, component.version, options),
        )
    )


def _add_kube_apiserver(found: Parts, component: KubeApiserver, catalog: Catalog, spec: Spec) -> None:
    entry = catalog.entry("kube-apiserver")
    compacts = component.compaction is Compaction.APISERVER
    options = {"etcd-prefix": component.prefix.rstrip("/"), "compaction": "apiserver" if compacts else "etcd"}
    owner = Owner(component.identity)
    granted = needed(entry.needs(component.version, options), component.place)
    role = found.give(owner, RoleName(component.identity), granted)
    found.parts.append(
        Part(
            identity=component.identity,
            roles=(role,),
            owner=owner,
            label="kube-apiserver",
            place=component.place,
            takes_root=compacts and may_guard(spec.cluster.etcd),
            examples=entry.shown(component.version, options),
            notes=release_notes(entry, component.version, needed=False),
            remarks=_loud(entry, component.version, options),
        )
    )


def _add_compactor(found: Parts, name: UserName, place: Place, spec: Spec) -> None:
    lock = Granted(
        access=Access.READWRITE,
        keys=SpanSet([Span.of_key(COMPACTION_KEY)]),
        shares_with=(),
        place=place,
        reason="the lock by which compactors of Kubernetes agree",
    )
    owner = Owner(name)
    role = found.give(owner, RoleName(name), (lock,))
    found.parts.append(
        Part(
            identity=name,
            roles=(role,),
            owner=owner,
            label="compactor",
            place=place,
            takes_root=may_guard(spec.cluster.etcd),
        )
    )


def _named_as_family(found: Parts) -> Iterator[Problem]:
    for part in found.parts:
        if not part.in_family and part.owner in found.commons:
            what = f"{part.identity} is the name of the segment that all components of the family {part.identity} share"
            yield Problem(what, part.place, "choose another name")


def _loud(entry: Entry, version: Version | None, options: dict[str, str]) -> tuple[str, ...]:
    return tuple(remark.text for remark in entry.remarked(version, options) if remark.loud)
