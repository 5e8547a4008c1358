"""Which of many nodes stand for all, where their identities hold just the same roles.

etcd answers from a user's roles and never from its name, so one would do; what could still go wrong lies in the names:
where they are cut off, compared or sorted. So the ones that are taken are at the ends and alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

MOST = 8
"""Names that are taken of one set."""


def sample(names: Sequence[str], most: int = MOST) -> tuple[str, ...]:
    """At most so many of ``names``, in their order: the first, the last, the shortest and the longest, and then such
    as begin with all of another one.

    Args:
        names: distinct.
        most: how many, at least four.
    """
    if len(names) <= most:
        return tuple(names)
    ends = (names[0], names[-1], min(names, key=len), max(names, key=len))
    chosen: set[str] = set()
    for name in chain(ends, _beginnings(names), names):
        if len(chosen) == most:
            break
        chosen.add(name)
    return tuple(name for name in names if name in chosen)


def _beginnings(names: Sequence[str]) -> Iterator[str]:
    """Pairs of names of which the first is the beginning of the second: such stand side by side when sorted."""
    for one, other in pairwise(sorted(names)):
        if other.startswith(one):
            yield one
            yield other
