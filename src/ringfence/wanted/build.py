"""From a spec to everything that should be: the state of etcd, who is who, and whose keys are whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringfence.catalog.entry import Catalog
from ringfence.errors import Place, Problem, SpecError
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Permission
from ringfence.model.state import Login, Reach, Role, State, User
from ringfence.spec.shape import Spec
from ringfence.wanted.compaction import compaction_problems
from ringfence.wanted.grants import Granted, Origin, origin, permissions
from ringfence.wanted.needs import granted_to, label, written
from ringfence.wanted.segments import Segment, divide, trespasses
from ringfence.wanted.sharing import misnamed


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody who logs in, other than root: a component, or a user of the spec.

    ``label`` says what it is (``kube-apiserver``, ``calico``, ``own component``, ``user``); ``reach`` is what all of
    its roles together allow.
    """

    user: UserName
    label: str
    login: Login
    reach: Reach
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What should be. ``origins`` tells of each permission of each role where it comes from."""

    state: State
    identities: tuple[Identity, ...]
    segments: tuple[Segment, ...]
    origins: Mapping[tuple[RoleName, Permission], Origin]


def build(spec: Spec, catalog: Catalog) -> Wanted:
    """What ``spec`` asks for.

    Raises:
        SpecError: segments overlap, a role reaches into one without saying so, or etcd cannot give what a component
            asks for; all such problems at once.
    """
    wanted, problems = examine(spec, catalog, whole=True)
    if problems:
        raise SpecError(*problems)
    return wanted


def examine(spec: Spec, catalog: Catalog, *, whole: bool) -> tuple[Wanted, tuple[Problem, ...]]:
    """Like ``build``, but the problems are returned, so that they can be reported with those of the file itself.

    Args:
        spec: the spec.
        catalog: what the components of the catalog need.
        whole: whether nothing was left out of the spec when it was read; otherwise nobody is told that a name or a
            key is missing, since it may be among what was left out.
    """
    components = {component.identity: granted_to(component, catalog) for component in spec.components}
    roles = {entry.name: written(entry.grants) for entry in spec.roles}
    segments, overlaps = divide(components)
    problems = (
        *(misnamed(components, roles) if whole else ()),
        *overlaps,
        *trespasses(roles, segments),
        *compaction_problems(spec),
    )
    granted = {**{RoleName(user): grants for user, grants in components.items()}, **roles}
    state = _state(spec, granted)
    origins = {
        (role.name, permission): origin(permission, granted[role.name])
        for role in state.roles.values()
        for permission in role.permissions
    }
    return Wanted(state=state, identities=_identities(spec, state), segments=segments, origins=origins), problems


def _state(spec: Spec, granted: Mapping[RoleName, Sequence[Granted]]) -> State:
    """Root, a user and a role of one name for each component, and the users and roles of the spec."""
    users = [User(ROOT_USER, frozenset({ROOT_ROLE}), Login.CERTIFICATE)]
    users += (
        User(component.identity, frozenset({RoleName(component.identity)}), Login.CERTIFICATE)
        for component in spec.components
    )
    users += (User(entry.name, frozenset(entry.roles), entry.login) for entry in spec.users)
    return State.of(users, [Role(ROOT_ROLE), *(Role(name, permissions(grants)) for name, grants in granted.items())])


def _identities(spec: Spec, state: State) -> tuple[Identity, ...]:
    labelled = [(component.identity, label(component), component.place) for component in spec.components]
    labelled += [(entry.name, "user", entry.place) for entry in spec.users]
    return tuple(
        Identity(user=user, label=kind, login=state.users[user].login, reach=state.reach(user), place=place)
        for user, kind, place in labelled
    )
