"""From a spec to everything that should be: the state of etcd, who is who, and whose keys are whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringfence.catalog.catalog import Catalog
from ringfence.errors import Place, Problem, SpecError
from ringfence.model.names import ROOT_ROLE, ROOT_USER, NodeName, RoleName, UserName
from ringfence.model.permission import Permission
from ringfence.model.probe import Example
from ringfence.model.state import Login, Reach, Role, State, User
from ringfence.spec.shape import PasswordSource, Spec
from ringfence.wanted.components.compaction import compaction_problems
from ringfence.wanted.components.costs import NodeCosts, node_costs
from ringfence.wanted.components.needs import written
from ringfence.wanted.components.part import Certified, Part
from ringfence.wanted.components.parts import collect
from ringfence.wanted.components.stores import store_problems
from ringfence.wanted.naming import some
from ringfence.wanted.segments.division import Segment, divide, trespasses
from ringfence.wanted.segments.grants import Granted, Origin, Origins, permissions
from ringfence.wanted.segments.owner import Owner
from ringfence.wanted.segments.sharing import misnamed
from ringfence.wanted.v2.build import examine_v2
from ringfence.wanted.v2.wanted import WantedV2


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody who logs in, other than root: a component, or a user of the spec.

    Args:
        user: its name in etcd.
        label: what it is: a component of the catalog (``calico/node``), ``own component``, ``preset NAME``,
            ``compactor`` or ``user``.
        owner: the segment that it belongs to, of which it may reach a part only; None for a user.
        login: how it logs in.
        password: where its password stands, for ``Login.PASSWORD``.
        node: the node that it is of; None where it is of none, or of all.
        certificates: what it logs in with, for ``Login.CERTIFICATE``: one, or one for each node.
        reach: what all of its roles together allow.
        examples: keys as the real program uses them, and exactly what it may do with each.
        place: where it is written.
    """

    user: UserName
    label: str
    owner: Owner | None
    login: Login
    password: PasswordSource | None
    node: NodeName | None
    certificates: tuple[Certified, ...]
    reach: Reach
    examples: tuple[Example, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What should be.

    ``origins`` tells of each permission of each role where it comes from; ``notes`` what the catalog says of the
    components, and of their releases; ``costs`` what identities by node cost, None where there are none. All of that
    is about etcd v3; ``v2`` is what should be in the other store, None where that is not ringfence's business.
    """

    state: State
    identities: tuple[Identity, ...]
    segments: tuple[Segment, ...]
    origins: Mapping[tuple[RoleName, Permission], Origin]
    notes: tuple[str, ...] = ()
    costs: NodeCosts | None = None
    v2: WantedV2 | None = None


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
    found = collect(spec, catalog)
    whole = whole and not found.problems
    owners: Mapping[Owner, Sequence[Granted]] = found.owners
    roles = {entry.name: written(entry.grants) for entry in spec.roles}
    segments, overlaps = divide(owners)
    v2, problems_v2 = examine_v2(spec, catalog, whole=whole)
    problems = (
        *found.problems,
        *store_problems(spec, catalog),
        *(misnamed(owners, roles) if whole else ()),
        *overlaps,
        *trespasses(roles, segments),
        *compaction_problems(spec),
        *problems_v2,
    )
    granted = {**found.roles, **roles}
    state = _state(spec, found.parts, granted)
    wanted = Wanted(
        state=state,
        identities=_identities(spec, found.parts, state),
        segments=segments,
        origins=Origins(state, granted),
        notes=_notes(found.parts),
        costs=None if found.problems else node_costs(spec, state, catalog),
        v2=v2,
    )
    return wanted, problems


def _state(spec: Spec, parts: Sequence[Part], granted: Mapping[RoleName, Sequence[Granted]]) -> State:
    """Root, a user for each identity of a component, the roles that these hold, and the users and roles of the spec."""
    users = [User(ROOT_USER, frozenset({ROOT_ROLE}), Login.CERTIFICATE)]
    for part in parts:
        held = frozenset(part.roles)
        users.append(User(part.identity, held | {ROOT_ROLE} if part.takes_root else held, part.login))
    users += (User(entry.name, frozenset(entry.roles), entry.login) for entry in spec.users)
    return State.of(users, [Role(ROOT_ROLE), *(Role(name, permissions(grants)) for name, grants in granted.items())])


def _notes(parts: Sequence[Part]) -> tuple[str, ...]:
    """The notes and remarks of all parts, each once; a remark names everybody whom it is about."""
    about: dict[str, list[str]] = {}
    for part in parts:
        for remark in part.remarks:
            about.setdefault(remark, []).append(part.identity)
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    return (*notes, *(f"{some(names)}: {remark}" for remark, names in about.items()))


def _identities(spec: Spec, parts: Sequence[Part], state: State) -> tuple[Identity, ...]:
    reaches: dict[frozenset[RoleName], Reach] = {}

    def reach(user: UserName) -> Reach:
        """Whoever holds the same roles has the same reach, and the same value of it."""
        held = state.users[user].roles
        if held not in reaches:
            reaches[held] = state.reach(user)
        return reaches[held]

    of_parts = (
        Identity(
            user=part.identity,
            label=part.label,
            owner=part.owner,
            login=part.login,
            password=part.password,
            node=part.node,
            certificates=part.certificates or (Certified(part.identity),),
            reach=reach(part.identity),
            examples=part.examples,
            place=part.place,
        )
        for part in parts
    )
    of_users = (
        Identity(
            user=entry.name,
            label="user",
            owner=None,
            login=entry.login,
            password=None,
            node=None,
            certificates=(Certified(entry.name),),
            reach=reach(entry.name),
            examples=(),
            place=entry.place,
        )
        for entry in spec.users
    )
    return (*of_parts, *of_users)
