"""Components of the catalog in a spec: what cannot be used, and what follows from what can."""

from __future__ import annotations

import pytest

from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import UserName
from ringfence.model.permission import Access
from ringfence.model.state import Login
from ringfence.ops.check import check
from ringfence.proof.probes import probes
from ringfence.reports.check import check_json, check_text
from ringfence.spec.passwords import GATEWAY
from ringfence.spec.shape import PasswordSource
from ringfence.wanted.build import Identity
from ringfence.wanted.certificates import requests
from ringfence.wanted.findings.notes import notes
from tests.unit.wanted.building import HEAD, both, hinted, problems, wanted

C = "ringfence.yaml:3: components[0]"

REFUSED = {
    "an unknown component": (
        "{use: cordns}",
        (f"{C}.use: 'cordns' is no component of the catalog", "did you mean coredns?; an own component has no use"),
    ),
    "a tail of a name": (
        "{use: node}",
        (f"{C}.use: 'node' is no component of the catalog", "did you mean calico/node?; an own component has no use"),
    ),
    "an unknown option": (
        "{use: flannel, prefix: /a}",
        (f"{C}.prefix: flannel has no option 'prefix'", "did you mean etcd-prefix?"),
    ),
    "no option at all": ("{use: cilium, prefix: /a}", (f"{C}.prefix: cilium has no option 'prefix'", "it has none")),
    "an option of another kind": (
        "{use: coredns, path: skydns}",
        (f"{C}.path: 'skydns' is no path", "give a path such as /a/b, without empty steps"),
    ),
    "a missing option": (
        "{use: patroni, password: {env: A}}",
        (
            f"{C}: scope is missing",
            "scope of its configuration, the name of the PostgreSQL cluster; one step of a path, without slashes",
        ),
    ),
    "a gateway without password": (
        "{use: apisix, transport: gateway}",
        (f"{C}: apisix {GATEWAY}", "say where it stands: password: {file: NAME.pw} or password: {env: NAME}"),
    ),
    "a gateway called gRPC": (
        "{use: apisix, transport: grpc, password: {env: A}}",
        (f"{C}: apisix speaks etcd's JSON gateway, not gRPC", "remove transport"),
    ),
    "gRPC called a gateway": (
        "{use: vault, transport: gateway, password: {env: A}}",
        (
            f"{C}: vault speaks gRPC, where the Common Name of its certificate is its user",
            "remove transport and password",
        ),
    ),
    "a password without gateway": (
        "{use: vault, password: {env: A}}",
        (
            f"{C}: only a client of the JSON gateway logs in by password",
            "remove the password: its certificate is enough",
        ),
    ),
    "a legacy component": (
        "{use: calico/node, version: 2.6}",
        (
            f"{C}: calico/node of Calico 2.6 keeps its data in etcd v2, and this spec is for v3",
            "say cluster.api: [v2, v3]; or give the release that it has",
        ),
    ),
    "a legacy Calico": (
        "{use: calico, calico: 2.6}",
        (
            f"{C}: Calico 2.6 keeps its data in etcd v2, and this spec is for v3",
            "say cluster.api: [v2, v3]; or give the release that it has",
        ),
    ),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(text: str, expected: tuple[str, str]) -> None:
    """What the catalog does not have, or cannot be used so, is refused with a hint."""
    assert [expected] == hinted(f"components: [{text}]\n")


def test_presets_do_not_hide_the_catalog() -> None:
    """A preset has no name of the catalog's, and is among the names that are suggested."""
    grants = "[{prefix: '/{name}/', access: read}]"
    assert ["ringfence.yaml:3: presets.coredns: coredns is a component of the catalog"] == problems(
        f"presets: {{coredns: {grants}}}\n"
    )
    ((_, hint),) = hinted(f"presets: {{tenants: {grants}}}\ncomponents: [{{use: tenant}}]\n")
    assert "did you mean tenants?; an own component has no use" == hint


def test_the_name_of_a_family_is_taken() -> None:
    """Nobody else may be called like the segment that Calico's identities share."""
    text = "components:\n  - {use: calico, name: prod}\n  - {name: calico, grants: [{key: a, access: read}]}\n"
    (problem,) = problems(text)
    assert problem.startswith("ringfence.yaml:5: components[1]: calico is the name of the segment that all components")


FAMILY = "components: [{use: calico, calico: '3.32', segmentation: component, calicoctl: [policy-editor]}]\n"


def identity(text: str, name: str) -> Identity:
    """An identity of a spec."""
    return next(each for each in wanted(text).identities if each.user == name)


@pytest.mark.parametrize(
    ("name", "key", "read", "write"),
    [
        ("calico-node", "nodes/a", True, True),
        ("calico-node", "networkpolicies/a/b", True, False),
        ("calico-cni", "workloadendpoints/a/b", True, True),
        ("calico-cni", "ippools/a", True, False),
        ("calico-cni", "networkpolicies/a/b", False, False),
        ("calico-kube-controllers", "profiles/a", True, True),
        ("calicoctl-policy-editor", "tiers/a", True, True),
        ("calicoctl-policy-editor", "nodes/a", True, False),
    ],
)
def test_identities_of_a_family(name: str, key: str, read: bool, write: bool) -> None:
    """Each identity of Calico reaches a part of the one segment, and no more."""
    reach = identity(FAMILY, name).reach
    path = f"/calico/resources/v3/projectcalico.org/{key}".encode()
    assert (read, write) == (path in reach.read, path in reach.write)
    assert "calico" == identity(FAMILY, name).owner


def test_a_family_is_fenced_inside() -> None:
    """What an identity may not do in its own family's segment is asked as well."""
    found = wanted(FAMILY)
    (segment,) = found.segments
    assert SpanSet([Span.of_prefix(b"/calico/")]) == segment.spans
    asked = probes(identity(FAMILY, "calico-cni").reach, [segment.spans])
    denied = SpanSet(probe.span for probe in asked if probe.expected.value == "denied")
    assert b"/calico/resources/v3/projectcalico.org/networkpolicies/a" in denied
    assert b"/calico/felix/v1/a" in denied


def test_examples_come_along() -> None:
    """The keys of the real program come with the identity that has its needs, its options filled in."""
    text = "components: [{use: kube-apiserver, etcd-prefix: /two}, {name: own, grants: [{key: a, access: read}]}]\n"
    examples = identity(text, "kube-apiserver").examples
    assert (Span.of_key(b"/two/pods/default/web-0"), Access.READWRITE) in [(each.span, each.may) for each in examples]
    assert (Span.of_key(b"/two2/pods/default/web-0"), None) in [(each.span, each.may) for each in examples]
    assert () == identity(text, "own").examples


def test_a_remark_names_everybody_once() -> None:
    """What holds for many components of a kind is one note."""
    text = "".join(f"  - {{use: patroni, scope: s{i}, name: p{i}, password: {{env: A}}}}\n" for i in range(5))
    (note,) = wanted(f"components:\n{text}").notes
    assert note.startswith("p0, p1, p2 and 2 more: it asks for the member list")


def test_nothing_of_its_own() -> None:
    """Somebody who only reaches into another's segment owns nothing, and check says so."""
    text = (
        "components:\n  - {use: patroni, name: pg, scope: a, password: {env: A}}\n"
        "  - {use: vip-manager, trigger-key: /service/a/leader, shares-with: [pg]}\n"
    )
    rows = [line.split() for line in check_text(check(*both(HEAD + text))).splitlines()]
    assert ["vip-manager", "read", "/service/a/leader"] in rows
    assert ["vip-manager", "none", "vip-manager", "nothing"] in rows


def test_gateway() -> None:
    """Who speaks the JSON gateway logs in by password, has no certificate with its name, and check says why."""
    text = f"{HEAD}components: [{{use: apisix, version: '3.18', password: {{env: PW}}}}]\n"
    spec, found = both(text)
    (apisix,) = found.identities
    assert (Login.PASSWORD, PasswordSource(variable="PW")) == (apisix.login, apisix.password)
    assert Login.PASSWORD is found.state.users[UserName("apisix")].login
    assert ["root"] == [request.name for request in requests(spec, found)]
    assert any(note.startswith("by password, not by certificate: apisix;") for note in notes(spec, found))
    assert "the variable PW" in str(check_json(check(spec, found)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{use: calico, calico: '3.40'}", "does not know Calico 3.40: the lines of 3.32 are taken, the nearest below"),
        ("{use: coredns, version: '1.1'}", "does not know CoreDNS 1.1: the lines of 1.2 are taken, the oldest that"),
        ("{use: calico, segmentation: component}", "no release of Calico is given, and releases differ in what they"),
        ("{use: kube-apiserver, kubernetes: '1.13'}", "kube-apiserver: its health check asks for the member list"),
    ],
)
def test_notes_on_releases(text: str, expected: str) -> None:
    """Which release was taken, and what is peculiar to it, is said; a known one needs no words."""
    assert any(expected in note for note in notes(*both(f"{HEAD}components: [{text}]\n")))
    known = "{use: calico, calico: '3.32', segmentation: component}, {use: kube-apiserver, kubernetes: '1.34'}"
    assert () == wanted(f"components: [{known}]\n").notes
