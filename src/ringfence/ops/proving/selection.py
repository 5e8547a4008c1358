"""Whom to try out: everybody, and of identities on many nodes that hold just the same roles a few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.model.names import RoleName, UserName
from ringfence.proof.sampling import sample
from ringfence.wanted.build import Identity, Wanted


@dataclass(frozen=True, slots=True)
class Selection:
    """Those to try, in the order of the spec, and for each of the others those who stand for it."""

    tried: tuple[Identity, ...]
    left: Mapping[UserName, tuple[UserName, ...]]


def select(wanted: Wanted) -> Selection:
    """The selection."""
    alike: dict[frozenset[RoleName], list[UserName]] = {}
    for identity in wanted.identities:
        if identity.node is not None:
            alike.setdefault(wanted.state.users[identity.user].roles, []).append(identity.user)
    left: dict[UserName, tuple[UserName, ...]] = {}
    for users in alike.values():
        chosen = tuple(map(UserName, sample(users)))
        left |= dict.fromkeys(set(users) - set(chosen), chosen)
    return Selection(tuple(one for one in wanted.identities if one.user not in left), left)
