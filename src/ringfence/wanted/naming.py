"""Many names in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 3


def some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")
