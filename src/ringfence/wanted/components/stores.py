"""Which of etcd's two stores each component keeps its data in, and whether the spec's ``cluster.api`` has it."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping

from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Entry
from ringfence.errors import Problem
from ringfence.model.version import Version
from ringfence.spec.shape import Calico, CatalogComponent, Component, KubeApiserver, OwnComponent, Spec, StorageBackend


class Store(enum.Enum):
    """A store: the value is its API's name."""

    V2 = "v2"
    V3 = "v3"

    @property
    def other(self) -> Store:
        """The other one of the two."""
        return Store.V3 if self is Store.V2 else Store.V2


def store_of(entry: Entry, version: Version | None, options: Mapping[str, str]) -> Store | None:
    """The store of a component of the catalog; None where the catalog does not know it at that release."""
    if entry.needs(version, options):
        return Store.V3
    taken = entry.release(version)
    if version is not None and taken.major < version.major:  # the stores changed with a major release
        return None
    return Store.V2 if entry.patterns(version, options) else None


def store_problems(spec: Spec, catalog: Catalog) -> Iterator[Problem]:
    """Each component whose store ``cluster.api`` does not have."""
    for component in spec.components:
        for store, what in _stores(component, catalog):
            if store.value not in spec.cluster.api:
                hint = f"say cluster.api: [v2, v3]; or {_instead(component)}"
                yield Problem(f"{what}, and this spec is for {store.other.value}", component.place, hint)


def _stores(component: Component, catalog: Catalog) -> Iterator[tuple[Store, str]]:
    """The stores of a component, each with how one would say it."""
    match component:
        case OwnComponent():
            if component.grants:
                yield Store.V3, f"{component.identity} has grants of keys in etcd v3"
            if component.patterns:
                yield Store.V2, f"{component.identity} has patterns of paths in etcd v2"
        case KubeApiserver():
            store = Store.V2 if component.backend is StorageBackend.ETCD2 else Store.V3
            yield store, f"kube-apiserver keeps its data in etcd {store.value}"
        case Calico():
            entry = catalog.entries.get(component.parts[0].component)
            if entry is not None:
                yield from _of_entry(entry, component.version, {"network": component.network}, "")
        case CatalogComponent():
            entry = catalog.entries.get(component.use)
            if entry is not None:
                options = {name: setting.text for name, setting in component.options.items()}
                yield from _of_entry(entry, component.version, options, f"{component.use} of ")


def _of_entry(
    entry: Entry, version: Version | None, options: Mapping[str, str], name: str
) -> Iterator[tuple[Store, str]]:
    store = store_of(entry, version, options)
    if store is not None:
        release = f"{entry.releases} {version or entry.release(None)}"
        yield store, f"{name}{release} keeps its data in etcd {store.value}"


def _instead(component: Component) -> str:
    if isinstance(component, OwnComponent):
        return "remove them"
    return "remove storage-backend" if isinstance(component, KubeApiserver) else "give the release that it has"
