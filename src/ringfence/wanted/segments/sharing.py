"""Whether ``shares-with`` means what it says: it names owners, others than oneself, and reaches some of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ringfence.errors import Place, Problem
from ringfence.keyspace import SpanSet
from ringfence.model.names import RoleName
from ringfence.wanted.segments.division import claim
from ringfence.wanted.segments.grants import Granted
from ringfence.wanted.segments.owner import Owner


def misnamed(
    owners: Mapping[Owner, Sequence[Granted]], roles: Mapping[RoleName, Sequence[Granted]]
) -> Iterator[Problem]:
    """Every name under ``shares-with`` that has no effect.

    Args:
        owners: what each owner of a segment is granted.
        roles: what each role that owns nothing is granted.
    """
    claims = {str(owner): claim(grants) for owner, grants in owners.items()}
    for owner, grants in owners.items():
        yield from _of(grants, claims, owner)
    for grants in roles.values():
        yield from _of(grants, claims, None)


def _of(grants: Sequence[Granted], claims: Mapping[str, SpanSet], own: Owner | None) -> Iterator[Problem]:
    """The problems of one owner or role; grants of one place are one, since the name is written there once."""
    reached: dict[tuple[Place, str], bool] = {}
    for grant in grants:
        for name in grant.shares_with:
            here = bool(grant.keys & claims[name]) if name in claims else False
            reached[grant.place, name] = reached.get((grant.place, name), False) or here
    for (place, name), reaches in reached.items():
        if name == own:
            yield Problem(f"{own} cannot share with itself", place, "remove it from shares-with")
        elif name not in claims:
            known = ", ".join(sorted(claims)) or "nobody"
            what = f"shares-with names {name!r}, which is no component's identity"
            yield Problem(what, place, f"known here: {known}")
        elif not reaches:
            yield Problem(f"reaches nothing that belongs to {name}", place, f"remove {name} from shares-with")
