"""Mappings in a list: taken out whole, or put in each other's place."""

from __future__ import annotations

import pytest

from ringfence.yamlio.edit import spliced
from ringfence.yamlio.entry import Bare, exchanged, prepended, removed
from ringfence.yamlio.nodes import Mapping, Node, Sequence, parse

_LISTS = {
    "in block style": "a:\n  - n: p # why\n    b: 1\n  # of q\n  - n: q\n    s: {t: 2}\n  # of r\n  - n: r\nc: d\n",
    "at the end": "a:\n- n: p\n- n: q\n  t: 2",
    "with other line ends": "a:\r\n- n: q\r\n  t: 2\r\n- n: r\r\n",
    "in flow style": '{"a": [{"n": "p"}, {"n": "q", "t": 2}]}\n',
}
_WITHOUT = {
    "in block style": "a:\n  - n: p # why\n    b: 1\n  # of q\n  # of r\n  - n: r\nc: d\n",
    "at the end": "a:\n- n: p\n",
    "with other line ends": "a:\r\n- n: r\r\n",
    "in flow style": '{"a": [{"n": "p"}]}\n',
}
_OTHER = {
    "in block style": (
        "a:\n  - n: p # why\n    b: 1\n  # of q\n  - h:\n      m: 256\n    n: q\n  # of r\n  - n: r\nc: d\n"
    ),
    "at the end": "a:\n- n: p\n- h:\n    m: 256\n  n: q",
    "with other line ends": "a:\r\n- h:\r\n    m: 256\r\n  n: q\r\n- n: r\r\n",
    "in flow style": '{"a": [{"n": "p"}, {"h": {"m": 256}, "n": "q"}]}\n',
}


def _item(text: str) -> tuple[Sequence, Node]:
    document = parse(text, "f")
    assert isinstance(document, Mapping)
    items = document.get("a")
    assert isinstance(items, Sequence)
    return items, next(item for item in items if isinstance(item, Mapping) and item.text("n") == "q")


@pytest.mark.parametrize("case", _LISTS)
def test_a_mapping_is_taken_out(case: str) -> None:
    """With all of its lines; the comments around it stay."""
    items, item = _item(_LISTS[case])
    assert _WITHOUT[case] == spliced(_LISTS[case], removed(_LISTS[case], items, item))


@pytest.mark.parametrize("case", _LISTS)
def test_a_mapping_takes_the_place_of_another(case: str) -> None:
    """In the style of the list, and nothing around it moves."""
    items, item = _item(_LISTS[case])
    new = {"h": {"m": Bare("256")}, "n": "q"}
    assert _OTHER[case] == spliced(_LISTS[case], exchanged(_LISTS[case], items, item, new))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: # list\n  # of p\n  - n: p\nb: c\n", "a: # list\n  - m: q\n    k: 1\n  # of p\n  - n: p\nb: c\n"),
        ("a:\r\n- n: p\r\n", "a:\r\n- m: q\r\n  k: 1\r\n- n: p\r\n"),
        ('{"a": [{"n": "p"}]}\n', '{"a": [{"m": "q", "k": 1}, {"n": "p"}]}\n'),
        ("b: c\n", "b: c\na:\n  - m: q\n    k: 1\n"),
    ],
)
def test_items_come_first(text: str, expected: str) -> None:
    """Above the comments of what was the first; where there is no list one is made."""
    document = parse(text, "f")
    assert isinstance(document, Mapping)
    assert expected == spliced(text, prepended(text, document, "a", [{"m": "q", "k": Bare("1")}]))
