"""Placeholders in comments are found where they belong, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from ringfence.yamlio.commented import blocks, placeholders, switched_on
from ringfence.yamlio.edit import spliced
from ringfence.yamlio.nodes import Mapping, parse


def _found(text: str) -> dict[str, str]:
    document = parse(text, "a.yaml")
    assert isinstance(document, Mapping)
    key, value = next(entry for entry in document.entries if entry[0] == document.entries[0][0])
    return {name: text[start:end] for name, (start, end) in placeholders(text, key, value).items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m:\n  # words\n  # a: null\n  # b-c:\n", {"a": "  # a: null", "b-c": "  # b-c:"}),
        ("m:\r\n  # a: null\r\n", {"a": "  # a: null"}),
        ("m:\n  # a: null", {"a": "  # a: null"}),
        ("m:\n\n#a: ~\n\n  # b: ''\n", {"a": "#a: ~", "b": "  # b: ''"}),
        ("m:\n  # a: null\n  x: y\n  # b: null\n", {"a": "  # a: null", "b": "  # b: null"}),
        ("m:\n  # a: null\n  # a: null\n", {"a": "  # a: null"}),
        ("m:\n  # a: LS0t\n", {}),
        ("m:\n  x: |\n    # a: null\n  y: z\n", {}),
        ("m:\nz:\n  # a: null\n", {}),
        ("m:\n---\n# a: null\n", {}),
        ("m: null\n# a: null\n", {}),
        ("m: {}\n# a: null\n", {}),
        ("m:", {}),
    ],
)
def test_placeholders(text: str, expected: dict[str, str]) -> None:
    """Commented entries without a value, from below the key to where something else begins."""
    assert expected == _found(text.partition("---")[0])


def _switched_on(text: str, column: int) -> tuple[str, ...]:
    """The text with each of its blocks switched on in turn."""
    document = parse(text, "a.yaml")
    assert isinstance(document, Mapping)
    key, value = document.entries[0]
    return tuple(spliced(text, [switched_on(text, block, column)]) for block in blocks(text, key, value))


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        (
            "e:\n    - a\n  # words\n  # - b: c\n  #   d:\n  #     - e\n",
            4,
            ("e:\n    - a\n  # words\n    - b: c\n      d:\n        - e\n",),
        ),
        (
            "e:\n- a\n#- b\n#- c\n",
            0,
            ("e:\n- a\n- b\n#- c\n", "e:\n- a\n#- b\n- c\n"),
        ),
        ("e:\r\n- a\r\n# - b:\r\n#     c\r\n", 2, ("e:\r\n- a\r\n  - b:\r\n      c\r\n",)),
        ("v:\n  # - a: b\nw: x\n# - c: d\n", 2, ("v:\n  - a: b\nw: x\n# - c: d\n",)),
        ("e:\n- a\n# m:\n# - b\n#   c\n# - d\n", 0, ("e:\n- a\nm:\n- b\n  c\n- d\n",)),
        ("e:\n- a\n# - b\n\n#   c\n", 0, ("e:\n- a\n- b\n\n#   c\n",)),
        ("e:\n- a\n# - [b\n", 0, ()),
        ("e:\n- a\n# Nothing: here, only words.\n", 0, ()),
        ("e:\n- |\n  # - b\n", 0, ()),
    ],
)
def test_blocks_are_switched_on(text: str, column: int, expected: tuple[str, ...]) -> None:
    """Lines that are YAML without their sign, at the column that is asked for; words and broken YAML stay comments."""
    assert expected == _switched_on(text, column)
