"""Written YAML is readable, and is read back as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringfence.yamlio.dump import dump
from ringfence.yamlio.nodes import Mapping, parse


def test_lines_are_written_as_lines() -> None:
    """So that a certificate can be recognised."""
    assert "a: |\n  b\n  c\n" == dump({"a": "b\nc\n"})


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.just("\n")))
def test_any_text_is_read_back(text: str) -> None:
    """Also with spaces at the ends of lines, and with empty lines."""
    read = parse(dump({"a": text}), "a.yaml")
    assert isinstance(read, Mapping)
    assert text == read.text("a")
