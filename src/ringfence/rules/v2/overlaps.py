"""Whether the holders of two patterns can meet in the tree of keys.

That a path is matched by both is not all of it. Who may read a directory sees the values right below it; and who may
write a directory can give it a time to live, and with it everything below it ends (``PUT`` with ``dir=true``,
``prevExist=true`` and ``ttl``: done by etcd 3.4.23, refused by 3.5.1 as "not a file"). So a pattern on a directory,
with or without a slash at its end, reaches what is below it, whether it has a star or not.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.v2 import Pattern


@dataclass(frozen=True, slots=True)
class _Region:
    """Paths: all that begin with ``beginning``, and one more."""

    beginning: str
    one: str | None

    def holds(self, path: str) -> bool:
        return path == self.one or path.startswith(self.beginning)

    def meets(self, other: _Region) -> bool:
        ours, theirs = self.beginning, other.beginning
        return (
            ours.startswith(theirs)
            or theirs.startswith(ours)
            or (self.one is not None and other.holds(self.one))
            or (other.one is not None and self.holds(other.one))
        )


def overlap(one: Pattern, other: Pattern) -> bool:
    """Whether a key, or a directory, is within reach of both patterns."""
    return _region(one).meets(_region(other))


def reaches(pattern: Pattern, key: str) -> bool:
    """Whether a key, named without a slash at its end, is within reach of a pattern."""
    return _region(pattern).holds(key)


def _region(pattern: Pattern) -> _Region:
    if pattern.stem is None:
        node = pattern.text.rstrip("/")
        return _Region(f"{node}/", node)
    # "/calico/*" matches "/calico/", which is the directory /calico itself.
    return _Region(pattern.stem, pattern.stem[:-1] if pattern.stem.endswith("/") else None)
