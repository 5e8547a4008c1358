"""Placeholders in comments are found where they belong, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from ringfence.yamlio.commented import placeholders
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
