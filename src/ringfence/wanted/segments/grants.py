"""From grants to the fewest permissions that allow exactly the same.

etcd answers from the union of a role's permissions, one union for reading and one for writing, so only the two unions
matter. Each of their unbroken stretches needs a permission of its own, and a stretch that both have needs only one:
there is no smaller list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ringfence.errors import Place
from ringfence.keyspace import SpanSet
from ringfence.model.names import RoleName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Keys that somebody is given, on behalf of a place in the spec.

    ``shares_with`` are the owners whose segments the keys may lie in.
    """

    access: Access
    keys: SpanSet
    shares_with: tuple[str, ...]
    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a permission comes from: the place in the spec, and why."""

    place: Place
    reason: str


class Origins(Mapping[tuple[RoleName, Permission], Origin]):
    """Where each permission of each role comes from; looked for when somebody asks, for few of many are asked for."""

    def __init__(self, state: State, granted: Mapping[RoleName, Sequence[Granted]]) -> None:
        self._state = state
        self._granted = granted

    def __getitem__(self, asked: tuple[RoleName, Permission]) -> Origin:
        name, permission = asked
        if permission not in self._state.roles[name].permissions:
            raise KeyError(asked)
        return origin(permission, self._granted[name])

    def __iter__(self) -> Iterator[tuple[RoleName, Permission]]:
        return ((role.name, permission) for role in self._state.roles.values() for permission in role.permissions)

    def __len__(self) -> int:
        return sum(len(role.permissions) for role in self._state.roles.values())


def permissions(grants: Sequence[Granted]) -> tuple[Permission, ...]:
    """The shortest list of permissions, in the order of their keys, that allows what all ``grants`` together allow."""
    read = SpanSet(span for grant in grants if grant.access.reads for span in grant.keys)
    write = SpanSet(span for grant in grants if grant.access.writes for span in grant.keys)
    found = [Permission.on_span(Access.READWRITE if read.covers(span) else Access.WRITE, span) for span in write]
    both = set(write.spans)
    found += (Permission.on_span(Access.READ, span) for span in read if span not in both)
    return tuple(sorted(found, key=lambda permission: (permission.span.start, permission.range_end)))


def origin(permission: Permission, grants: Iterable[Granted]) -> Origin:
    """The first of ``grants`` that asked for keys of ``permission``, with the reasons of all that did."""
    asked = [grant for grant in grants if _meets(grant, permission)]
    reasons = dict.fromkeys(grant.reason for grant in asked if grant.reason)
    return Origin(asked[0].place, "; ".join(reasons))


def _meets(grant: Granted, permission: Permission) -> bool:
    if grant.access.reads and not grant.access.writes and not permission.access.reads:
        return False
    if grant.access.writes and not grant.access.reads and not permission.access.writes:
        return False
    return any(span.overlaps(permission.span) for span in grant.keys)
