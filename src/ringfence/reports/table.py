"""Columns of text, aligned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(rows: Iterable[Sequence[str]], *, indent: str = "") -> str:
    """The rows with each column as wide as its widest cell, two spaces between, no space at the end of a line."""
    rows = [tuple(row) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join((indent + line).rstrip() for line in lines)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """``1 probe``, ``2 probes``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
