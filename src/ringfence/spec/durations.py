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
    form = _FORM.fullmatch(written)
    if form is None:
        cursor.problem(
            f"{shown(written)} is not a duration", "write a whole number and m, h, d, w or y, for example 90d"
        )
        return None
    amount = int(form[1])
    if amount == 0:
        cursor.problem(f"{written} is no time at all", "write at least 1m")
        return None
    if amount > LONGEST / _UNITS[form[2]]:
        cursor.problem(f"{written} is longer than 100 years", "write at most 100y")
        return None
    return amount * _UNITS[form[2]]
