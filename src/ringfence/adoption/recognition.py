"""Which users are components of the catalog: those whose roles reach exactly what the catalog says, no more, no less.

A prefix alone says little (a tenant's looks like Kubernetes'), so kube-apiserver is taken for one only by a prefix that
it has by default somewhere, or by its name. Whatever is not recognized is written as what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from ringfence.adoption.found import Recognized
from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Need
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.state import Reach, State
from ringfence.model.version import Version
from ringfence.wanted.compaction import may_guard
from ringfence.wanted.parts import OF_CANAL

APISERVER_PREFIXES = ("/registry", "/kubernetes.io")
"""``--etcd-prefix`` of a kube-apiserver: its own default, and OpenShift's."""

_PARTS = ("calico/node", "calico/cni", "calico/kube-controllers")
_TOOLS = ("calicoctl/read-only", "calicoctl/policy-editor", "calicoctl/full")


def recognize(state: State, catalog: Catalog, users: Iterable[UserName], etcd: Version | None) -> Iterator[Recognized]:
    """The components among ``users``, whose names must be fit for identities.

    Args:
        state: what is there.
        catalog: what there may be.
        users: who may be a component.
        etcd: the release of the server, which decides whether a compacting kube-apiserver holds the role root.
    """
    named = [name for name in users if RoleName(name) in state.roles]
    reaches = {name: state.roles[RoleName(name)].reach for name in named}
    alone = {name: reaches[name] for name in named if state.users[name].roles == {RoleName(name)}}
    rooted = {name: reaches[name] for name in named if state.users[name].roles == {RoleName(name), ROOT_ROLE}}
    for name in sorted({**alone, **rooted}):
        found = _kube_apiserver(name, alone, rooted, catalog, etcd)
        if found is not None:
            yield found
    calico = _calico_single(alone, catalog) or _calico_parts(alone, catalog)
    if calico is not None:
        yield calico


def _kube_apiserver(
    name: UserName,
    alone: Mapping[UserName, Reach],
    rooted: Mapping[UserName, Reach],
    catalog: Catalog,
    etcd: Version | None,
) -> Recognized | None:
    reach = alone.get(name) or rooted[name]
    for prefix, compaction in product(_prefixes(reach, name), ("etcd", "apiserver")):
        if compaction == "apiserver" and etcd is None:
            continue
        takes_root = compaction == "apiserver" and may_guard(etcd)
        needs = catalog.needs("kube-apiserver", None, {"etcd-prefix": prefix, "compaction": compaction})
        if takes_root == (name in rooted) and _reach(needs) == reach:
            settings = {"use": "kube-apiserver"}
            if name != "kube-apiserver":
                settings["name"] = name
            if prefix != "/registry":
                settings["etcd-prefix"] = prefix
            settings["compaction"] = compaction
            return Recognized(settings=settings, identities=(name,), owner=name, keys=reach.read | reach.write)
    return None


def _prefixes(reach: Reach, name: str) -> Iterator[str]:
    for span in reach.write:
        prefix = span.prefix or b""
        if prefix.endswith(b"/") and prefix.isascii() and prefix.decode().isprintable():
            path = prefix.decode().removesuffix("/")
            plain = path.startswith("/") and all(step not in {"", ".", ".."} for step in path.split("/")[1:])
            if plain and (path in APISERVER_PREFIXES or "apiserver" in name):
                yield path


def _calico_single(alone: Mapping[UserName, Reach], catalog: Catalog) -> Recognized | None:
    for network in ("calico", "canal"):
        needs = catalog.needs("calico", None, {"network": network})
        users = _match(alone, {"calico": _reach(needs)})
        if users is None:
            continue
        tools = _tools(alone, catalog, None, {*users.values()})
        settings: dict[str, str | tuple[str, ...] | Mapping[str, str]] = {"use": "calico"}
        if users["calico"] != "calico":
            settings["name"] = users["calico"]
        return _calico(settings, network, "single", users, tools, catalog, needs)
    return None


def _calico_parts(alone: Mapping[UserName, Reach], catalog: Catalog) -> Recognized | None:
    """The newest release whose needs all parts have."""
    for version, network in product(reversed(catalog.entry(_PARTS[0]).known), ("canal", "calico")):
        names = (*_PARTS, "flannel") if network == "canal" else _PARTS
        releases = {name: None if name == "flannel" else version for name in names}
        needs = {name: catalog.needs(name, releases[name], OF_CANAL.get(name, {})) for name in names}
        users = _match(alone, {name: _reach(needs[name]) for name in names}) if all(needs.values()) else None
        if users is None:
            continue
        tools = _tools(alone, catalog, version, {*users.values()})
        settings: dict[str, str | tuple[str, ...] | Mapping[str, str]] = {"use": "calico", "calico": str(version)}
        every = [need for name in names for need in needs[name]]
        return _calico(settings, network, "component", users, tools, catalog, every)
    return None


def _tools(
    alone: Mapping[UserName, Reach], catalog: Catalog, version: Version | None, taken: set[UserName]
) -> dict[str, UserName]:
    found: dict[str, UserName] = {}
    for tool in _TOOLS:
        free = {name: reach for name, reach in alone.items() if name not in taken}
        match = _match(free, {tool: _reach(catalog.needs(tool, version, {}))})
        if match is not None and "calicoctl" in match[tool]:  # many a tenant's role may be as narrow as a tool's
            found |= match
            taken.add(match[tool])
    return found


def _calico(
    settings: dict[str, str | tuple[str, ...] | Mapping[str, str]],
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


def _reach(needs: Iterable[Need]) -> Reach:
    every = tuple(needs)
    return Reach(
        SpanSet(need.span for need in every if need.access.reads),
        SpanSet(need.span for need in every if need.access.writes),
    )
