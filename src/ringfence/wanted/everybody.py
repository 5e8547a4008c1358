"""All identities in a list that a person can read: those of thousands of nodes are one entry."""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.model.names import UserName
from ringfence.wanted.build import Identity, Wanted


def everybody(identities: Iterable[Identity]) -> tuple[str, ...]:
    """``NAME (component)`` for each; the first of a component's nodes stands for the others."""
    gathered: dict[tuple[str, UserName | None], list[UserName]] = {}
    for identity in identities:
        key = (identity.label, None if identity.node is not None else identity.user)
        gathered.setdefault(key, []).append(identity.user)
    return tuple(
        f"{users[0]} ({label})" if len(users) == 1 else f"{users[0]} and {len(users) - 1:,} more ({label})"
        for (label, _), users in gathered.items()
    )


def everybody_in_v2(wanted: Wanted) -> tuple[str, ...]:
    """The same of those who log in to v2."""
    identities = () if wanted.v2 is None else wanted.v2.identities
    return tuple(f"{identity.user} ({identity.label})" for identity in identities)
