"""Which users are components of the catalog: those whose roles reach exactly what the catalog says, no more, no less.

A prefix alone says little (a tenant's looks like Kubernetes'), so kube-apiserver is taken for one only by a prefix that
it has by default somewhere, or by its name. Whatever is not recognized is written as what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from ringfence.adoption.calico import reach_of, recognize_calico
from ringfence.adoption.found import Recognized
from ringfence.catalog.catalog import Catalog
from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.state import Reach, State
from ringfence.model.version import Version
from ringfence.wanted.components.compaction import may_guard

APISERVER_PREFIXES = ("/registry", "/kubernetes.io")
"""``--etcd-prefix`` of a kube-apiserver: its own default, and OpenShift's."""


def recognize(state: State, catalog: Catalog, users: Sequence[UserName], etcd: Version | None) -> Iterator[Recognized]:
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
    calico = recognize_calico(state, alone, catalog, users)
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
        if takes_root == (name in rooted) and reach_of(needs) == reach:
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
