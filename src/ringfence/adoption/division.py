"""Whose keys are whose, so that no key has two owners and everybody who reaches into another's keys says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ringfence.keyspace import Span, SpanSet
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role


@dataclass(frozen=True, slots=True)
class Written:
    """A grant as the spec will have it."""

    access: Access
    span: Span
    shares_with: tuple[str, ...] = ()


class Division:
    """The owners so far, and their keys."""

    def __init__(self) -> None:
        self._claims: dict[str, SpanSet] = {}

    @property
    def owners(self) -> frozenset[str]:
        """The names of all owners."""
        return frozenset(self._claims)

    def is_free(self, keys: SpanSet) -> bool:
        """Whether nobody owns any of ``keys``."""
        return not any(keys & claim for claim in self._claims.values())

    def give(self, owner: str, keys: SpanSet) -> None:
        """Make ``owner`` the owner of ``keys``, which must be free."""
        self._claims[owner] = keys

    def owned(self, keys: SpanSet) -> SpanSet:
        """Those of ``keys`` that somebody owns."""
        return SpanSet(span for claim in self._claims.values() for span in keys & claim)

    def has_own_keys(self, role: Role) -> bool:
        """Whether a role writes, reaches keys that are free, and nothing without end."""
        reach = role.reach
        every = reach.read | reach.write
        return bool(reach.write and every - self.owned(every)) and all(span.end is not None for span in every)

    def settle(self, owner: str, role: Role) -> tuple[Written, ...]:
        """Give a new owner what is free of its role's keys; the grants that say so, cut where keys are another's."""
        written: list[Written] = []
        for access, span in stored(role):
            keys = SpanSet([span])
            free = keys - self.owned(keys)
            if free == keys:
                written.append(Written(access, span))
                continue
            for name, claim in self._claims.items():
                written += (Written(access, piece, (name,)) for piece in keys & claim)
            written += (Written(access, piece) for piece in free)
        every = role.reach.read | role.reach.write
        self.give(owner, every - self.owned(every))
        return tuple(written)

    def visit(self, role: Role) -> Iterator[Written]:
        """The grants of a role that owns nothing."""
        for access, span in stored(role):
            keys = SpanSet([span])
            yield Written(access, span, tuple(sorted(name for name, claim in self._claims.items() if keys & claim)))


def stored(role: Role) -> Iterator[tuple[Access, Span]]:
    """What a role allows, a span once each, in the order of keys; what holds no key is left out."""
    joined: dict[Span, Access] = {}
    for (key, end), access in role.access.items():
        span = Permission(access, key, end).span
        if span:
            joined[span] = joined[span] | access if span in joined else access
    ordered: Mapping[Span, Access] = dict(sorted(joined.items(), key=lambda item: _ends(item[0])))
    yield from ((access, span) for span, access in ordered.items())


def _ends(span: Span) -> tuple[bytes, bool, bytes]:
    return span.start, span.end is None, span.end or b""
