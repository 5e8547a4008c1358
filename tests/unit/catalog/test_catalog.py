"""The catalog: what its files say today, which release is taken, and which values options have."""

from __future__ import annotations

import pytest

from ringfence.catalog.entry import Transport
from ringfence.catalog.load import load
from ringfence.catalog.option import Kind, Option
from ringfence.errors import CatalogError
from ringfence.keyspace import Span
from ringfence.model.permission import Access
from ringfence.model.version import Version

CATALOG = load()


def test_kube_apiserver() -> None:
    """kube-apiserver needs its prefix with a slash, and the compactor's key only when it compacts."""
    prefix, health = CATALOG.needs("kube-apiserver", None, {"etcd-prefix": "/registry", "compaction": "etcd"})
    assert (Access.READWRITE, Span(b"/registry/", b"/registry0")) == (prefix.access, prefix.span)
    assert Span.of_key(b"/registry/health") == health.span
    *_, key = CATALOG.needs("kube-apiserver", None, {"compaction": "apiserver"})
    assert (Access.READWRITE, Span.of_key(b"compact_rev_key")) == (key.access, key.span)


def test_calico() -> None:
    """All of Calico lives under one constant prefix, and canal's flannel under another one."""
    (need,) = CATALOG.needs("calico", Version(3, 32), {})
    assert (Access.READWRITE, Span(b"/calico/", b"/calico0")) == (need.access, need.span)
    assert 2 == len(CATALOG.needs("calico", Version(3, 32), {"network": "canal"}))


NODE = ["/calico/felix/v1/", "/calico/felix/v2/", "/calico/ipam/v2/"]


def test_calico_node_of_today() -> None:
    """The corrected least role of calico/node 3.32."""
    p = "/calico/resources/v3/projectcalico.org/"
    own = ["nodes/", "felixconfigurations/", "tiers/", "caliconodestatuses/"]
    points = [
        "clusterinformations/default",
        "bgpconfigurations/default",
        "ippools/default-ipv4-ippool",
        "ippools/default-ipv6-ippool",
    ]
    write = {Span.of_prefix(path.encode()) for path in (*NODE, *(p + each for each in own))}
    write |= {Span.of_key((p + each).encode()) for each in points}
    needs = CATALOG.needs("calico/node", Version(3, 32, 1), {})
    assert write == {need.span for need in needs if need.access.writes}
    assert [Span.of_prefix(p.encode())] == [need.span for need in needs if need.access is Access.READ]


@pytest.mark.parametrize(
    ("component", "prefix"),
    [
        ("flannel", Span(b"/coreos.com/network/subnets", b"/coreos.com/network/subnett")),
        ("traefik", Span(b"traefik", b"traefil")),
        ("cilium/remote", Span(b"cilium/.heartbeat", b"cilium/.heartbeau")),
    ],
)
def test_prefixes_without_a_slash(component: str, prefix: Span) -> None:
    """Programs that list a prefix without a slash are given it, since one with a slash would be denied."""
    assert prefix in [need.span for need in CATALOG.needs(component, None, {"cluster": "c"})]


def test_gateway_programs() -> None:
    """Who speaks the JSON gateway, and so cannot be told by a certificate."""
    gateway = {name for name, entry in CATALOG.entries.items() if entry.transport is Transport.GATEWAY}
    assert {"apisix", "patroni", "calico/openstack-driver", "calico/dhcp-agent"} == gateway


def test_every_line_says_why() -> None:
    """Each line of the catalog has a reason and a source."""
    lines = [line for entry in CATALOG.entries.values() for line in entry.lines]
    assert 100 < len(lines)
    assert all(line.reason and line.sources for line in lines)


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        (None, "3.32"),
        ("3.32", "3.32"),
        ("3.32.1", "3.32.1"),
        ("3.40", "3.32"),
        ("4.0", "3.32"),
        ("2.7", "2.6"),
        ("2.9.1", "2.6"),
        ("2.4", "2.5"),
        ("1.0", "2.5"),
    ],
)
def test_nearest_release(asked: str | None, taken: str) -> None:
    """A release that is not known takes the nearest below, and one older than all of them the oldest."""
    version = None if asked is None else Version.parse(asked)
    assert taken == str(CATALOG.entries["calico/node"].release(version))


def test_legacy_calico_needs_nothing_of_v3() -> None:
    """Patterns of etcd v2 are data to look at, and no permission of v3 comes of them."""
    assert () == CATALOG.needs("calico/node", Version(2, 6), {})
    assert any(line.is_needed(Version(2, 6)) for line in CATALOG.entries["calico/node"].lines)


def option(kind: Kind, default: str | None = None) -> Option:
    """An option of a kind."""
    return Option(kind=kind, default=default, words=("a", "b"), about="")


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (Kind.PATH, "/a/b", "/a/b"),
        (Kind.PATH, "/a/b/", "/a/b"),
        (Kind.PATH, "a", None),
        (Kind.PATH, "/", None),
        (Kind.PATH, "/a//b", None),
        (Kind.PATH, "/a/../b", None),
        (Kind.PATH, "/a/{x}", None),
        (Kind.ROOT, "/a/b", "a/b"),
        (Kind.ROOT, "a/", "a"),
        (Kind.ROOT, "//a", None),
        (Kind.ROOT, "/", None),
        (Kind.NAME, "a", "a"),
        (Kind.NAME, "a/b", None),
        (Kind.NAME, "..", None),
        (Kind.NAME, "", None),
        (Kind.TEXT, "/a/", "/a/"),
        (Kind.TEXT, "", None),
        (Kind.TEXT, "a\n", None),
        (Kind.WORD, "a", "a"),
        (Kind.WORD, "c", None),
    ],
)
def test_option_values(kind: Kind, written: str, value: str | None) -> None:
    """A value is taken as the program would take it, or not at all."""
    assert value == option(kind).value(written)


def test_empty_text() -> None:
    """Text may be empty where the default is."""
    assert "" == option(Kind.TEXT, "").value("")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("flanel", "did you mean flannel?"),
        ("node", "did you mean calico/node?"),
        ("calicoctl", "did you mean calicoctl/read-only or calicoctl/policy-editor or calicoctl/full?"),
        ("zzz", "ringfence catalog list has them all"),
    ],
)
def test_unknown_component(name: str, hint: str) -> None:
    """Asking for what the catalog does not have names what it has."""
    with pytest.raises(CatalogError, match=f"no component {name}") as caught:
        CATALOG.needs(name, None, {})
    assert hint == caught.value.problems[0].hint


def test_missing_option() -> None:
    """An option without a default must be given."""
    with pytest.raises(CatalogError, match="needs a value for scope"):
        CATALOG.needs("patroni", None, {})


def test_only_what_is_asked_for_is_read() -> None:
    """Naming components spares the other files; an unknown name among them spares none."""
    assert {"calico", "calico/node"} <= set(load(["calico/node"]).entries) < set(CATALOG.entries)
    assert CATALOG.entries["calico/node"] == load(["calico/node"]).entries["calico/node"]
    assert set(CATALOG.entries) == set(load(["calico/nod"]).entries)
    assert {"coredns"} == set(load([], perhaps=["coredns", "team"]).entries)
