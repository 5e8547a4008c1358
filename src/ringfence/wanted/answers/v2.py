"""Answers about the v2 store: who may do what, by the spec or by what is stored, and where each pattern is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ringfence.errors import InputError, Place
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.v2 import GUEST, Pattern, StateV2
from ringfence.rules.question import nearest
from ringfence.rules.v2.decisions import Decision2, Ground, decide, who_can
from ringfence.rules.v2.requests import Request2
from ringfence.spec.shape import OwnComponent, Spec
from ringfence.wanted.v2.wanted import WantedV2

_GUEST_WORDS = frozenset({"guest", GUEST})


@dataclass(frozen=True, slots=True)
class SourceV2:
    """What answers rest on.

    Args:
        state: users and roles.
        places: where the patterns of a role are written; a pattern that is not there has the place of its role (None).
        live: whether the users and roles are those of the cluster.
    """

    state: StateV2
    places: Mapping[tuple[RoleName, Pattern | None], Place]
    live: bool

    def place(self, ground: Ground) -> Place | None:
        """Where a pattern is written that the spec gives to the role, None where it does not."""
        return self.places.get((ground.role, ground.pattern))


@dataclass(frozen=True, slots=True)
class AnsweredV2:
    """What somebody gets for one request; ``user`` is None for the guest.

    ``by_slash`` tells that the same would be allowed with a slash at the end of the path.
    """

    user: UserName | None
    request: Request2
    decision: Decision2
    source: SourceV2
    by_slash: bool = False

    @property
    def name(self) -> str:
        """Who, for people."""
        return GUEST if self.user is None else self.user


def from_spec_v2(spec: Spec, wanted: WantedV2 | None) -> SourceV2:
    """What the spec asks for.

    Raises:
        InputError: the spec is not for v2.
    """
    if wanted is None:
        hint = "say cluster.api: [v2, v3] in it, or ask about v3: --api v3"
        raise InputError.of("the spec is for etcd v3 alone", place=spec.cluster.place, hint=hint)
    return SourceV2(wanted.state, _places(spec, wanted), live=False)


def from_cluster_v2(state: StateV2, spec: Spec, wanted: WantedV2 | None) -> SourceV2:
    """What is stored in etcd; the spec still tells where a pattern is written that is the same in both."""
    return SourceV2(state, {} if wanted is None else _places(spec, wanted), live=True)


def can_v2(source: SourceV2, name: str, request: Request2) -> AnsweredV2:
    """What somebody gets for ``request``.

    Args:
        source: users and roles.
        name: a user, or ``guest`` for whoever is none.
        request: what is asked.

    Raises:
        InputError: there is no such user.
    """
    return _answered(source, known_v2(source, name), request)


def who_v2(source: SourceV2, request: Request2) -> tuple[AnsweredV2, ...]:
    """Everybody who gets all of ``request`` or a part of its tree, by name, the guest last."""
    found = who_can(source.state, request)
    return tuple(AnsweredV2(user, request, decision, source) for user, decision in found.items())


def grounds_v2(source: SourceV2, user: UserName | None) -> Iterator[Ground]:
    """Every pattern that somebody has, role by role."""
    for role in source.state.roles_of(user):
        for access, patterns in ((Access.READ, role.read), (Access.WRITE, role.write)):
            yield from (Ground(role.name, access, pattern) for pattern in sorted(patterns))


def known_v2(source: SourceV2, name: str) -> UserName | None:
    """The user of that name, or None for the guest.

    Raises:
        InputError: neither of them, with the nearest name there is.
    """
    users = source.state.users
    if UserName(name) in users:
        return UserName(name)
    if name in _GUEST_WORDS:
        return None
    where = "the cluster" if source.live else "the spec"
    near = nearest(name, users)
    hint = f"did you mean {near}?" if near else f"users: {', '.join(sorted(users)[:10]) or 'none'}"
    raise InputError.of(f"{name!r} is no v2 user of {where}", hint=f"{hint}; who is none is the guest: --as guest")


def _answered(source: SourceV2, user: UserName | None, request: Request2) -> AnsweredV2:
    decision = decide(source.state, user, request)
    slashed = replace(request, path=f"{request.path}/")
    by_slash = not decision.allowed and not request.path.endswith("/") and decide(source.state, user, slashed).allowed
    return AnsweredV2(user, request, decision, source, by_slash)


def _places(spec: Spec, wanted: WantedV2) -> dict[tuple[RoleName, Pattern | None], Place]:
    places: dict[tuple[RoleName, Pattern | None], Place] = {}
    for identity in wanted.identities:
        for pattern in identity.reach.read | identity.reach.write:
            places[RoleName(identity.user), pattern] = identity.place
    for component in spec.components:
        if isinstance(component, OwnComponent):
            for grant in component.patterns:
                places[RoleName(component.identity), grant.pattern] = grant.place
    return places
