"""What an operator should know of a spec that is correct all the same."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ringfence.model.certificate import CertificateKind, KeyType
from ringfence.model.state import Login
from ringfence.model.text import span_text
from ringfence.model.version import Version
from ringfence.spec.components.calico import is_in_v2
from ringfence.spec.shape import Calico, Grant, NodeIdentity, OwnComponent, Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.certificates import requests
from ringfence.wanted.components.compaction import compaction_notes, compactors
from ringfence.wanted.components.drawers import drawing_notes
from ringfence.wanted.findings.server import server_notes
from ringfence.wanted.naming import some

_WITHOUT_PASSWORD = Version(3, 4)
"""The first line with users that have no password (etcd PR 9817)."""


def notes(spec: Spec, wanted: Wanted) -> tuple[str, ...]:
    """The notes, the loudest first."""
    return (
        *_roots(spec, wanted),
        *_expired(spec),
        *server_notes(spec),
        *_compaction(spec),
        *_etcd(spec),
        *_keys(spec),
        *wanted.notes,
        *_v2(spec, wanted),
        *_scoped(wanted),
        *drawing_notes(spec),
        *_open_ends(spec),
        *_grants(spec),
        *_passwords(spec),
        *_gateway(wanted),
        *_holes(spec),
        *_endpoints(spec, wanted),
    )


def _roots(spec: Spec, wanted: Wanted) -> Iterator[str]:
    yield "root reads and writes every key and all of auth; its certificate is root.pem: keep its key apart"
    told = compactors(spec)
    for identity in wanted.identities:
        if wanted.state.is_root(identity.user) and identity.user not in told:
            yield (
                f"DANGER: {identity.user} holds the role root: no fence holds it, and it can change every fence "
                f"({identity.place})"
            )


def _expired(spec: Spec) -> Iterator[str]:
    for hole in spec.cluster.accept:
        if hole.expired:
            yield (
                f"EXPIRED: {hole.id} was accepted until {hole.until} and counts as open again: "
                f"upgrade etcd, or give it a later day ({hole.place})"
            )


def _keys(spec: Spec) -> Iterator[str]:
    if spec.pki.key is KeyType.ED25519:
        yield "pki.key: ed25519: members get ecdsa-p256 keys all the same, for gRPC cannot check an Ed25519 server"


def _compaction(spec: Spec) -> Iterator[str]:
    yield from compaction_notes(spec)
    if spec.cluster.has_v3 and any(
        isinstance(component, Calico) and not is_in_v2(component) for component in spec.components
    ):
        yield "calico/kube-controllers must not compact a shared etcd: COMPACTION_PERIOD must be 0"


def _etcd(spec: Spec) -> Iterator[str]:
    etcd = spec.cluster.etcd
    if etcd is None:
        yield "cluster.etcd is not given: what depends on the release is decided for the worst, or on the live cluster"
    elif etcd.line < _WITHOUT_PASSWORD.line:
        yield f"etcd {etcd} has no users without password: each gets a long random one that nobody keeps"


def _v2(spec: Spec, wanted: Wanted) -> Iterator[str]:
    """What to know of the v2 store."""
    if wanted.v2 is None:
        return
    if spec.cluster.etcd is None:
        yield "v2 needs etcd 3.0.12 or later, and 3.6 has none: whether this one serves it is asked of the live cluster"
    yield (
        "v2 makes no user without a password: each gets a long random one that nobody keeps; "
        "apply --keep-v2-root-password FILE keeps root's"
    )
    yield from wanted.v2.notes


def _scoped(wanted: Wanted) -> Iterator[str]:
    """What ``identity: node-scoped`` asks for, takes away and leaves open."""
    costs = wanted.costs
    if costs is None or costs.chosen is not NodeIdentity.SCOPED:
        return
    if costs.choice.beforehand:
        first = "; ".join(costs.choice.beforehand)
        yield f"node-scoped: in etcd before the nodes start, for they may not make it: {first}"
    for lost in costs.choice.lost:
        yield f"node-scoped: lost: {lost}"
    open_keys = ", ".join(span_text(span) for span in costs.choice.stolen.write - costs.choice.own)
    yield f"node-scoped: keys that name no node stay writable by every node: {open_keys}"
    yield "node-scoped: the narrowing was read in the source of Calico 3.32.1; no run of Calico has tested it yet"


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


def _gateway(wanted: Wanted) -> Iterator[str]:
    names = [identity.user for identity in wanted.identities if identity.password is not None]
    if names:
        yield (
            f"by password, not by certificate: {some(names)}; etcd's JSON gateway takes no Common Name for a user "
            "(etcd 3.4 and later answer 400 to such a certificate), so what they show in TLS must have none"
        )


def _holes(spec: Spec) -> Iterator[str]:
    for hole in spec.cluster.accept:
        if not hole.expired:
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
