"""Lines narrowed to one node: never wider than the line, never on another node's keys, and true of their examples."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.catalog.entry import Need
from ringfence.catalog.load import load
from ringfence.catalog.parse import parse
from ringfence.errors import CatalogError
from ringfence.keyspace import Span, SpanSet
from ringfence.model.permission import Access
from ringfence.model.version import Version
from ringfence.ops.catalog import one_component
from ringfence.reports.catalog import show_json, show_text

ENTRIES = load().entries
NARROWED = [name for name, entry in ENTRIES.items() if any(line.on_node is not None for line in entry.lines)]
CASES = [(name, version) for name in NARROWED for version in ENTRIES[name].known if version.major >= 3]
NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9.]{0,6}[a-z0-9])?", fullmatch=True)


def spans(needs: tuple[Need, ...], access: Access) -> SpanSet:
    """The keys that needs read, or write."""
    return SpanSet(need.span for need in needs if (need.access.reads if access is Access.READ else need.access.writes))


def test_what_is_narrowed() -> None:
    """The components that run on every node and whose keys name it."""
    assert ["calico/cni", "calico/node"] == sorted(NARROWED)


@pytest.mark.parametrize(("name", "version"), CASES, ids=[f"{name}-{version}" for name, version in CASES])
def test_narrower_than_the_lines(name: str, version: Version) -> None:
    """What all nodes and one node get together is part of what the component gets without narrowing."""
    entry = ENTRIES[name]
    on_nodes, wide = entry.on_nodes(version, {}), entry.needs(version, {})
    together = (*on_nodes.every, *on_nodes.needs("n1"))
    for access in (Access.READ, Access.WRITE):
        assert spans(wide, access).covers(spans(together, access))
    assert spans(wide, Access.WRITE) != spans(together, Access.WRITE)


@pytest.mark.parametrize(("name", "version"), CASES, ids=[f"{name}-{version}" for name, version in CASES])
def test_examples_agree_with_the_narrowed_lines(name: str, version: Version) -> None:
    """What an example may do is allowed, what it may not is not even in part; one of another node is among them."""
    on_nodes = ENTRIES[name].on_nodes(version, {})
    needs = (*on_nodes.every, *on_nodes.needs("n1"))
    read, write = spans(needs, Access.READ), spans(needs, Access.WRITE)
    shown = on_nodes.shown("n1")
    for example in shown:
        assert read.covers(example.span) == (example.may is not None and example.may.reads), example
        writes = example.may is not None and example.may.writes
        assert write.covers(example.span) == writes, example
        assert (example.span.start in write) == writes, "a probe writes the first key"
        assert example.may is not None or not (read | write) & SpanSet([example.span]), example
    assert any(b"n10" in example.span.start for example in shown)


@settings(max_examples=200)
@given(NAMES, NAMES)
def test_no_node_has_keys_of_another(one: str, other: str) -> None:
    """Not even where one name is the beginning of the other."""
    for name in NARROWED:
        on_nodes = ENTRIES[name].on_nodes(None, {})
        mine, theirs = (spans(on_nodes.needs(node), Access.WRITE) for node in (one, other))
        assert (one == other) == bool(mine & theirs)


def test_the_host_key_of_a_longer_name_is_nobodys() -> None:
    """The range of n1 ends right before it: prefixes end in a slash."""
    needs = ENTRIES["calico/cni"].on_nodes(None, {}).needs("n1")
    assert [Span(b"/calico/ipam/v2/host/n1/", b"/calico/ipam/v2/host/n10")] == [need.span for need in needs]


def test_what_cannot_be_narrowed() -> None:
    """flannel's keys name no node: all nodes need the same, and none anything of its own."""
    entry = ENTRIES["flannel"]
    on_nodes = entry.on_nodes(None, {})
    assert (entry.needs(None, {}), ()) == (on_nodes.every, on_nodes.needs("n1"))


def test_it_is_shown() -> None:
    """The narrowed lines stand beside the others, with what must be there and what is lost."""
    view = one_component("calico/node", "3.32")
    text = show_text(view)
    assert "  readwrite  /calico/resources/v3/projectcalico.org/nodes/{node} " in text
    assert "  beforehand: the BGPConfiguration default\n" in text
    assert "  lost: felix with OpenstackRegion set" in text
    lines = show_json(view)["lines"]
    assert isinstance(lines, list)
    narrowed = [line["on_node"] for line in lines if isinstance(line, dict) and line["on_node"]]
    assert "/calico/ipam/v2/host/{node}/" in [line["path"] for line in narrowed[0]["lines"]]
    assert "Narrowed" not in show_text(one_component("calico/kube-controllers"))


FILE = """\
family: f
releases: C
known: [["1.0", "1.0"]]
sources: {{s: the source}}
components:
  c:
    about: a component
    lines:
      - prefix: /a/
        access: readwrite
        reason: r
        source: s
        evidence: source
        on-node: {{lines: [{{{line}, access: readwrite, reason: r, source: s, evidence: source}}]}}
      - {{prefix: "{path}", access: read, reason: r, source: s, evidence: source}}
"""


@pytest.mark.parametrize(
    ("line", "path", "wrong"),
    [
        ('key: "/a/{node}"', "/b/", None),
        ('key: "/a/{other}"', "/b/", "other is not among the options"),
        ('key: "/a/{node}"', "/b/{node}/", "node is not among the options"),
        ('prefix: "/a/{node}"', "/b/", "a prefix ends in a slash, or says beyond-slash: yes"),
        ('on-node: {}, key: "/a/{node}"', "/b/", "on-node is unknown"),
    ],
)
def test_the_node_stands_in_narrowed_lines_alone(line: str, path: str, wrong: str | None) -> None:
    """A placeholder for the node elsewhere, or a narrowing within one, is a mistake of the file."""
    text = FILE.format(line=line, path=path)
    if wrong is None:
        (entry,) = parse(text, "f.yaml")
        assert ["/a/n1"] == [need.span.start.decode() for need in entry.on_nodes(None, {}).needs("n1")]
        return
    with pytest.raises(CatalogError, match=wrong):
        parse(text, "f.yaml")
