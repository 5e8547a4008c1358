"""Columns and counts."""

from __future__ import annotations

import pytest

from ringfence.reports.table import counted, table


def test_table() -> None:
    """Each column is as wide as its widest cell, and no line ends in a space."""
    assert "NAME  KEYS\na     /a/*\nlong  -" == table([("NAME", "KEYS"), ("a", "/a/*"), ("long", "-")])
    assert "  a\n  bb" == table([("a", ""), ("bb", "")], indent="  ")


def test_rows_of_different_length_are_a_bug() -> None:
    """A cell that is missing is not made up."""
    with pytest.raises(ValueError, match="zip"):
        table([("a", "b"), ("c",)])


@pytest.mark.parametrize(
    ("number", "noun", "plural", "expected"),
    [
        (0, "probe", None, "0 probes"),
        (1, "probe", None, "1 probe"),
        (2, "probe", None, "2 probes"),
        (1234, "identity", "identities", "1,234 identities"),
    ],
)
def test_counted(number: int, noun: str, plural: str | None, expected: str) -> None:
    """One is singular, everything else plural, thousands are set off."""
    assert expected == counted(number, noun, plural)
