"""What a spec asks for in etcd v2: Calico's documented tables, kube-apiserver's old backend, and own patterns."""

from __future__ import annotations

import pytest

from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName
from ringfence.model.state import User
from ringfence.model.text import span_text
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from ringfence.rules.v2.overlaps import overlap
from ringfence.wanted.certificates import requests
from ringfence.wanted.v2.paths import region
from ringfence.wanted.v2.wanted import WantedV2
from tests.unit.wanted.building import both, hinted, problems

HEAD = "version: 1\ncluster: {endpoints: [https://a:2379], etcd: 3.5.1, api: [v2, v3]}\n"
CALICO = (
    "components: [{use: calico, calico: '2.6', segmentation: component, calicoctl: [read-only, policy-editor, full]}]"
)

TABLES = {
    "calico-node": """
        R /calico/*
        RW /calico /calico/v1* /calico/felix/v1* /calico/ipam/v2* /calico/bgp/v1*""",
    "calico-cni": """
        RW /calico/v1/host* /calico/v1/policy* /calico/ipam/v2*
        R /calico/v1/ipam*""",
    "calico-kube-controllers": "RW /calico/v1/host* /calico/v1/policy*",
    "calicoctl-read-only": "R /calico/v1* /calico/v1/ipam* /calico/ipam/v2* /calico/bgp/v1*",
    "calicoctl-policy-editor": """
        R /calico/v1* /calico/v1/ipam* /calico/ipam/v2* /calico/bgp/v1*
        RW /calico/v1/policy*""",
    "calicoctl-full": "RW /calico/v1* /calico/v1/ipam* /calico/ipam/v2* /calico/bgp/v1*",
    "calico-felix": """
        R /calico/v1*
        RW /calico/felix/v1*""",
    "calico-openstack-driver": """
        RW /calico/v1/host* /calico/v1/policy* /calico/ipam/v2* /calico/dhcp/v1/subnet* /calico/v1/config*
        RW /calico/v1/Ready
        R /calico/v1/ipam*""",
    "calico-dhcp-agent": "R /calico/v1/host* /calico/dhcp/v1/subnet*",
}
"""docs.projectcalico.org/v2.6/reference/advanced/etcd-rbac, row by row; R is read, RW both."""


def v2(text: str) -> WantedV2:
    """What the head and ``text`` ask for in v2."""
    wanted = both(HEAD + text)[1].v2
    assert wanted is not None
    return wanted


def role(name: str, table: str) -> PatternRole:
    """The role that a table describes."""
    rows = [line.split() for line in table.strip().splitlines()]
    return PatternRole(
        RoleName(name),
        read=frozenset(Pattern(path) for row in rows for path in row[1:]),
        write=frozenset(Pattern(path) for row in rows if row[0] == "RW" for path in row[1:]),
    )


@pytest.mark.parametrize("release", ["2.5", "2.6", "2.6.12"])
@pytest.mark.parametrize("name", TABLES)
def test_the_documented_tables(name: str, release: str) -> None:
    """Each component of Calico 2.5 and 2.6 gets what its documentation lists, no more and no less."""
    single = {f"calico-{part}": f"calico/{part}" for part in ("felix", "openstack-driver", "dhcp-agent")}
    text = f"components: [{{use: {single[name]}, version: '{release}'}}]" if name in single else CALICO
    assert role(name, TABLES[name]) == v2(text.replace("'2.6'", f"'{release}'")).state.roles[RoleName(name)]


@pytest.mark.parametrize("release", ["2.0", "2.4", "2.6"])
def test_calico_alone(release: str) -> None:
    """One identity for all of Calico may do everything below its directory, and with it."""
    found = v2(f"components: [{{use: calico, calico: '{release}'}}]")
    assert role("calico", "RW /calico /calico/*") == found.state.roles[RoleName("calico")]


def test_kube_apiserver() -> None:
    """With etcd2 it has the directory of its prefix and what is below; nothing of it is in v3."""
    text = "components: [{use: kube-apiserver, storage-backend: etcd2, etcd-prefix: /k8s/a, kubernetes: '1.12'}]"
    wanted = both(HEAD + text)[1]
    assert wanted.v2 is not None
    assert role("kube-apiserver", "RW /k8s/a /k8s/a/*") == wanted.v2.state.roles[RoleName("kube-apiserver")]
    assert {ROOT_USER} == set(wanted.state.users)


def test_the_state() -> None:
    """Root with its role, a guest with nothing, each identity with the role of its name, and auth on."""
    found = v2("components: [{name: a, patterns: [{pattern: /a, access: write}, {pattern: /a/*, access: read}]}]")
    name = RoleName("a")
    assert (
        StateV2.of(
            [User(ROOT_USER, frozenset({ROOT_ROLE})), User(found.identities[0].user, frozenset({name}))],
            [
                PatternRole(GUEST_ROLE),
                PatternRole(name, frozenset({Pattern("/a/*")}), frozenset({Pattern("/a")})),
            ],
        )
        == found.state
    )
    assert found.state.auth_enabled


def test_one_identity_in_both_stores() -> None:
    """It is a user in each, and has one certificate."""
    text = "components: [{name: a, grants: [{prefix: /a/, access: read}], patterns: [{pattern: /a/*, access: read}]}]"
    spec, wanted = both(HEAD + text)
    assert wanted.v2 is not None
    assert [each.user for each in wanted.identities] == [each.user for each in wanted.v2.identities]
    assert ["root", "a"] == [each.name for each in requests(spec, wanted)]


def test_certificates_of_v2_alone() -> None:
    """Who is in v2 alone has a certificate as everybody else."""
    spec, wanted = both(HEAD.replace("[v2, v3]", "[v2]") + CALICO)
    names = ["root", "calico-node", "calico-cni", "calico-kube-controllers"]
    assert [*names, "calicoctl-read-only", "calicoctl-policy-editor", "calicoctl-full"] == [
        each.common_name for each in requests(spec, wanted)
    ]
    assert () == wanted.identities


def test_v3_is_as_it_was() -> None:
    """What a spec wants in v3 does not depend on v2."""
    text = "components: [{use: calico, calico: '3.32'}, {use: kube-apiserver}]"
    assert both(HEAD + text)[1].state == both(HEAD.replace("[v2, v3]", "[v3]") + text)[1].state
    assert both(HEAD.replace("[v2, v3]", "[v3]") + text)[1].v2 is None
    assert {ROOT_USER} == set(v2(text).state.users)


def test_segments() -> None:
    """Calico's components share one segment; a pattern that lies in somebody else's on purpose stays theirs."""
    found = v2(
        "components:\n  - {use: calico, calico: '2.6'}\n"
        "  - {name: a, patterns: [{pattern: /a/*, access: read}, "
        "{pattern: /calico/v1*, access: read, shares-with: [calico]}]}\n"
    )
    assert {
        "calico": frozenset({Pattern("/calico"), Pattern("/calico/*")}),
        "a": frozenset({Pattern("/a/*")}),
    } == {segment.owner: segment.patterns for segment in found.segments}
    assert () == found.shared


def test_a_pattern_that_is_shared_in_part() -> None:
    """It belongs to its owner all the same, and that the two segments meet is no secret."""
    found = v2(
        "components:\n  - {name: a, patterns: [{pattern: /a/*, access: read}]}\n"
        "  - {name: b, patterns: [{pattern: '/*', access: read, shares-with: [a]}]}\n"
    )
    assert {"/a/*"} == {span_text(span) for span in found.shared if span.prefix is not None}


OVERLAPS = {
    "the same": ("/a/*", "/a/*", True),
    "one inside the other": ("/a/*", "/a/b/*", True),
    "begins alike": ("/a*", "/a2/*", True),
    "a directory and what is below": ("/a", "/a/b/*", True),
    "a directory and its star": ("/a", "/a/*", True),
    "a star and its own directory": ("/a/*", "/a", True),
    "two keys": ("/a", "/b", False),
    "neighbours": ("/a/*", "/a2/*", False),
    "a key that begins alike": ("/a", "/ab", False),
    "everything": ("/*", "/b", True),
}


@pytest.mark.parametrize(("one", "other", "expected"), OVERLAPS.values(), ids=OVERLAPS)
def test_overlaps(one: str, other: str, expected: bool) -> None:
    """Two owners whose patterns can meet are refused, at the later; the rules say the same of the two patterns."""
    text = "components:\n" + "".join(
        f"  - {{name: {name}, patterns: [{{pattern: '{pattern}', access: read}}]}}\n"
        for name, pattern in (("a", one), ("b", other))
    )
    found = problems(text, HEAD)
    assert expected == bool(found), found
    assert expected == overlap(Pattern(one), Pattern(other))
    assert expected == bool(region(Pattern(one)) & region(Pattern(other)))
    assert all(line.startswith("ringfence.yaml:5: components[1].patterns[0]: ") for line in found)


def test_overlap_with_calico() -> None:
    """Also where no component of Calico was given the path, for its directory is a constant."""
    text = (
        "components:\n  - {use: calico, calico: '2.6', segmentation: component}\n"
        "  - {name: a, patterns: [{pattern: /calico/other/*, access: read}]}\n"
    )
    ((line, hint),) = hinted(text, HEAD)
    assert (
        "ringfence.yaml:5: components[1].patterns[0]: /calico/other is in the segment of a and in that of calico"
        in line
    )
    assert "narrow one of them, or say shares-with: [calico] if calico owns those keys" == hint


def test_shares_with_nobody() -> None:
    """A name that is no owner in v2, or has nothing there, is told."""
    text = "components: [{name: a, patterns: [{pattern: /a/*, access: read, shares-with: [b]}]}]"
    ((line, _),) = hinted(text, HEAD)
    assert (
        "ringfence.yaml:3: components[0].patterns[0]: shares-with names 'b', which is no component's identity" == line
    )


STORES = {
    "Calico 2 without v2": (
        "[v3]",
        "{use: calico, calico: '2.6'}",
        "Calico 2.6 keeps its data in etcd v2, and this spec is for v3",
    ),
    "Calico 3 without v3": (
        "[v2]",
        "{use: calico, calico: '3.32'}",
        "Calico 3.32 keeps its data in etcd v3, and this spec is for v2",
    ),
    "Calico of no release without v3": (
        "[v2]",
        "{use: calico}",
        "Calico 3.32 keeps its data in etcd v3, and this spec is for v2",
    ),
    "kube-apiserver without v3": (
        "[v2]",
        "{use: kube-apiserver}",
        "kube-apiserver keeps its data in etcd v3, and this spec is for v2",
    ),
    "kube-apiserver with etcd2 without v2": (
        "[v3]",
        "{use: kube-apiserver, storage-backend: etcd2}",
        "kube-apiserver keeps its data in etcd v2, and this spec is for v3",
    ),
    "grants without v3": (
        "[v2]",
        "{name: a, grants: [{prefix: /a/, access: read}]}",
        "a has grants of keys in etcd v3, and this spec is for v2",
    ),
    "patterns without v2": (
        "[v3]",
        "{name: a, patterns: [{pattern: /a/*, access: read}]}",
        "a has patterns of paths in etcd v2, and this spec is for v3",
    ),
    "another component without v3": (
        "[v2]",
        "{use: coredns}",
        "coredns of CoreDNS 1.14 keeps its data in etcd v3, and this spec is for v2",
    ),
}


@pytest.mark.parametrize(("api", "component", "expected"), STORES.values(), ids=STORES)
def test_a_store_that_is_not_there(api: str, component: str, expected: str) -> None:
    """A component whose store the spec is not about is refused with its place; with both stores it is right."""
    text = f"components: [{component}]\n"
    ((line, hint),) = hinted(text, HEAD.replace("[v2, v3]", api))
    assert f"ringfence.yaml:3: components[0]: {expected}" == line
    assert hint is not None
    assert hint.startswith("say cluster.api: [v2, v3]; or ")
    assert [] == problems(text, HEAD)


def test_old_openstack_speaks_no_gateway() -> None:
    """Calico's driver of 2.6 logs in to v2 by certificate; a password, which that of 3.32 needs, is refused."""
    with_password = "{use: calico/openstack-driver, version: '2.6', password: {env: P}}"
    ((line, _),) = hinted(f"components: [{with_password}]\n", HEAD)
    assert line.endswith("speaks etcd v2, where the name in its certificate is its user")
    assert [] == problems(f"components: [{with_password.replace('2.6', '3.32')}]\n", HEAD)


def test_notes() -> None:
    """What is right and may surprise is noted, with its place."""
    found = v2("components: [{name: a, patterns: [{pattern: /a*, access: read}, {pattern: /b/*, access: read}]}]")
    at = "(ringfence.yaml:3: components[0].patterns[{}])"
    narrow = "/b/* does not match /b, the directory itself: whoever lists or makes that needs the pattern /b as well"
    assert (
        f"/a* also matches names that only begin alike, such as /a2 {at.format(0)}",
        f"{narrow} {at.format(1)}",
    ) == found.notes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("guest", "the role guest is everybody's in etcd v2"),
        ("_hidden", "etcd v2 lists no user whose name begins with _"),
    ],
)
def test_names_that_mean_something_else_in_v2(name: str, expected: str) -> None:
    """A role guest with patterns is open to all; a hidden user would be made again by every plan. v3 knows neither."""
    own = f"components: [{{name: {name}, patterns: [{{pattern: /a, access: readwrite}}]}}]"
    assert [f"ringfence.yaml:3: components[0]: {expected}"] == problems(own, HEAD)
    in_v3 = own.replace("patterns: [{pattern: /a,", "grants: [{key: /a,")
    assert [] == problems(in_v3, HEAD)
    assert {GUEST_ROLE: PatternRole(GUEST_ROLE)} == v2(in_v3).state.roles
