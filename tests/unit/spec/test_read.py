"""What a correct spec means: values, defaults and the pairs of what is refused elsewhere."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import PurePosixPath

import pytest

from ringfence.errors import Place
from ringfence.keyspace import EVERYTHING, Span
from ringfence.model.certificate import KeyType, Validity
from ringfence.model.cluster import Member, Proxy, ProxyKind
from ringfence.model.names import UserName
from ringfence.model.permission import Access
from ringfence.model.state import Login
from ringfence.model.version import Version
from ringfence.spec.shape import (
    Acceptance,
    Calico,
    CalicoPart,
    Compaction,
    KubeApiserver,
    OwnComponent,
    Segmentation,
    Source,
)
from tests.unit.spec.reading import FOLDER, HEAD, good, grant, member


def test_defaults() -> None:
    """A file of two lines is a whole spec."""
    spec = good(HEAD)
    assert ("etcd", None, ("v3",), ()) == (spec.cluster.name, spec.cluster.etcd, spec.cluster.api, spec.cluster.members)
    expected = Validity(ca=timedelta(days=3650), member=timedelta(days=365), client=timedelta(days=90))
    assert expected == spec.pki.validity
    assert (FOLDER / "pki", KeyType.ECDSA_P256, Source.FILE) == (spec.pki.directory, spec.pki.key, spec.pki.authority)
    assert frozenset({"root"}) == spec.protect
    assert hashlib.sha256(HEAD.encode()).hexdigest() == spec.digest


def test_member_defaults() -> None:
    """URLs follow from the first host, an IPv6 address in brackets, and endpoints from the members."""
    spec = good(member("name: e, hosts: ['::1', etcd]"))
    expected = Member(
        name="e",
        hosts=("::1", "etcd"),
        client="https://[::1]:2379",
        peer="https://[::1]:2380",
        metrics="http://127.0.0.1:2381",
        data_dir=PurePosixPath("/var/lib/etcd"),
    )
    assert (expected,) == spec.cluster.members
    assert ("https://[::1]:2379",) == spec.cluster.endpoints


def test_members_on_one_machine() -> None:
    """Members may share a loopback host when all of their ports differ."""
    text = "".join(
        f"    - {{name: e{i}, hosts: [127.0.0.1], client: 'https://127.0.0.1:1{i}', peer: 'https://127.0.0.1:2{i}', "
        f"metrics: 'http://127.0.0.1:3{i}'}}\n"
        for i in range(3)
    )
    assert ["e0", "e1", "e2"] == [m.name for m in good(f"version: 1\ncluster:\n  members:\n{text}").cluster.members]


def test_cluster() -> None:
    """Every key of the cluster is read."""
    spec = good(
        "version: 1\n"
        "cluster:\n"
        "  name: no\n"
        "  endpoints: [https://10.0.0.1:2379, 'https://[2001:db8::1]:2379']\n"
        "  etcd: 3.10\n"
        "  api: [v3]\n"
        "  accept: [{id: GHSA-rfx7-8w68-q57q, until: 2026-09-01, reason: upgrade planned}]\n"
        "  proxies: [{name: edge, kind: gateway, hosts: [10.0.0.9]}]\n"
        "  paths: {pki: /etc/etcd/pki}\n"
    )
    cluster = spec.cluster
    assert "no" == cluster.name
    assert ("https://10.0.0.1:2379", "https://[2001:db8::1]:2379") == cluster.endpoints
    assert Version(3, 10) == cluster.etcd
    accepted = Acceptance(
        id="GHSA-rfx7-8w68-q57q",
        until=date(2026, 9, 1),
        reason="upgrade planned",
        place=Place("ringfence.yaml", 7, "cluster.accept[0]"),
    )
    assert (accepted,) == cluster.accept
    assert (Proxy(name="edge", kind=ProxyKind.GATEWAY, hosts=("10.0.0.9",)),) == cluster.proxies
    assert PurePosixPath("/etc/etcd/pki") == cluster.paths_pki


@pytest.mark.parametrize(
    ("written", "days"), [("1440m", 1), ("24h", 1), ("90d", 90), ("2w", 14), ("10y", 3650), ("100y", 36500)]
)
def test_durations(written: str, days: int) -> None:
    """A duration is a whole number and a unit."""
    assert (
        timedelta(days=days) == good(f"{HEAD}pki: {{validity: {{ca: 100y, member: {written}}}}}\n").pki.validity.member
    )


def test_short_authority() -> None:
    """The defaults of certificates shrink to an authority that lives shorter."""
    validity = good(f"{HEAD}pki: {{validity: {{ca: 30d}}}}\n").pki.validity
    assert (timedelta(days=30), timedelta(days=30)) == (validity.member, validity.client)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("{prefix: /a/, access: read}", Span(b"/a/", b"/a0")),
        ("{prefix: /, access: read}", Span(b"/", b"0")),
        ("{prefix: /a, access: read, beyond-slash: true}", Span(b"/a", b"/b")),
        ('{prefix: {hex: "ff"}, access: read, beyond-slash: true}', Span(b"\xff", None)),
        ('{prefix: {hex: "2F"}, access: read}', Span(b"/", b"0")),
        ("{key: /a, access: read}", Span.of_key(b"/a")),
        ("{key: no, access: read}", Span.of_key(b"no")),
        ("{key: 3.10, access: read}", Span.of_key(b"3.10")),
        ("{key: é, access: read}", Span.of_key("é".encode())),
        ('{key: {hex: "00ff"}, access: read}', Span.of_key(b"\x00\xff")),
        ("{range: [/a, /b], access: read}", Span(b"/a", b"/b")),
        ('{range: [{hex: "00"}, /b], access: read}', Span(b"\x00", b"/b")),
        ("{from-key: /x, access: read}", Span(b"/x", None)),
        ('{from-key: {hex: "00"}, access: read}', EVERYTHING),
    ],
)
def test_spans(text: str, span: Span) -> None:
    """Each form of a grant is the span that etcd would check."""
    (component,) = good(grant(text)).components
    assert isinstance(component, OwnComponent)
    assert span == component.grants[0].span


def test_grant() -> None:
    """What a grant excepts and shares is read with it."""
    (component,) = good(
        grant("{prefix: /a/, access: write, write-only: true, except: [/a/b/, {key: /a/c}], shares-with: [b]}")
    ).components
    assert isinstance(component, OwnComponent)
    (found,) = component.grants
    assert Access.WRITE is found.access
    assert (Span.of_prefix(b"/a/b/"), Span.of_key(b"/a/c")) == found.exclude
    assert ("b",) == found.shares_with
    assert Place("ringfence.yaml", 5, "components[0].grants[0]") == found.place


def test_catalog_components() -> None:
    """Components of the catalog have defaults for everything but what they are."""
    apiserver, other, calico = good(
        f"{HEAD}components:\n"
        "  - use: kube-apiserver\n"
        "  - {use: kube-apiserver, name: second, kubernetes: 1.34, compaction: apiserver, etcd-prefix: /two/, "
        "files: /etc/k}\n"
        "  - {use: calico, calico: v3.32.1, segmentation: single}\n"
    ).components
    assert (
        KubeApiserver(
            identity=apiserver.identity,
            version=None,
            compaction=Compaction.ETCD,
            prefix="/registry",
            files=None,
            place=Place("ringfence.yaml", 4, "components[0]"),
        )
        == apiserver
    )
    assert (
        KubeApiserver(
            identity=other.identity,
            version=Version(1, 34),
            compaction=Compaction.APISERVER,
            prefix="/two/",
            files=PurePosixPath("/etc/k"),
            place=Place("ringfence.yaml", 5, "components[1]"),
        )
        == other
    )
    assert (
        Calico(
            parts=(CalicoPart("calico", UserName("calico")),),
            version=Version(3, 32, 1),
            network="calico",
            segmentation=Segmentation.SINGLE,
            place=Place("ringfence.yaml", 6, "components[2]"),
        )
        == calico
    )
    assert ["kube-apiserver", "second", "calico"] == [c.identity for c in (apiserver, other, calico)]


def test_expired_acceptance() -> None:
    """A hole that was accepted until yesterday is still read, and marked, so that no verb fails on that day."""
    for until, expired in (("2026-08-31", True), ("2026-09-01", False)):
        accept = f"accept: [{{id: etcd-22386, until: {until}, reason: x}}]"
        (hole,) = good(HEAD.replace("2379]", f"2379], {accept}")).cluster.accept
        assert ("etcd-22386", expired) == (hole.id, hole.expired)


@pytest.mark.parametrize("name", ["a", "calico-node.node-1", "system:node", "a@b", "A_b+c", "x" * 64, "keys", "server"])
def test_identities(name: str) -> None:
    """Names that are fit for a certificate, a file and a user are taken as they are."""
    (component,) = good(grant("{key: a, access: read}").replace("name: a", f"name: {name}")).components
    assert name == component.identity


def test_people() -> None:
    """Users hold roles of the spec, of components, or root, and log in as they are told to."""
    spec = good(
        f"{HEAD}"
        "components: [{use: calico}]\n"
        "roles: {shared: [{key: a, access: read}]}\n"
        "users:\n"
        "  old: {roles: [shared, calico], auth: password}\n"
        "  a b: {roles: [], auth: none}\n"
        "  boss: {roles: [root]}\n"
        "protect: {users: [old]}\n"
    )
    assert ["shared"] == [role.name for role in spec.roles]
    assert [
        ("old", ("shared", "calico"), Login.PASSWORD),
        ("a b", (), Login.KEPT),
        ("boss", ("root",), Login.CERTIFICATE),
    ] == [(user.name, user.roles, user.login) for user in spec.users]
    assert frozenset({"root", "old"}) == spec.protect


def test_bytes_and_byte_order_mark() -> None:
    """A file from an editor that marks its encoding reads the same, and differs in its digest."""
    marked = b"\xef\xbb\xbf" + HEAD.encode()
    assert good(HEAD).cluster == good(marked).cluster
    assert good(HEAD).digest != good(marked).digest
