"""Whose keys are whose: what overlaps is a problem with both places, unless it is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import Place
from ringfence.keyspace import Span, SpanSet
from ringfence.model.permission import Access
from ringfence.wanted.proved.disjoint import prove
from ringfence.wanted.segments.division import divide
from ringfence.wanted.segments.grants import Granted
from ringfence.wanted.segments.owner import Owner
from tests.unit.wanted.building import problems, wanted

C = "ringfence.yaml"


def overlap(where: str, keys: str, second: str, first: str, there: str = "4: components[0].grants[0]") -> str:
    """The line that tells of keys in two segments."""
    return f"{C}:{where}: {keys} is in the segment of {second} and in that of {first} ({C}:{there})"


def tenants(**grants: str) -> str:
    """Own components by name, a line each from line 4."""
    return "components:\n" + "".join(f"  - {{name: {name}, grants: [{text}]}}\n" for name, text in grants.items())


A = "{prefix: /a/, access: readwrite}"

REFUSED = {
    "the same prefix": (
        tenants(one=A, two=A),
        overlap("5: components[1].grants[0]", "/a/*", "two", "one"),
    ),
    "one inside the other": (
        tenants(one="{prefix: /a/b/, access: read}", two=A),
        overlap("5: components[1].grants[0]", "/a/b/*", "two", "one"),
    ),
    "a key": (
        tenants(one=A, two="{key: /a/k, access: read}"),
        overlap("5: components[1].grants[0]", "/a/k", "two", "one"),
    ),
    "a catalog component": (
        tenants(one="{prefix: /registry/pods/, access: read}") + "  - use: kube-apiserver\n",
        overlap("5: components[1]", "/registry/pods/*", "kube-apiserver", "one"),
    ),
    "everything": (
        tenants(one="{key: z, access: read}", two='{from-key: {hex: "00"}, access: read}'),
        overlap("5: components[1].grants[0]", "z", "two", "one"),
    ),
    "the wrong owner": (
        tenants(one=A, two="{prefix: /a/, access: read, shares-with: [three]}", three="{key: /c, access: read}"),
        [
            f"{C}:5: components[1].grants[0]: reaches nothing that belongs to three",
            overlap("5: components[1].grants[0]", "/a/*", "two", "one"),
        ],
    ),
    "both share, nobody owns": (
        tenants(
            one="{prefix: /a/, access: read, shares-with: [two]}", two="{prefix: /a/, access: read, shares-with: [one]}"
        ),
        [
            f"{C}:4: components[0].grants[0]: reaches nothing that belongs to two",
            f"{C}:5: components[1].grants[0]: reaches nothing that belongs to one",
            overlap("5: components[1].grants[0]", "/a/*", "two", "one"),
        ],
    ),
    "an unknown owner": (
        tenants(one="{prefix: /a/, access: read, shares-with: [gone]}"),
        f"{C}:4: components[0].grants[0]: shares-with names 'gone', which is no component's identity",
    ),
    "with itself": (
        tenants(one="{prefix: /a/, access: read, shares-with: [one]}"),
        f"{C}:4: components[0].grants[0]: one cannot share with itself",
    ),
    "a role": (
        tenants(one=A) + "roles: {r: [{prefix: /a/b/, access: read}]}\n",
        f"{C}:5: roles.r[0]: /a/b/* belongs to one",
    ),
    "a role over two": (
        tenants(one=A, two="{prefix: /b/, access: read}") + "roles: {r: [{from-key: /, access: read}]}\n",
        [f"{C}:6: roles.r[0]: /a/* belongs to one", f"{C}:6: roles.r[0]: /b/* belongs to two"],
    ),
    "a role that shares nothing": (
        tenants(one=A) + "roles: {r: [{prefix: /b/, access: read, shares-with: [one]}]}\n",
        f"{C}:5: roles.r[0]: reaches nothing that belongs to one",
    ),
    "two presets": (
        (
            "presets: {p: [{prefix: '/p/{of}/', access: read}]}\ncomponents:\n"
            "  - {use: p, name: one, of: a}\n  - {use: p, name: two, of: a/b}\n"
        ),
        overlap("6: components[1]", "/p/a/b/*", "two", "one", "5: components[0]"),
    ),
    "a tenant in Calico's keys": (
        tenants(one="{prefix: /calico/mine/, access: read}") + "  - {use: calico, segmentation: component}\n",
        overlap("5: components[1]", "/calico/mine/*", "calico", "one"),
    ),
    "two compactors": (
        (
            "components:\n"
            "  - {use: kube-apiserver, compaction: apiserver}\n"
            "  - {use: kube-apiserver, compaction: apiserver, etcd-prefix: /two, name: two}\n"
        ),
        overlap("5: components[1]", "compact_rev_key", "two", "kube-apiserver", "4: components[0]"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(text: str, expected: str | list[str]) -> None:
    """Keys with two owners are a problem that names them, both places and the keys."""
    assert ([expected] if isinstance(expected, str) else expected) == problems(text)


GOOD = {
    "neighbours": (tenants(one=A, two="{prefix: /b/, access: read}"), {"one": ["/a/"], "two": ["/b/"]}),
    "an exception": (
        tenants(one="{prefix: /a/, access: readwrite, except: [/a/b/]}", two="{prefix: /a/b/, access: read}"),
        {"one": ["/a/ to /a/b/", "/a/b0 to /a0"], "two": ["/a/b/"]},
    ),
    "shared on purpose": (
        tenants(one=A, two="{prefix: /a/b/, access: read, shares-with: [one]}, {key: /k, access: read}"),
        {"one": ["/a/"], "two": ["/k"]},
    ),
    "shared both ways": (
        tenants(
            one=f"{A}, {{prefix: /b/, access: read, shares-with: [two]}}",
            two="{prefix: /b/, access: readwrite}, {prefix: /a/, access: read, shares-with: [one]}",
        ),
        {"one": ["/a/"], "two": ["/b/"]},
    ),
    "two clusters in one etcd": (
        "components:\n  - use: kube-apiserver\n  - {use: kube-apiserver, name: two, etcd-prefix: /registry2}\n",
        {"kube-apiserver": ["/registry/"], "two": ["/registry2/"]},
    ),
    "a role that says so": (
        tenants(one=A) + "roles: {r: [{prefix: /a/b/, access: read, shares-with: [one]}]}\n",
        {"one": ["/a/"]},
    ),
    "shared by a component of the catalog": (
        "components:\n  - {use: external-dns}\n  - {use: coredns, shares-with: [external-dns]}\n",
        {"external-dns": ["/skydns/"], "coredns": ["/skydns"]},
    ),
    "a family": (
        (
            "components:\n  - {use: calico, calico: '3.32', segmentation: component, network: canal}\n"
            "  - {use: calico/openstack-driver, version: '3.32', password: {env: A}}\n"
        ),
        {"calico": ["/calico/", "/coreos.com/network/config", "/coreos.com/network/subnets"]},
    ),
    "one canal": ("components: [{use: calico, network: canal}]\n", {"calico": ["/calico/", "/coreos.com/network/"]}),
    "several flannels": (
        "components:\n  - use: flannel\n  - {use: flannel, name: two, etcd-prefix: /two/network}\n",
        {
            "flannel": ["/coreos.com/network/config", "/coreos.com/network/subnets"],
            "two": ["/two/network/config", "/two/network/subnets"],
        },
    ),
    "twice one's own": (tenants(one=f"{A}, {{prefix: /a/b/, access: read}}"), {"one": ["/a/"]}),
}


@pytest.mark.parametrize(("text", "expected"), GOOD.values(), ids=GOOD)
def test_segments(text: str, expected: dict[str, list[str]]) -> None:
    """Each owner has the keys that are its own, and the proof holds."""
    found = wanted(text)
    assert expected == {segment.owner: [_words(span) for span in segment.spans] for segment in found.segments}
    assert prove(found).holds


def _words(span: Span) -> str:
    if span.is_key or span.prefix is not None:
        return span.start.decode()
    return f"{span.start.decode()} to {(span.end or b'').decode()}"


KEYS = [b"a", b"b", b"c", b"d", b"e", b"f"]
SPANS = st.sampled_from([span for start in KEYS for end in (*KEYS, None) if (span := Span(start, end))])


@given(st.dictionaries(st.sampled_from(["one", "two", "three"]), st.lists(SPANS, max_size=3)))
def test_sweep_finds_what_pairs_find(spans: dict[str, list[Span]]) -> None:
    """The sweep reports each span once that meets an earlier one of another owner, and no other."""
    owners = {
        Owner(owner): [
            Granted(access=Access.READ, keys=SpanSet([span]), shares_with=(), place=Place("f", 1), reason="")
            for span in found
        ]
        for owner, found in spans.items()
    }
    in_order = sorted(((span, owner) for owner, found in spans.items() for span in found), key=lambda one: one[0].start)
    meets_earlier = [
        any(owner != other and span.overlaps(earlier) for earlier, other in in_order[:index])
        for index, (span, owner) in enumerate(in_order)
    ]
    segments, found = divide(owners)
    assert sum(meets_earlier) == len(found)
    assert {owner: SpanSet(keys) for owner, keys in spans.items()} == {seg.owner: seg.spans for seg in segments}


def test_visitors_are_listed() -> None:
    """The proof names everybody who reaches into a segment, with the keys; root goes without saying."""
    text = tenants(one=A, two="{prefix: /a/b/, access: read, shares-with: [one]}, {key: /k, access: read}")
    text += "roles: {r: [{key: /a/x, access: readwrite, shares-with: [one]}]}\n"
    text += "users: {u: {roles: [r]}, boss: {roles: [root]}}\n"
    first, second = prove(wanted(text)).plots
    assert [("two", [b"/a/b/"], []), ("u", [b"/a/x"], [b"/a/x"])] == [
        (visit.user, [span.start for span in visit.read], [span.start for span in visit.write])
        for visit in first.visits
    ]
    assert () == second.visits
