"""Changing a YAML text in place: pieces are replaced at the offsets of nodes, and every other character stays.

The engine knows nothing of YAML; how a value is written, and where a new entry goes, is said in ``yamlio.entry``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """``text`` in the place of the characters ``[start, end)``; where these are none, it is put in between.

    The text may be a private key, so it is not shown.
    """

    start: int
    end: int
    text: str = field(repr=False)


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """``text`` with all splices applied at once; each speaks of offsets in ``text`` as it was.

    Raises:
        ValueError: a splice is not inside the text, two overlap, or two insert at the same offset.
    """
    ordered = sorted(splices)
    for splice in ordered:
        if not 0 <= splice.start <= splice.end <= len(text):
            raise ValueError(f"{splice} is not inside the text of {len(text)} characters")
    for one, other in pairwise(ordered):
        if other.start < one.end or (one.start, one.end) == (other.start, other.end):
            raise ValueError(f"{one} and {other} overlap")
    pieces = []
    done = 0
    for splice in ordered:
        pieces += [text[done : splice.start], splice.text]
        done = splice.end
    return "".join((*pieces, text[done:]))
