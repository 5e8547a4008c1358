"""Lengths of time as the spec writes them: ``90d``, ``12h``, ``10y``."""

from __future__ import annotations

import re
from datetime import timedelta

from ringfence.spec.reader import Cursor, shown

_FORM = re.compile(r"([0-9]{1,9})(m|h|d|w|y)")
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
LONGEST = timedelta(days=100 * 365)
"""A certificate that outlives this is a slip of the pen; X.509 itself ends in the year 9999."""


def read_duration(cursor: Cursor) -> timedelta | None:
    """The duration written at ``cursor``: a whole number and one of m, h, d, w, y (365 days)."""
    written = cursor.text()
    if written is None:
        return None
    found = duration(written)
    if isinstance(found, timedelta):
        return found
    cursor.problem(*found)
    return None


def duration(written: str) -> timedelta | tuple[str, str]:
    """The duration that a text says, or what is wrong with it and a hint."""
    form = _FORM.fullmatch(written)
    if form is None:
        return f"{shown(written)} is not a duration", "write a whole number and m, h, d, w or y, for example 90d"
    amount = int(form[1])
    if amount == 0:
        return f"{written} is no time at all", "write at least 1m"
    if amount > LONGEST / _UNITS[form[2]]:
        return f"{written} is longer than 100 years", "write at most 100y"
    return amount * _UNITS[form[2]]
