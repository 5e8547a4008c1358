"""A document is added behind another and behind its comments."""

from __future__ import annotations

import pytest

from ringfence.yamlio.document import added_document
from ringfence.yamlio.edit import spliced
from ringfence.yamlio.nodes import Mapping, parse_all


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b\n# c\n---\n# d\ne: f\n", "a: b\n# c\n---\nn: 1\nm: 2\n---\n# d\ne: f\n"),
        ("a: b\n# c\n", "a: b\n# c\n---\nn: 1\nm: 2\n"),
        ("a: b", "a: b\n---\nn: 1\nm: 2"),
        ("a: b\r\n--- # x\r\nc: d\r\n", "a: b\r\n---\r\nn: 1\r\nm: 2\r\n--- # x\r\nc: d\r\n"),
        ("---\na: |\n  ---\n...\n", "---\na: |\n  ---\n---\nn: 1\nm: 2\n...\n"),
    ],
)
def test_where_a_document_is_added(text: str, expected: str) -> None:
    """Before the next border, with the line endings of the text; an indented border is text."""
    before = parse_all(text, "a.yaml")[0]
    assert isinstance(before, Mapping)
    after = spliced(text, [added_document(text, before, [("n: 1", "m: 2")])])
    assert expected == after
    assert len(parse_all(text, "a.yaml")) + 1 == len(parse_all(after, "a.yaml"))
