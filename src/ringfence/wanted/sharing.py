"""Whether ``shares-with`` means what it says: it names owners, others than oneself, and reaches some of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ringfence.errors import Problem
from ringfence.keyspace import SpanSet
from ringfence.model.names import RoleName, UserName
from ringfence.wanted.grants import Granted
from ringfence.wanted.segments import claim


def misnamed(
    owners: Mapping[UserName, Sequence[Granted]], roles: Mapping[RoleName, Sequence[Granted]]
) -> Iterator[Problem]:
    """Every name under ``shares-with`` that has no effect.

    Args:
        owners: what each owner of a segment is granted.
        roles: what each role that owns nothing is granted.
    """
    claims = {str(owner): claim(grants) for owner, grants in owners.items()}
    for owner, grants in owners.items():
        for grant in grants:
            yield from _of_grant(grant, claims, owner)
    for grants in roles.values():
        for grant in grants:
            yield from _of_grant(grant, claims, None)


def _of_grant(grant: Granted, claims: Mapping[str, SpanSet], own: UserName | None) -> Iterator[Problem]:
    for name in grant.shares_with:
        if name == own:
            yield Problem(f"{own} cannot share with itself", grant.place, "remove it from shares-with")
        elif name not in claims:
            known = ", ".join(sorted(claims)) or "nobody"
            what = f"shares-with names {name!r}, which is no component's identity"
            yield Problem(what, grant.place, f"known here: {known}")
        elif not grant.keys & claims[name]:
            yield Problem(f"reaches nothing that belongs to {name}", grant.place, f"remove {name} from shares-with")
