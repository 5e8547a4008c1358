"""Calico as it is found: one user, one for each component, or one for each component on each node.

With ``identity: shared`` etcd holds the same as by component, so that is what it is taken for: whose certificates are
made for which node is not stored there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from ringfence.adoption.families import Family, families_of
from ringfence.adoption.found import Recognized
from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Need, OnNodes
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import RoleName, UserName
from ringfence.model.state import Reach, State
from ringfence.model.version import Version
from ringfence.spec.components.calico import BY_NODE
from ringfence.wanted.components.calico import OF_CANAL

PARTS = ("calico/node", "calico/cni", "calico/kube-controllers")
_TOOLS = ("calicoctl/read-only", "calicoctl/policy-editor", "calicoctl/full")

Settings = dict[str, str | tuple[str, ...] | Mapping[str, str]]
"""Keys and values of a component in the spec."""


@dataclass(frozen=True, slots=True)
class _Release:
    """A release of Calico with a network, and what it needs."""

    catalog: Catalog
    version: Version
    network: str

    @property
    def names(self) -> tuple[str, ...]:
        """The components that run."""
        return (*PARTS, "flannel") if self.network == "canal" else PARTS

    def needs(self, name: str) -> tuple[Need, ...]:
        """What one of them needs, as wide as it is for all nodes."""
        return self.catalog.needs(name, self._version(name), OF_CANAL.get(name, {}))

    def on_nodes(self, name: str) -> OnNodes:
        """What one of them needs where each node has an identity of its own."""
        return self.catalog.entry(name).on_nodes(self._version(name), OF_CANAL.get(name, {}))

    def _version(self, name: str) -> Version | None:
        return None if name == "flannel" else self.version


def recognize_calico(
    state: State, alone: Mapping[UserName, Reach], catalog: Catalog, users: Sequence[UserName]
) -> Recognized | None:
    """The Calico among ``users``, if there is one.

    Args:
        state: what is there.
        alone: the reach of each user that holds the role of its own name and no other.
        catalog: what there may be.
        users: whose names are fit for identities.
    """
    return _single(alone, catalog) or _by_component(alone, catalog) or _by_node(state, alone, catalog, users)


def reach_of(needs: Iterable[Need]) -> Reach:
    """What needs come to together."""
    every = tuple(needs)
    return Reach(
        SpanSet(need.span for need in every if need.access.reads),
        SpanSet(need.span for need in every if need.access.writes),
    )


def _releases(catalog: Catalog) -> Iterator[_Release]:
    """The newest first."""
    for version, network in product(reversed(catalog.entry(PARTS[0]).known), ("canal", "calico")):
        yield _Release(catalog, version, network)


def _single(alone: Mapping[UserName, Reach], catalog: Catalog) -> Recognized | None:
    for network in ("calico", "canal"):
        needs = catalog.needs("calico", None, {"network": network})
        users = _match(alone, {"calico": reach_of(needs)})
        if users is None:
            continue
        tools = _tools(alone, catalog, None, {*users.values()})
        settings: Settings = {"use": "calico"}
        if users["calico"] != "calico":
            settings["name"] = users["calico"]
        return _calico(settings, network, "single", users, tools, catalog, needs)
    return None


def _by_component(alone: Mapping[UserName, Reach], catalog: Catalog) -> Recognized | None:
    """The newest release whose needs all parts have."""
    for release in _releases(catalog):
        needs = {name: release.needs(name) for name in release.names}
        users = _match(alone, {name: reach_of(needs[name]) for name in needs}) if all(needs.values()) else None
        if users is not None:
            tools = _tools(alone, catalog, release.version, {*users.values()})
            settings: Settings = {"use": "calico", "calico": str(release.version)}
            every = [need for each in needs.values() for need in each]
            return _calico(settings, release.network, "component", users, tools, catalog, every)
    return None


def _by_node(
    state: State, alone: Mapping[UserName, Reach], catalog: Catalog, users: Sequence[UserName]
) -> Recognized | None:
    """The newest release whose needs all parts have, those of nodes on the same nodes."""
    families = families_of(state, users)
    if not families:
        return None
    for release, scoped in product(_releases(catalog), (False, True)):
        bases = _match_families(families, state, release, scoped=scoped)
        needs = {name: release.needs(name) for name in release.names if name not in BY_NODE}
        others = None if bases is None else _match(alone, {name: reach_of(needs[name]) for name in needs})
        if bases is None or others is None or not all(needs.values()):
            continue
        tools = _tools(alone, catalog, release.version, {*others.values()})
        settings: Settings = {"use": "calico", "calico": str(release.version)}
        every = [need for name in release.names for need in release.needs(name)]
        names = {name: UserName(base) for name, base in bases.items()} | others
        found = _calico(settings, release.network, "node", names, tools, catalog, every)
        chosen = [families[base] for base in bases.values()]
        return replace(
            found,
            settings={**found.settings, "identity": "node-scoped" if scoped else "node"},
            identities=(*(user for family in chosen for user in family.users), *others.values(), *tools.values()),
            roles=frozenset(bases.values()),
            nodes=tuple(sorted(chosen[0].nodes)),
        )
    return None


def _match_families(
    families: Mapping[RoleName, Family], state: State, release: _Release, *, scoped: bool
) -> dict[str, RoleName] | None:
    """The role of each component that is on every node; None where one has none, or not all are on the same nodes."""
    found: dict[str, RoleName] = {}
    for name in release.names:
        if name not in BY_NODE:
            continue
        on_nodes = release.on_nodes(name)
        narrowed = scoped and bool(on_nodes.lines)
        reach = reach_of(on_nodes.every if scoped else release.needs(name))
        fitting = [
            base
            for base, family in families.items()
            if base not in found.values()
            and family.scoped == narrowed
            and state.roles[base].reach == reach
            and (not narrowed or _own_reaches_fit(family, state, on_nodes))
        ]
        if not fitting:
            return None
        default = RoleName(_default(name))
        found[name] = default if default in fitting else fitting[0]
    return found if len({frozenset(families[base].nodes) for base in found.values()}) == 1 else None


def _own_reaches_fit(family: Family, state: State, on_nodes: OnNodes) -> bool:
    return all(
        state.roles[RoleName(user)].reach == reach_of(on_nodes.needs(node))
        for node, user in zip(family.nodes, family.users, strict=True)
    )


def _tools(
    alone: Mapping[UserName, Reach], catalog: Catalog, version: Version | None, taken: set[UserName]
) -> dict[str, UserName]:
    found: dict[str, UserName] = {}
    for tool in _TOOLS:
        free = {name: reach for name, reach in alone.items() if name not in taken}
        match = _match(free, {tool: reach_of(catalog.needs(tool, version, {}))})
        if match is not None and "calicoctl" in match[tool]:  # many a tenant's role may be as narrow as a tool's
            found |= match
            taken.add(match[tool])
    return found


def _calico(
    settings: Settings,
    network: str,
    segmentation: str,
    users: Mapping[str, UserName],
    tools: Mapping[str, UserName],
    catalog: Catalog,
    needs: Iterable[Need],
) -> Recognized:
    if network != "calico":
        settings["network"] = network
    settings["segmentation"] = segmentation
    if tools:
        settings["calicoctl"] = tuple(tool.partition("/")[2] for tool in tools)
    parts = {**users, **tools}
    renamed = {_default(part): user for part, user in parts.items() if part != "calico" and user != _default(part)}
    if renamed:
        settings["identities"] = renamed
    commons = catalog.entry("calico").commons
    assert commons is not None
    shared = (Span.of_prefix(prefix.encode()) for prefix in commons.prefixes)
    return Recognized(
        settings=settings,
        identities=tuple(parts.values()),
        owner=commons.owner,
        keys=SpanSet([*shared, *(need.span for need in needs)]),
    )


def _match(alone: Mapping[UserName, Reach], wanted: Mapping[str, Reach]) -> dict[str, UserName] | None:
    """A user for each component, the one with its default name if that fits; None where one has nobody."""
    found: dict[str, UserName] = {}
    for component, reach in wanted.items():
        fitting = [name for name in sorted(alone) if alone[name] == reach and name not in found.values()]
        if not fitting:
            return None
        default = UserName(_default(component))
        found[component] = default if default in fitting else fitting[0]
    return found


def _default(component: str) -> str:
    return component.replace("/", "-")
