"""The catalog: what its files say today, and how lines with releases and options are picked."""

from __future__ import annotations

import pytest

from ringfence.catalog.entry import Evidence, Need
from ringfence.catalog.load import load
from ringfence.catalog.parse import parse
from ringfence.errors import CatalogError
from ringfence.keyspace import Span
from ringfence.model.permission import Access
from ringfence.model.version import Version

ENTRY = """\
component: c
releases: C
options: [root, mode]
needs:
  - {prefix: "{root}/x/", access: read, reason: r, source: s, evidence: source}
  - {key: "{root}/k", access: readwrite, since: "1.2", until: "1.4.2", reason: r, source: s, evidence: tested}
  - {key: lock, access: write, when: {mode: own}, reason: r, source: s, evidence: documented}
"""


def test_kube_apiserver() -> None:
    """kube-apiserver needs its prefix with a slash, and the compactor's key only when it compacts."""
    options = {"etcd-prefix": "/registry", "compaction": "etcd"}
    (prefix,) = load().needs("kube-apiserver", None, options)
    assert (Access.READWRITE, Span(b"/registry/", b"/registry0")) == (prefix.access, prefix.span)
    _, key = load().needs("kube-apiserver", None, options | {"compaction": "apiserver"})
    assert (Access.READWRITE, Span.of_key(b"compact_rev_key")) == (key.access, key.span)


def test_calico() -> None:
    """All of Calico lives under one constant prefix."""
    (need,) = load().needs("calico", Version(3, 32), {})
    assert (Access.READWRITE, Span(b"/calico/", b"/calico0")) == (need.access, need.span)


def test_every_line_says_why() -> None:
    """Each need of the catalog has a reason and a source."""
    lines = [line for entry in load().entries.values() for line in entry.lines]
    assert lines
    assert all(line.reason and line.source for line in lines)


@pytest.mark.parametrize(
    ("version", "keys"),
    [
        (None, 2),
        (Version(1, 1), 1),
        (Version(1, 1, 9), 1),
        (Version(1, 2), 2),
        (Version(1, 2, 0), 2),
        (Version(1, 4), 2),
        (Version(1, 4, 1), 2),
        (Version(1, 4, 2), 1),
        (Version(1, 5), 1),
    ],
)
def test_releases(version: Version | None, keys: int) -> None:
    """A line holds from its first release to before its last; where the release is not known, it holds."""
    entry = parse(ENTRY, "c.yaml")
    options = {"root": "/r", "mode": "none"}
    assert keys == sum(line.applies(version, options) for line in entry.lines)


def test_need() -> None:
    """Placeholders are filled in, and reason, source and evidence come along."""
    line = parse(ENTRY, "c.yaml").lines[0]
    expected = Need(access=Access.READ, span=Span.of_prefix(b"/r/x/"), reason="r", source="s", evidence=Evidence.SOURCE)
    assert expected == line.need({"root": "/r"})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("component: c\n", "", "c.yaml: must be text"),
        ("releases: C", "releases: C\nextra: 1", "c.yaml:3: extra is unknown, or stands twice"),
        ("access: read,", "access: rw,", "c.yaml:5: rw is not one of read, write, readwrite"),
        ("{root}/x/", "{root}/x", "c.yaml:5: a prefix ends in a slash"),
        ("{root}/x/", "{other}/x/", "c.yaml:5: other is not among the options"),
        ("mode: own", "modes: own", "c.yaml:7: modes is not among the options"),
        ('key: "{root}/k"', "key: a, prefix: b/", "c.yaml:6: a line has either a prefix or a key"),
        ('since: "1.2"', "since: new", "c.yaml:6: must be a version"),
        ("component: c", "component: [c", "c.yaml:2: not YAML: did not find expected ',' or ']'"),
    ],
)
def test_broken_files(before: str, after: str, expected: str) -> None:
    """A data file that breaks the schema is refused with its line; the same file unbroken is read."""
    assert before in ENTRY
    with pytest.raises(CatalogError) as caught:
        parse(ENTRY.replace(before, after, 1), "c.yaml")
    assert expected == str(caught.value)


def test_unknown_component_and_option() -> None:
    """Asking for what the catalog does not have is an error that says what it has."""
    with pytest.raises(CatalogError, match="no component flannel"):
        load().needs("flannel", None, {})
    with pytest.raises(CatalogError, match="needs a value for compaction, etcd-prefix"):
        load().needs("kube-apiserver", None, {})
