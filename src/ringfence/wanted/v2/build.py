"""What should be in etcd's v2 store: its users, its roles of patterns, and whose paths are whose.

The users are named as those of v3 would be and log in with the same certificates, so a component that has data in both
stores is one identity with a user in each. Beside them there are root, and the role of the guest with nothing in it:
without it etcd makes one that may do everything when auth is switched on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ringfence.catalog.catalog import Catalog
from ringfence.errors import Place, Problem
from ringfence.keyspace import SpanSet
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName
from ringfence.model.state import Login, User
from ringfence.model.v2 import GUEST_ROLE, PatternRole, StateV2
from ringfence.spec.shape import Spec
from ringfence.wanted.segments.division import divide
from ringfence.wanted.segments.grants import Granted
from ringfence.wanted.segments.owner import Owner
from ringfence.wanted.segments.sharing import misnamed
from ringfence.wanted.v2.components import Given, collect
from ringfence.wanted.v2.notes import narrow, wide
from ringfence.wanted.v2.paths import region
from ringfence.wanted.v2.wanted import IdentityV2, SegmentV2, WantedV2


def examine_v2(spec: Spec, catalog: Catalog, *, whole: bool = True) -> tuple[WantedV2 | None, tuple[Problem, ...]]:
    """What is wanted in v2, None where ``cluster.api`` does not have it, and what is wrong with it.

    Args:
        spec: the spec.
        catalog: what the components of the catalog need.
        whole: whether nothing was left out of the spec when it was read; see ``build.examine``.
    """
    if not spec.cluster.has_v2:
        return None, ()
    found = collect(spec, catalog)
    granted = {owner: [each.granted for each in given] for owner, given in found.owners.items()}
    _, overlaps = divide(granted)
    problems = (
        *_unusable(found.identities),
        *(misnamed(granted, {}) if whole else ()),
        *(replace(each, hint=_narrower(each.hint)) for each in _one_a_place(overlaps)),
    )
    wanted = WantedV2(
        state=_state(found.identities),
        identities=tuple(found.identities),
        segments=_segments(found.owners, granted),
        notes=(*dict.fromkeys(found.notes), *wide(spec), *narrow(spec)),
    )
    return wanted, problems


def _unusable(identities: Iterable[IdentityV2]) -> Iterator[Problem]:
    """Names that are something else in v2 than in v3."""
    for identity in identities:
        if RoleName(identity.user) == GUEST_ROLE:
            what, hint = "the role guest is everybody's in etcd v2", "give the component another name"
            yield Problem(what, identity.place, hint)
        elif identity.user.startswith("_"):  # v2store hides such names, and users and roles are keys to it
            what = "etcd v2 lists no user whose name begins with _"
            yield Problem(what, identity.place, "name it otherwise, so that it can be planned and proved")


def _state(identities: Iterable[IdentityV2]) -> StateV2:
    """Root, the guest who may do nothing, and a user and a role for each identity; the role root is built in."""
    users = [User(ROOT_USER, frozenset({ROOT_ROLE}), Login.CERTIFICATE)]
    roles = [PatternRole(GUEST_ROLE)]
    for identity in identities:
        name = RoleName(identity.user)
        users.append(User(identity.user, frozenset({name}), Login.CERTIFICATE))
        roles.append(PatternRole(name, identity.reach.read, identity.reach.write))
    return StateV2.of(users, roles)


def _segments(
    owners: Mapping[Owner, Sequence[Given]], granted: Mapping[Owner, Sequence[Granted]]
) -> tuple[SegmentV2, ...]:
    """The patterns of each owner, less those that lie in what others hold and share with it."""
    claims = {
        owner: SpanSet(span for each in grants if not each.shares_with for span in each.keys)
        for owner, grants in granted.items()
    }

    def is_own(owner: Owner, given: Given) -> bool:
        foreign = SpanSet(
            span for name in given.shares_with if name != owner for span in claims.get(Owner(name), SpanSet())
        )
        return bool(region(given.pattern) - foreign)

    return tuple(
        SegmentV2(owner, frozenset(each.pattern for each in given if is_own(owner, each)))
        for owner, given in owners.items()
    )


def _one_a_place(problems: Iterable[Problem]) -> Iterable[Problem]:
    """The first of each place: a directory and what is below it are two spans of one pattern."""
    first: dict[Place | None, Problem] = {}
    for problem in problems:
        first.setdefault(problem.place, problem)
    return first.values()


def _narrower(hint: str | None) -> str | None:
    """The hint about overlapping keys, without what patterns do not have."""
    return None if hint is None else hint.replace("narrow one of them with except", "narrow one of them")
