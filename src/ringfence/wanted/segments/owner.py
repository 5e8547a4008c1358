"""Whose a segment is."""

from __future__ import annotations

from typing import NewType

Owner = NewType("Owner", str)
"""The name of a segment: that of an identity, or of the family whose components share one (``calico``)."""
