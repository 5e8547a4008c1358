"""What each component, and each role of the spec, is given: the operator's grants, or the catalog's needs."""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.catalog.entry import Catalog, Need
from ringfence.errors import Place
from ringfence.keyspace import SpanSet
from ringfence.spec.shape import Calico, Component, Grant, KubeApiserver, OwnComponent
from ringfence.wanted.grants import Granted


def label(component: Component) -> str:
    """What a component is, for people."""
    if isinstance(component, KubeApiserver):
        return "kube-apiserver"
    return "calico" if isinstance(component, Calico) else "own component"


def granted_to(component: Component, catalog: Catalog) -> tuple[Granted, ...]:
    """Everything that a component is given."""
    if isinstance(component, OwnComponent):
        return written(component.grants)
    if isinstance(component, Calico):
        return _needed(catalog.needs("calico", component.version, {}), component.place)
    options = {"etcd-prefix": component.prefix.rstrip("/"), "compaction": component.compaction.value}
    return _needed(catalog.needs("kube-apiserver", component.version, options), component.place)


def written(grants: Iterable[Grant]) -> tuple[Granted, ...]:
    """The grants that stand in the spec, less what they except."""
    return tuple(
        Granted(
            access=grant.access,
            keys=SpanSet([grant.span]) - SpanSet(grant.exclude) if grant.exclude else SpanSet([grant.span]),
            shares_with=grant.shares_with,
            place=grant.place,
            reason="granted in the spec",
        )
        for grant in grants
    )


def _needed(needs: Iterable[Need], place: Place) -> tuple[Granted, ...]:
    return tuple(
        Granted(access=need.access, keys=SpanSet([need.span]), shares_with=(), place=place, reason=need.reason)
        for need in needs
    )
