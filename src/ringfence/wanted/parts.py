"""Everybody who logs in on behalf of a component: what it is given, whose segment that is in, and how it logs in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Entry
from ringfence.errors import Place, Problem
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import UserName
from ringfence.model.permission import Access
from ringfence.model.probe import Example
from ringfence.model.state import Login
from ringfence.model.version import Version
from ringfence.spec.shape import (
    Calico,
    CatalogComponent,
    Compaction,
    KubeApiserver,
    OwnComponent,
    PasswordSource,
    Segmentation,
    Spec,
)
from ringfence.wanted.compaction import COMPACTION_KEY, may_guard
from ringfence.wanted.grants import Granted
from ringfence.wanted.needs import needed, written
from ringfence.wanted.owner import Owner
from ringfence.wanted.uses import settle

CALICO = Owner("calico")
"""The owner of all that is Calico's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An identity of a component.

    Args:
        in_family: whether the owner is a family.
        takes_root: whether etcd gives what it needs to the role root alone.
        examples: keys as the real program uses them.
        notes: what to know of the release that was taken.
        remarks: what the catalog says loudly of everybody who runs the component.
    """

    identity: UserName
    owner: Owner
    label: str
    granted: tuple[Granted, ...]
    place: Place
    password: PasswordSource | None = None
    in_family: bool = False
    takes_root: bool = False
    examples: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def login(self) -> Login:
        """How it logs in."""
        return Login.CERTIFICATE if self.password is None else Login.PASSWORD


@dataclass(slots=True)
class Parts:
    """All identities of all components, the keys that families own beyond what these are given, and what is wrong."""

    parts: list[Part] = field(default_factory=list)
    commons: dict[Owner, tuple[Granted, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


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
    """The parts of ``spec``; a component with problems is left out."""
    found = Parts()
    presets = [preset.name for preset in spec.presets]
    compactors: set[UserName] = set()
    for component in spec.components:
        if isinstance(component, OwnComponent):
            found.parts.append(_own(component))
        elif isinstance(component, CatalogComponent):
            _add_cataloged(found, component, catalog, presets)
        elif isinstance(component, Calico):
            _add_calico(found, component, catalog)
        else:
            found.parts.append(_kube_apiserver(component, catalog, spec))
            if component.compactor is not None and component.compactor not in compactors:
                compactors.add(component.compactor)
                found.parts.append(_compactor(component.compactor, component.place, spec))
    found.problems += _named_as_family(found)
    found.problems += (
        Problem(f"{preset.name} is a component of the catalog", preset.place, "choose another name")
        for preset in spec.presets
        if preset.name in catalog.entries
    )
    return found


def _own(component: OwnComponent) -> Part:
    return Part(
        identity=component.identity,
        owner=Owner(component.identity),
        label="own component" if component.preset is None else f"preset {component.preset}",
        granted=written(component.grants),
        place=component.place,
        password=component.password,
    )


def _add_cataloged(found: Parts, component: CatalogComponent, catalog: Catalog, presets: Iterable[str]) -> None:
    settled, problems = settle(component, catalog, presets)
    found.problems += problems
    if settled is None:
        return
    entry, options = settled
    owner = Owner(component.identity) if entry.commons is None else Owner(entry.commons.owner)
    if entry.commons is not None:
        found.commons.setdefault(owner, _owned(entry, component.place))
    found.parts.append(
        Part(
            identity=component.identity,
            owner=owner,
            label=component.use,
            granted=needed(entry.needs(component.version, options), component.place, component.shares_with),
            place=component.place,
            password=component.password,
            in_family=entry.commons is not None,
            examples=entry.shown(component.version, options),
            notes=_release(entry, component.version),
            remarks=_loud(entry, component.version, options),
        )
    )


OF_CANAL = {"flannel": {"config-by": "job"}}
"""How the options of the catalog's components differ where they run as parts of Calico."""


def _add_calico(found: Parts, component: Calico, catalog: Catalog) -> None:
    """All of its identities are of one family, flannel's among them."""
    options = {"calico": {"network": component.network}, **OF_CANAL}
    found.commons.setdefault(CALICO, _owned(catalog.entry("calico"), component.place))
    for part in component.parts:
        entry, given = catalog.entry(part.component), options.get(part.component, {})
        version = None if part.component == "flannel" else component.version
        needs = entry.needs(version, given)
        if not needs:
            what = f"{entry.releases} {component.version} keeps its data in etcd v2, and this spec is for v3"
            found.problems.append(Problem(what, component.place, "upgrade it first, or give the release that it has"))
            return
        alone = component.segmentation is Segmentation.SINGLE and part.component == "calico"
        found.parts.append(
            Part(
                identity=part.identity,
                owner=CALICO,
                label=part.component,
                granted=needed(needs, component.place),
                place=component.place,
                in_family=True,
                examples=entry.shown(version, given),
                notes=() if part.component == "flannel" else _release(entry, component.version, needed=not alone),
            )
        )


def _kube_apiserver(component: KubeApiserver, catalog: Catalog, spec: Spec) -> Part:
    entry = catalog.entry("kube-apiserver")
    compacts = component.compaction is Compaction.APISERVER
    options = {"etcd-prefix": component.prefix.rstrip("/"), "compaction": "apiserver" if compacts else "etcd"}
    return Part(
        identity=component.identity,
        owner=Owner(component.identity),
        label="kube-apiserver",
        granted=needed(entry.needs(component.version, options), component.place),
        place=component.place,
        takes_root=compacts and may_guard(spec.cluster.etcd),
        examples=entry.shown(component.version, options),
        notes=_release(entry, component.version, needed=False),
        remarks=_loud(entry, component.version, options),
    )


def _compactor(name: UserName, place: Place, spec: Spec) -> Part:
    granted = Granted(
        access=Access.READWRITE,
        keys=SpanSet([Span.of_key(COMPACTION_KEY)]),
        shares_with=(),
        place=place,
        reason="the lock by which compactors of Kubernetes agree",
    )
    return Part(
        identity=name,
        owner=Owner(name),
        label="compactor",
        granted=(granted,),
        place=place,
        takes_root=may_guard(spec.cluster.etcd),
    )


def _owned(entry: Entry, place: Place) -> tuple[Granted, ...]:
    """The keys of a family, given to nobody by this."""
    assert entry.commons is not None
    keys = SpanSet(Span.of_prefix(prefix.encode()) for prefix in entry.commons.prefixes)
    return (Granted(access=Access.READ, keys=keys, shares_with=(), place=place, reason="keys that cannot be moved"),)


def _named_as_family(found: Parts) -> Iterator[Problem]:
    for part in found.parts:
        if not part.in_family and part.owner in found.commons:
            what = f"{part.identity} is the name of the segment that all components of the family {part.identity} share"
            yield Problem(what, part.place, "choose another name")


def _release(entry: Entry, asked: Version | None, *, needed: bool = True) -> tuple[str, ...]:
    """What to know of the release whose lines were taken; ``needed`` tells whether one should have been given."""
    taken = entry.release(asked)
    if asked is None:
        if not (needed and entry.varies()):
            return ()
        return (f"no release of {entry.releases} is given, and releases differ in what they need: {taken} is taken",)
    if taken.line == asked.line:
        return ()
    where = "the nearest below" if taken.line < asked.line else "the oldest that is known"
    return (f"the catalog does not know {entry.releases} {asked}: the lines of {taken} are taken, {where}",)


def _loud(entry: Entry, version: Version | None, options: dict[str, str]) -> tuple[str, ...]:
    return tuple(remark.text for remark in entry.remarked(version, options) if remark.loud)
