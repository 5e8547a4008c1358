"""What each component, and each role of the spec, is given: the operator's grants, or the catalog's needs."""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.catalog.entry import Need
from ringfence.errors import Place
from ringfence.keyspace import SpanSet
from ringfence.spec.shape import Grant
from ringfence.wanted.segments.grants import Granted


def written(grants: Iterable[Grant]) -> tuple[Granted, ...]:
    """The grants that stand in the spec, less what they except."""
    return tuple(
        Granted(
            access=grant.access,
            keys=SpanSet([grant.span]) - SpanSet(grant.exclude) if grant.exclude else SpanSet([grant.span]),
            shares_with=grant.shares_with,
            place=grant.place,
            reason="granted in the spec",
        )
        for grant in grants
    )


def needed(needs: Iterable[Need], place: Place, shares_with: tuple[str, ...] = ()) -> tuple[Granted, ...]:
    """What the catalog says a component needs, on behalf of a place in the spec."""
    return tuple(
        Granted(access=need.access, keys=SpanSet([need.span]), shares_with=shares_with, place=place, reason=need.reason)
        for need in needs
    )
