"""Sets of v2 patterns compared by what they match, so that nobody has to try paths.

Paths have no last letter, so no number of longer patterns makes up for a shorter one with a star: a pattern is covered
by a set if and only if one of the set covers it alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.model.v2 import Pattern


def covers(one: Pattern, other: Pattern) -> bool:
    """Whether ``one`` allows each request that ``other`` allows."""
    if other.stem is None:
        return one.matches(other.text)
    return one.stem is not None and other.stem.startswith(one.stem)


def covered(patterns: Iterable[Pattern], by: Iterable[Pattern]) -> bool:
    """Whether ``by`` allows each request that some of ``patterns`` allows."""
    cover = frozenset(by)
    return all(each in cover or any(covers(one, each) for one in cover) for each in patterns)


def common(one: Iterable[Pattern], other: Iterable[Pattern]) -> frozenset[Pattern]:
    """Patterns that allow just the requests that both sets allow."""
    rest = frozenset(other)
    pairs = ((here, there) for here in one for there in rest)
    return frozenset(
        narrower
        for here, there in pairs
        for narrower, wider in ((here, there), (there, here))
        if covers(wider, narrower)
    )
