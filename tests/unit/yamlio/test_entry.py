"""New values and entries look like what stands around them, and nothing else moves."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.yamlio.dump import dump
from ringfence.yamlio.edit import spliced
from ringfence.yamlio.entry import Bare, added, emptied, extended, inserted, removed, replaced, written
from ringfence.yamlio.nodes import Mapping, Scalar, Sequence, parse


def _mapping(text: str) -> Mapping:
    node = parse(text, "a.yaml")
    assert isinstance(node, Mapping)
    return node


def _scalar(text: str, *path: str) -> Scalar:
    node = _mapping(text).get(*path)
    assert isinstance(node, Scalar)
    return node


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        ("https://a:2379,https://b:2379", "https://a:2379,https://b:2379"),
        ("LS0t+/==", "LS0t+/=="),
        ("0", '"0"'),
        ("0440", '"0440"'),
        ("no", '"no"'),
        ("null", '"null"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("é", '"é"'),
    ],
)
def test_quotes_are_written_where_they_are_needed(value: str, expected: str) -> None:
    """A word that a reader could take for a number, a truth value or structure gets quotes."""
    assert expected == written(value)


@given(st.text(), st.booleans())
def test_what_is_written_is_read_back(value: str, quoted: bool) -> None:
    """Any text survives being written and read, with or without asking for quotes."""
    text = f"a: {written(value, quoted=quoted)}\n"
    assert value == _scalar(text, "a").text


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: x # c\n", "y", "a: y # c\n"),
        ('a: "x"  # c\n', "y", 'a: "y"  # c\n'),
        ("a: 'x'\n", "y", 'a: "y"\n'),
        ("a:\n", "y", "a: y\n"),
        ("a: # c\n", "y", "a: y # c\n"),
        ("a: null # c\n", "y", "a: y # c\n"),
        ("a: x", "y", "a: y"),
        ("a: 0\n", "0", 'a: "0"\n'),
        ("a: x\r\nb: z\r\n", "y", "a: y\r\nb: z\r\n"),
        ("a: |\n  x\n  x\n\n# c\nb: z\n", "y", 'a: "y"\n\n# c\nb: z\n'),
        ("a: é😀 # c\n", "y", "a: y # c\n"),
        ("a:\ty\n", "z", "a:\tz\n"),
    ],
)
def test_a_value_is_replaced_where_it_stands(before: str, value: str, after: str) -> None:
    """Comments, line endings and quotes around a value stay."""
    assert after == spliced(before, replaced(before, _scalar(before, "a"), value))


@pytest.mark.parametrize("before", ["a: y # c\n", 'a: "y"\n', "a: 'y'\n", "a: |-\n  y\n"])
def test_an_equal_value_is_left_alone(before: str) -> None:
    """In whatever style a text is written, it is that text."""
    assert () == replaced(before, _scalar(before, "a"), "y")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: x # c\n", "a: null # c\n"),
        ('a: "x"\n', "a: null\n"),
        ("a: |\n  x\nb: z\n", "a: null\nb: z\n"),
        ("a:\n", "a:\n"),
        ("a: null\n", "a: null\n"),
        ('a: ""\n', 'a: ""\n'),
    ],
)
def test_a_value_is_emptied(before: str, after: str) -> None:
    """A value becomes null; one that is empty already stays as it is written."""
    assert after == spliced(before, emptied(before, _scalar(before, "a")))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m:\n  a: x\n", "m:\n  a: x\n  k: v\n  l: w\n"),
        ("m:\n  a: x", "m:\n  a: x\n  k: v\n  l: w"),
        ("m:\r\n    a: x # c\r\nz: y\r\n", "m:\r\n    a: x # c\r\n    k: v\r\n    l: w\r\nz: y\r\n"),
        ("m:\n  a:\n    b: x\n  # c\nz: y\n", "m:\n  a:\n    b: x\n  k: v\n  l: w\n  # c\nz: y\n"),
        ("m:\n  a: |+\n    x\n\nz: y\n", "m:\n  a: |+\n    x\n\n  k: v\n  l: w\nz: y\n"),
        ("m:\n  a: |\n    x", "m:\n  a: |\n    x\n  k: v\n  l: w"),
        ("m:\n", "m:\n  k: v\n  l: w\n"),
        ("m: # c\nz: y\n", "m: # c\n  k: v\n  l: w\nz: y\n"),
        ("m: null\n", "m: \n  k: v\n  l: w\n"),
        ("m: {}\n", 'm: {"k": "v", "l": "w"}\n'),
        ("m: {a: x} # c\n", 'm: {"k": "v", "l": "w", a: x} # c\n'),
        ('{"m": {"a": "x"}}', '{"m": {"k": "v", "l": "w", "a": "x"}}'),
        ('{"m": null}', '{"m": {"k": "v", "l": "w"}}'),
        ("{m: }", '{m:  {"k": "v", "l": "w"}}'),
        ("z: y\n", "z: y\nm:\n  k: v\n  l: w\n"),
        ('{"z": "y"}', '{"m": {"k": "v", "l": "w"}, "z": "y"}'),
    ],
)
def test_entries_are_put_into_a_mapping(before: str, after: str) -> None:
    """They go behind the last entry, or below a key without a value, or to the front in flow style."""
    patched = spliced(before, extended(before, _mapping(before), "m", {"k": "v", "l": "w"}))
    assert after == patched
    assert "v" == _mapping(patched).text("m", "k")
    assert "w" == _mapping(patched).text("m", "l")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s:\n  - n: x # c\n  # d\n", 's:\n  - n: x # c\n  # why\n  - n: "0"\n    o: p\n  # d\n'),
        ("s:\n- n: x\nz: y\n", 's:\n- n: x\n# why\n- n: "0"\n  o: p\nz: y\n'),
        ("s:\n  -   n: x\n      m: y", 's:\n  -   n: x\n      m: y\n  # why\n  - n: "0"\n    o: p'),
        ("s:\n", 's:\n  # why\n  - n: "0"\n    o: p\n'),
        ("s: []\n", 's: [{"n": "0", "o": "p"}]\n'),
        ("s: [{n: x}]\n", 's: [{"n": "0", "o": "p"}, {n: x}]\n'),
        ("z: y\n", 'z: y\n# why\ns:\n  - n: "0"\n    o: p\n'),
    ],
)
def test_an_item_is_put_into_a_list(before: str, after: str) -> None:
    """It goes behind the last item with its comment above it, or to the front in flow style without one."""
    assert after == spliced(before, extended(before, _mapping(before), "s", [{"n": "0", "o": "p"}], "why"))


_WORDS = st.text(alphabet="abc: #'\"-0\né", max_size=6)
_TREES = st.recursive(
    _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_WORDS, _TREES, min_size=1, max_size=4), st.booleans())
def test_adding_to_any_mapping_keeps_the_rest(tree: dict[str, object], as_json: bool) -> None:
    """However the entries before are nested and written, the new one is read back and they are what they were."""
    before = json.dumps(tree) if as_json else dump(tree)  # type: ignore[arg-type]  # hypothesis draws only plain data
    after = spliced(before, added(before, _mapping(before), {"new key": "v"}))
    expected = {**tree, "new key": "v"}
    assert expected == _plain(_mapping(after))


def _plain(node: Mapping | Sequence | Scalar) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [_plain(item) for item in node]
    return {key.text: _plain(value) for key, value in node.entries if isinstance(key, Scalar)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n- x # c\n- y\n", 'a:\n- x # c\n- m: 0400\n  n: "0400"\n- y\n'),
        ("a:\r\n  - x\r\n", 'a:\r\n  - x\r\n  - m: 0400\r\n    n: "0400"\r\n'),
        ("a: [x, y]\n", 'a: [x, {"m": 0400, "n": "0400"}, y]\n'),
    ],
)
def test_an_item_is_put_behind_another(text: str, expected: str) -> None:
    """In the style of the list; a number is written as it is, and a text that looks like one in quotes."""
    items = _mapping(text).get("a")
    assert isinstance(items, Sequence)
    assert expected == spliced(text, inserted(text, items, items.items[0], [{"m": Bare("0400"), "n": "0400"}]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n- x\n- y # gone too\n# stays\n- z\n", "a:\n- x\n# stays\n- z\n"),
        ("a:\r\n  - x\r\n  - 'y'\r\nb: c\r\n", "a:\r\n  - x\r\nb: c\r\n"),
        ("a: [x, y, z]\n", "a: [x, z]\n"),
        ('{"a": ["x", "y"]}\n', '{"a": ["x"]}\n'),
    ],
)
def test_an_item_is_taken_out(text: str, expected: str) -> None:
    """With its line or its comma, and nothing else."""
    items = _mapping(text).get("a")
    assert isinstance(items, Sequence)
    (item,) = (item for item in items if isinstance(item, Scalar) and item.text == "y")
    assert expected == spliced(text, removed(text, items, item))
