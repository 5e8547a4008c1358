"""What a spec says about etcd v2: the store, kube-apiserver's and Calico's old releases, and patterns; and what not."""

from __future__ import annotations

import pytest

from ringfence.model.permission import Access
from ringfence.model.v2 import Pattern
from ringfence.spec.shape import Calico, KubeApiserver, OwnComponent, StorageBackend
from tests.unit.spec.reading import good, lines, problems

HEAD = "version: 1\ncluster: {endpoints: [https://a:2379], api: [v2, v3]}\n"
C = "ringfence.yaml"


def component(text: str) -> str:
    """A spec whose only component, on line 4, is ``text``."""
    return f"{HEAD}components:\n  - {{{text}}}\n"


def pattern(text: str) -> str:
    """A spec whose only pattern, on line 5, is ``text``."""
    return f"{HEAD}components:\n  - name: a\n    patterns: [{text}]\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [("", ("v3",)), (", api: [v2]", ("v2",)), (", api: [v3]", ("v3",)), (", api: [v3, v2]", ("v2", "v3"))],
)
def test_the_stores(written: str, expected: tuple[str, ...]) -> None:
    """A spec is about v3 unless it says otherwise, and the order in which it says so means nothing."""
    assert expected == good(f"version: 1\ncluster: {{endpoints: [https://a:2379]{written}}}\n").cluster.api


@pytest.mark.parametrize("release", ["3.0.12", '"3.0"', "3.1.0", "3.5.1"])
def test_releases_with_v2(release: str) -> None:
    """From 3.0.12 to 3.5 etcd has a v2 API whose users can be certificates."""
    text = f"version: 1\ncluster: {{endpoints: [https://a:2379], etcd: {release}, api: [v2]}}\n"
    assert ("v2",) == good(text).cluster.api


def test_patterns() -> None:
    """A component may have patterns beside grants, or alone."""
    text = component(
        "name: a, patterns: [{pattern: /a, access: read}, {pattern: '/a/*', access: readwrite, shares-with: [b]}]"
    )
    (found,) = good(text).components
    assert isinstance(found, OwnComponent)
    assert [(Access.READ, Pattern("/a"), ()), (Access.READWRITE, Pattern("/a/*"), ("b",))] == [
        (each.access, each.pattern, each.shares_with) for each in found.patterns
    ]
    assert () == found.grants


PATTERNS = {
    "no pattern": ("{access: read}", "patterns[0]: pattern is missing"),
    "no access": ("{pattern: /a}", "patterns[0]: access is missing"),
    "another access": ("{pattern: /a, access: all}", "patterns[0].access: 'all' is not one of read, write, readwrite"),
    "an unknown key": (
        "{pattern: /a, access: read, prefix: /a/}",
        "patterns[0].prefix: unknown key 'prefix'",
    ),
    "empty": ("{pattern: '', access: read}", "patterns[0].pattern: the empty pattern matches nothing"),
    "nothing": ("{pattern: , access: read}", "patterns[0].pattern: is empty"),
    "no leading slash": ("{pattern: a/*, access: read}", "patterns[0].pattern: 'a/*' matches no path"),
    "a star alone": ("{pattern: '*', access: read}", "patterns[0].pattern: '*' matches no path"),
    "a star inside": (
        "{pattern: /a/*/b, access: read}",
        "patterns[0].pattern: '/a/*/b' has a star inside, where etcd takes it for a plain character",
    ),
    "two stars": (
        "{pattern: '/a/**', access: read}",
        "patterns[0].pattern: '/a/**' has a star inside, where etcd takes it for a plain character",
    ),
    "a slash at the end": (
        "{pattern: /a/, access: read}",
        "patterns[0].pattern: /a/ matches only a request that ends in that slash",
    ),
    "a doubled slash": ("{pattern: //a, access: read}", "patterns[0].pattern: '//a' matches no path"),
    "a step up": ("{pattern: /a/../b, access: read}", "patterns[0].pattern: '/a/../b' matches no path"),
    "a line break": (
        '{pattern: "/a\\n", access: read}',
        "patterns[0].pattern: '/a\\n' holds control characters",
    ),
    "a list": ("{pattern: [/a], access: read}", "patterns[0].pattern: must be text, not a list"),
    "twice": (
        "{pattern: /a, access: read}, {pattern: /a, access: write}",
        "patterns[1]: /a is listed twice",
    ),
    "nothing at all": ("", "patterns: grants nothing"),
}


@pytest.mark.parametrize(("text", "expected"), PATTERNS.values(), ids=PATTERNS)
def test_refused_patterns(text: str, expected: str) -> None:
    """What no request can match, or nobody can mean, is refused with its place."""
    assert [f"{C}:5: components[0].{expected}"] == lines(pattern(text))


@pytest.mark.parametrize("text", ["/", "/*", "/a", "/a*", "/a/b c", "/a/*", "/a/.b*", "/a/..."])
def test_patterns_that_can_match(text: str) -> None:
    """Whatever a request can have as its path is taken."""
    assert [] == lines(pattern(f"{{pattern: '{text}', access: read}}"))


def test_all_problems_at_once() -> None:
    """Each bad pattern is told by itself, with what to do about it."""
    found = problems(pattern("{pattern: a, access: read}, {pattern: /b*c, access: read}, {pattern: /c/, access: read}"))
    assert 3 == len(found)
    assert all(problem.hint for problem in found)


def test_kube_apiserver_in_v2() -> None:
    """A kube-apiserver before 1.13 may store in etcd v2, and does so only where that is written."""
    (old,) = good(component('use: kube-apiserver, kubernetes: "1.12", storage-backend: etcd2')).components
    (new,) = good(component('use: kube-apiserver, kubernetes: "1.12"')).components
    assert isinstance(old, KubeApiserver)
    assert isinstance(new, KubeApiserver)
    assert (StorageBackend.ETCD2, StorageBackend.ETCD3) == (old.backend, new.backend)


COMPONENTS = {
    "etcd2 of a release without it": (
        'use: kube-apiserver, kubernetes: "1.13", storage-backend: etcd2',
        ["components[0].storage-backend: kube-apiserver 1.13 cannot store in etcd v2"],
    ),
    "an unknown backend": (
        "use: kube-apiserver, storage-backend: etcd4",
        ["components[0].storage-backend: 'etcd4' is not one of etcd3, etcd2"],
    ),
    "compaction of v2": (
        "use: kube-apiserver, storage-backend: etcd2, compaction: apiserver",
        ["components[0].compaction: says nothing with storage-backend: etcd2"],
    ),
    "neither grants nor patterns": ("name: a", ["components[0]: grants is missing"]),
    "patterns behind the gateway": (
        "name: a, transport: gateway, password: {env: A}, patterns: [{pattern: /a, access: read}]",
        ["components[0]: has patterns, and logs in to the JSON gateway by password"],
    ),
    "canal": (
        'use: calico, calico: "2.6", network: canal',
        ["components[0].network: what flannel needs beside Calico 2.6 is not known"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), COMPONENTS.values(), ids=COMPONENTS)
def test_refused_components(text: str, expected: list[str]) -> None:
    """What does not go with etcd v2 is refused where it is written."""
    assert [f"{C}:4: {each}" for each in expected] == lines(component(text))


def test_calico_by_node() -> None:
    """What Calico 3 alone has is refused with Calico 2, each word by itself; with Calico 3 it is right."""
    text = f"{HEAD}nodes: [n]\ncomponents:\n  - {{use: calico, calico: '2.6', segmentation: node, identity: node}}\n"
    assert [
        "segmentation: Calico 2.6 keeps its data in etcd v2, where nothing is narrowed to one node",
        "identity: says nothing with Calico 2.6, which has no identities by node",
    ] == [line.removeprefix(f"{C}:5: components[0].") for line in lines(text)]
    assert [] == lines(text.replace("2.6", "3.32"))


def test_calico_by_component() -> None:
    """Calico 2 has identities for each component as Calico 3 has."""
    (found,) = good(component('use: calico, calico: "2.6", segmentation: component')).components
    assert isinstance(found, Calico)
    assert ["calico/node", "calico/cni", "calico/kube-controllers"] == [part.component for part in found.parts]


def test_roles_and_users_are_of_v3() -> None:
    """With v2 alone nobody can mean them; with v3 they are right."""
    text = f"{HEAD}roles:\n  r: [{{prefix: /r/, access: read}}]\nusers:\n  u: {{roles: [r]}}\n"
    assert [] == lines(text)
    assert [
        f"{C}:3: roles: these are of etcd v3, and cluster.api has only v2",
        f"{C}:5: users: these are of etcd v3, and cluster.api has only v2",
    ] == lines(text.replace("[v2, v3]", "[v2]"))
