"""What a proof of either store of etcd tells, one line each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """An answer that was not the expected one.

    ``key`` is a key, a span or, where ``api`` is v2, a path or a pattern.
    """

    identity: str
    member: str
    operation: str
    key: str
    expected: str
    observed: str
    api: str = "v3"


@dataclass(frozen=True, slots=True)
class Unproven:
    """An identity that could not be tried out in the store of ``api``, and why."""

    identity: str
    why: str
    api: str = "v3"


@dataclass(frozen=True, slots=True)
class Revision:
    """The count of changes of a store before and after; probes make none, so the difference is the work of others.

    In v3 it is the revision of the data, in v2 the index of the store.
    """

    before: int
    after: int

    @property
    def others(self) -> int:
        """How many changes other clients made in between."""
        return self.after - self.before
