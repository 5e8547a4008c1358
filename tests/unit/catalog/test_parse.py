"""A data file of the catalog: what its lines mean, and that a mistake in it is found where it stands."""

from __future__ import annotations

import pytest

from ringfence.catalog.entry import Evidence, Line, Need, Releases, Run
from ringfence.catalog.parse import parse
from ringfence.errors import CatalogError
from ringfence.keyspace import Span
from ringfence.model.permission import Access
from ringfence.model.version import Version

FILE = """\
family: f
releases: C
known: [["1.0", "1.5"]]
sources: {s: the source}
names: {p: /p}
components:
  c:
    about: a component
    options:
      root: {kind: path, about: where, default: /r}
      mode: {kind: word, about: how, default: own, words: [own, none]}
    lines:
      - {prefix: "{root}/x/", access: read, reason: r, source: s, evidence: source}
      - {key: "{p}/k", access: readwrite, since: "1.2", until: "1.4.2", reason: r, source: s, evidence: source}
      - {key: lock, access: write, when: {mode: own}, reason: r, source: s, evidence: documented}
      - {prefix: w/, access: read, needed: no, documented: {since: "1.3"}, reason: r, source: s, evidence: documented}
    remarks: [{text: t, until: "1.2", source: s}]
    examples: [{key: "{root}/x/1", may: read}, {key: y, may: nothing}]
  d:
    about: another
    includes: c
    lines: [{prefix: z, beyond-slash: yes, access: read, reason: r, source: s, evidence: source}]
"""
OPTIONS = {"root": "/r", "mode": "none"}


def lines(text: str = FILE) -> tuple[Line, ...]:
    """The lines of the first component."""
    return parse(text, "f.yaml")[0].lines


@pytest.mark.parametrize(
    ("version", "keys"),
    [
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
def test_releases(version: Version, keys: int) -> None:
    """A line holds from its first release to before its last; of a line of releases, if any may need it."""
    assert keys == sum(line.applies(version, OPTIONS) for line in lines())


def test_need() -> None:
    """Placeholders are filled in, and reason, source and evidence come along."""
    expected = Need(
        access=Access.READ,
        span=Span.of_prefix(b"/q/x/"),
        reason="r",
        source="the source",
        evidence=Evidence.SOURCE,
    )
    assert expected == lines()[0].need({"root": "/q"})


def test_documented() -> None:
    """Documented is what says so: by its evidence, or in so many words; and it may be without need."""
    version = Version(1, 3)
    assert [False, False, True, True] == [line.is_documented(version) for line in lines()]
    assert [True, True, True, False] == [line.is_needed(version) for line in lines()]
    assert not lines()[3].is_documented(Version(1, 2))
    text = FILE.replace("source: s, evidence: source}", "source: s, evidence: source, documented: yes}")
    assert Releases(Version(1, 2), Version(1, 4, 2)) == lines(text)[1].documented


def test_tested() -> None:
    """A run makes a line tested, whatever was read before."""
    run = "tested: [{program: p, version: v1.2.3, etcd: 3.6.14}], "
    line = lines(FILE.replace('- {prefix: "{root}', f'- {{{run}prefix: "{{root}}'))[0]
    assert (Evidence.TESTED, (Run("p", "v1.2.3", "3.6.14"),)) == (line.evidence, line.tested)


def test_includes() -> None:
    """A component may have the lines of another one, and its own."""
    one, other = parse(FILE, "f.yaml")
    assert one.lines == other.lines[:-1]
    assert Span(b"z", b"{") == other.lines[-1].need({}).span


def test_remarks() -> None:
    """A remark speaks of its releases alone."""
    entry = parse(FILE, "f.yaml")[0]
    assert ["t"] == [remark.text for remark in entry.remarked(Version(1, 1), {})]
    assert () == entry.remarked(Version(1, 2), {})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("family: f\n", "", "f.yaml: must be text"),
        ("releases: C", "releases: C\nextra: 1", "f.yaml:3: extra is unknown"),
        ("releases: C", "releases: C\nreleases: D", "f.yaml:3: releases stands twice"),
        ('"1.5"', '"2.5"', "f.yaml:3: known is a list of [FIRST, LAST], each pair within one major version"),
        ("access: read,", "access: rw,", "f.yaml:13: rw is not one of read, write, readwrite"),
        ("{root}/x/", "{root}/x", "f.yaml:13: a prefix ends in a slash, or says beyond-slash: yes"),
        ("{root}/x/", "{other}/x/", "f.yaml:13: other is not among the options"),
        ("mode: own}", "modes: own}", "f.yaml:15: modes is not among the options"),
        ("mode: own}", "mode: ours}", "f.yaml:15: mode must be one of own, none"),
        ('key: "{p}/k"', "key: a, prefix: b/", "f.yaml:14: has exactly one of key, prefix, pattern"),
        ('since: "1.2"', "since: new", "f.yaml:14: must be a version"),
        ("source: s, evidence: source", "source: t, evidence: source", "f.yaml:13: source must name some of s"),
        ("evidence: source", "evidence: tested", "f.yaml:13: say what was run under tested"),
        ("default: /r", "default: r", "f.yaml:10: the default must be a path such as /a/b, without empty steps"),
        ("includes: c", "includes: e", "f.yaml:21: e does not stand above"),
        ("may: nothing", "may: none", "f.yaml:18: none is not one of read, write, readwrite"),
        ("family: f", "family: [f", "f.yaml:2: not YAML: did not find expected ',' or ']'"),
    ],
)
def test_broken_files(before: str, after: str, expected: str) -> None:
    """A data file that breaks the schema is refused with its line; the same file unbroken is read."""
    assert before in FILE
    with pytest.raises(CatalogError) as caught:
        parse(FILE.replace(before, after, 1), "f.yaml")
    assert expected == str(caught.value)
