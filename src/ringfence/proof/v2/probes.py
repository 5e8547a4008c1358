"""The probes of etcd's v2 API that one identity needs. Pure.

Every pattern that it may use is asked for as clients use it, and what it must not do is asked where a mistake would
show: beside each of its patterns, and in every pattern of each other owner. What must come back is computed from the
reach by etcd's own rules, so a pattern of an owner that an identity shares is expected to be open.

etcd refuses before it looks at the data. What is allowed it looks up, and of a tree, or of a directory with many keys,
it puts all together, whether the answer carries it or not. So what a pattern with a star allows is read at a path that
is not there, which the same pattern decides; only where a pattern without a star is all that allows it, at that path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringfence.model.probe import Verdict
from ringfence.model.probe_v2 import OperationV2, ProbeV2
from ringfence.model.v2 import Pattern, ReachV2

NOTHING_V2 = ReachV2()
"""The reach of somebody who may do nothing at all: of the guest, and of a name that is no user."""

ABSENT = "ringfence-probe"
"""What is put after the beginning of a pattern with a star: a key that nobody has."""

_ROOT = ("", "/")


def probes_v2(reach: ReachV2, segments: Iterable[Iterable[Pattern]], *, guest: bool = False) -> tuple[ProbeV2, ...]:
    """What to ask as an identity with this reach.

    Args:
        reach: the patterns by which it may read and write.
        segments: the patterns of each owner, its own included.
        guest: whether it is the guest, whose recursive requests etcd takes for such that are not.

    Returns:
        Each question once, with the answer that shows a fence.
    """
    mine = reach.read | reach.write
    patterns = [*sorted(mine), *(pattern for segment in segments for pattern in sorted(segment))]
    paths = dict.fromkeys(path for pattern in patterns for path in _paths(pattern))
    paths |= dict.fromkeys(path for pattern in sorted(mine) for path in _beside(pattern))
    paths |= dict.fromkeys(_ROOT)
    asked = (each for path in paths for kind in OperationV2 for each in _asked(reach, kind, path, guest=guest))
    return tuple(dict.fromkeys(asked))


def refused_at_the_door_v2() -> tuple[ProbeV2, ...]:
    """What to ask without a certificate of the cluster's authority: one read, and TLS must not let it through."""
    return (ProbeV2(OperationV2.READ, f"/{ABSENT}", Verdict.REFUSED_TLS),)


def _paths(pattern: Pattern) -> Iterator[str]:
    """Where a pattern begins, and with a star also below it."""
    if pattern.stem is None:
        yield pattern.text
        # The pair of a directory and a recursive request on it, which needs the slash and a pattern with a star.
        yield f"{pattern.text.rstrip('/')}/"
        yield f"{pattern.text.rstrip('/')}/{ABSENT}"
    elif pattern.stem.endswith("/"):
        yield from (pattern.stem, pattern.stem.rstrip("/"), f"{pattern.stem}{ABSENT}")
    elif pattern.stem:
        yield from (pattern.stem, f"{pattern.stem}{ABSENT}", f"{pattern.stem}/{ABSENT}")
    else:
        yield f"/{ABSENT}"


def _beside(pattern: Pattern) -> Iterator[str]:
    """Paths that begin alike and are not meant: one letter more in a name, and one letter less."""
    begins = (pattern.text if pattern.stem is None else pattern.stem).rstrip("/")
    if begins:
        yield from (f"{begins}-{ABSENT}", begins[:-1] if begins[:-1].endswith("/") else f"{begins[:-1]}/{ABSENT}")


def _asked(reach: ReachV2, kind: OperationV2, path: str, *, guest: bool) -> Iterator[ProbeV2]:
    """The question about a path, or instead of a read that would find data, the one about a path below."""
    expected = _expected(reach, kind, path, guest=guest)
    if kind.writes or expected is Verdict.DENIED or path.endswith(ABSENT):
        yield ProbeV2(kind, path, expected)
    elif any(pattern.matches_tree(path) for pattern in reach.read):
        yield ProbeV2(kind, f"{path.removesuffix('/')}/{ABSENT}", expected)
    elif not kind.recursive:
        yield ProbeV2(kind, path, expected)


def _expected(reach: ReachV2, kind: OperationV2, path: str, *, guest: bool) -> Verdict:
    patterns = reach.write if kind.writes else reach.read
    if kind.recursive and not guest:
        may = any(pattern.matches_tree(path) for pattern in patterns)
    else:
        may = any(pattern.matches(path) for pattern in patterns)
    return Verdict.ALLOWED if may else Verdict.DENIED
