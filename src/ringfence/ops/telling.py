"""Who is told how far a verb is, and what is worth knowing on the way."""

from __future__ import annotations

from collections.abc import Callable

Advance = Callable[[int, int], None]
"""Told how many steps are over, and how many there are."""

Tell = Callable[[str], None]
"""Told what is worth knowing, a sentence."""
