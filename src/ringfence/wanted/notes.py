"""What an operator should know of a spec that is correct all the same."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ringfence.model.certificate import CertificateKind
from ringfence.model.state import Login
from ringfence.model.text import span_text
from ringfence.model.version import Version
from ringfence.spec.shape import Calico, Compaction, Grant, KubeApiserver, OwnComponent, Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.certificates import requests

_WITHOUT_PASSWORD = Version(3, 4)
"""The first line with users that have no password (etcd PR 9817)."""


def notes(spec: Spec, wanted: Wanted) -> tuple[str, ...]:
    """The notes, the loudest first."""
    return (
        *_roots(wanted),
        *_compaction(spec),
        *_etcd(spec),
        *_open_ends(spec),
        *_grants(spec),
        *_passwords(spec),
        *_holes(spec),
        *_endpoints(spec, wanted),
    )


def _roots(wanted: Wanted) -> Iterator[str]:
    yield "root reads and writes every key and all of auth; its certificate is root.pem: keep its key apart"
    for identity in wanted.identities:
        if wanted.state.is_root(identity.user):
            yield (
                f"DANGER: {identity.user} holds the role root: no fence holds it, and it can change every fence "
                f"({identity.place})"
            )


def _compaction(spec: Spec) -> Iterator[str]:
    apiservers = [component for component in spec.components if isinstance(component, KubeApiserver)]
    for component in apiservers:
        if component.compaction is Compaction.APISERVER:
            yield (
                f"{component.identity} compacts etcd {spec.cluster.etcd}, and with it everybody's history; "
                "after an upgrade to 3.4.42, 3.5.28, 3.6.9 or 3.7 it may not any more"
            )
    if apiservers and all(component.compaction is Compaction.ETCD for component in apiservers):
        yield "etcd must compact by itself (--auto-compaction-retention); kube-apiserver must not: render sets both"
    if any(isinstance(component, Calico) for component in spec.components):
        yield "calico/kube-controllers must not compact a shared etcd: COMPACTION_PERIOD must be 0"


def _etcd(spec: Spec) -> Iterator[str]:
    etcd = spec.cluster.etcd
    if etcd is None:
        yield "cluster.etcd is not given: what depends on the release is decided for the worst, or on the live cluster"
    elif etcd.line < _WITHOUT_PASSWORD.line:
        yield f"etcd {etcd} has no users without password: each gets a long random one that nobody keeps"


def _open_ends(spec: Spec) -> Iterator[str]:
    for grant in _all_grants(spec):
        if grant.span.end is None:
            yield f"{span_text(grant.span)} has no end: later tenants will lie inside it ({grant.place})"


def _grants(spec: Spec) -> Iterator[str]:
    for grant in _all_grants(spec):
        prefix = grant.span.prefix
        if prefix and grant.span.end is not None and not prefix.endswith(b"/") and not grant.span.is_key:
            yield f"{span_text(grant.span)} also covers names that only begin alike ({grant.place})"


def _passwords(spec: Spec) -> Iterator[str]:
    for entry in spec.users:
        if entry.login is Login.PASSWORD:
            yield f"{entry.name} logs in with a password, which is neither set nor tested here: etcdctl user passwd"


def _holes(spec: Spec) -> Iterator[str]:
    for hole in spec.cluster.accept:
        yield f"{hole.id} is accepted until {hole.until}: {hole.reason}"


def _endpoints(spec: Spec, wanted: Wanted) -> Iterator[str]:
    """Endpoints that no certificate of ours would satisfy."""
    servers = [request for request in requests(spec, wanted) if request.kind is CertificateKind.SERVER]
    if not servers:
        return
    carried = {host.lower() for request in servers for host in request.hosts}
    for endpoint in spec.cluster.endpoints:
        host = urlsplit(endpoint).hostname
        if host not in carried:
            yield f"no member's certificate carries {host}, the host of {endpoint}: add it to that member's hosts"


def _all_grants(spec: Spec) -> Iterator[Grant]:
    for component in spec.components:
        if isinstance(component, OwnComponent):
            yield from component.grants
    for entry in spec.roles:
        yield from entry.grants
