"""What each of the three ways costs in which Calico's identities can differ from node to node, and what it protects.

All three are worked out whichever the spec chooses, so that the choice can be made with figures. Nodes differ in their
names only, so one of them stands for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringfence.catalog.catalog import Catalog
from ringfence.keyspace import SpanSet
from ringfence.model.permission import Permission
from ringfence.model.state import Reach, State
from ringfence.spec.shape import Calico, NodeIdentity, Spec
from ringfence.wanted.components.calico import Cataloged
from ringfence.wanted.components.needs import needed
from ringfence.wanted.segments.grants import permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One way, for the whole spec.

    Args:
        way: the way.
        certificates: those of the nodes.
        users, roles, permissions: in etcd, root's included.
        first_apply: auth writes on an etcd without users, the switch included.
        one_more_node: auth writes when a node is added.
        stolen: what all keys of one node together may read and write.
        own: what of that only this node's keys may write.
        beforehand: what must be in etcd before the nodes start.
        lost: what no longer works.
    """

    way: NodeIdentity
    certificates: int
    users: int
    roles: int
    permissions: int
    first_apply: int
    one_more_node: int
    stolen: Reach
    own: SpanSet
    beforehand: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCosts:
    """The three ways, the chosen one among them, for so many nodes with these components on each."""

    nodes: int
    components: tuple[str, ...]
    chosen: NodeIdentity
    ways: tuple[Cost, ...]

    @property
    def choice(self) -> Cost:
        """The way that the spec chooses."""
        return next(cost for cost in self.ways if cost.way is self.chosen)


@dataclass(frozen=True, slots=True)
class _Count:
    """Things in etcd, of which each is made by one write."""

    users: int
    roles: int
    permissions: int
    memberships: int

    @property
    def writes(self) -> int:
        return self.users + self.roles + self.permissions + self.memberships

    def __add__(self, other: _Count) -> _Count:
        return _Count(
            self.users + other.users,
            self.roles + other.roles,
            self.permissions + other.permissions,
            self.memberships + other.memberships,
        )

    def times(self, number: int) -> _Count:
        return _Count(self.users * number, self.roles * number, self.permissions * number, self.memberships * number)

    def without(self, other: _Count) -> _Count:
        return self + other.times(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Component:
    """The permissions of one component: as wide as every node's, and split into every node's and one node's own."""

    wide: tuple[Permission, ...]
    every: tuple[Permission, ...]
    own: tuple[Permission, ...]
    beforehand: tuple[str, ...]
    lost: tuple[str, ...]

    def once(self, way: NodeIdentity) -> _Count:
        """What is there for all nodes together."""
        alone = way is NodeIdentity.SHARED
        return _Count(int(alone), 1, len(self.every if way is NodeIdentity.SCOPED else self.wide), int(alone))

    def each(self, way: NodeIdentity) -> _Count:
        """What is there for one node."""
        if way is NodeIdentity.SHARED:
            return _Count(0, 0, 0, 0)
        if way is NodeIdentity.NODE or not self.own:
            return _Count(1, 0, 0, 1)
        return _Count(1, 1, len(self.own), 2)


def node_costs(spec: Spec, state: State, catalog: Catalog) -> NodeCosts | None:
    """The ways for the Calico of ``spec``; None where nothing has identities by node.

    Args:
        spec: without problems.
        state: what it asks for.
        catalog: what components need, and how that is narrowed.
    """
    calico = next((each for each in spec.components if isinstance(each, Calico)), None)
    if calico is None or calico.by_node is None or not spec.nodes:
        return None
    components = _components(calico, spec, catalog)
    number = len(spec.nodes)
    others = _count(state).without(_total(components, calico.by_node, number))
    return NodeCosts(
        nodes=number,
        components=tuple(part.component for part in calico.parts if part.by_node),
        chosen=calico.by_node,
        ways=tuple(_cost(way, components, number, others) for way in NodeIdentity),
    )


def _components(calico: Calico, spec: Spec, catalog: Catalog) -> tuple[_Component, ...]:
    found = []
    for part in calico.parts:
        if part.by_node:
            known = Cataloged.of(calico, part, catalog)
            narrowings = known.entry.narrowings(known.version, known.options)
            on_nodes = known.entry.on_nodes(known.version, known.options)
            wide, every, own = (
                permissions(needed(needs, calico.place))
                for needs in (
                    known.entry.needs(known.version, known.options),
                    on_nodes.every,
                    on_nodes.needs(spec.nodes[0].name),
                )
            )
            beforehand = tuple(each.beforehand for each in narrowings)
            lost = tuple(each.lost for each in narrowings)
            found.append(_Component(wide=wide, every=every, own=own, beforehand=beforehand, lost=lost))
    return tuple(found)


def _cost(way: NodeIdentity, components: Sequence[_Component], nodes: int, others: _Count) -> Cost:
    whole = others + _total(components, way, nodes)
    scoped = way is NodeIdentity.SCOPED
    own = Reach.of(permission for each in components for permission in each.own) if scoped else Reach.of(())
    every = Reach.of(permission for each in components for permission in (each.every if scoped else each.wide))
    return Cost(
        way=way,
        certificates=nodes * len(components),
        users=whole.users,
        roles=whole.roles,
        permissions=whole.permissions,
        first_apply=whole.writes + 1,
        one_more_node=sum(each.each(way).writes for each in components),
        stolen=Reach(every.read | own.read, every.write | own.write),
        own=own.write - every.write,
        beforehand=_said(each.beforehand for each in components) if scoped else (),
        lost=_said(each.lost for each in components) if scoped else (),
    )


def _total(components: Iterable[_Component], way: NodeIdentity, nodes: int) -> _Count:
    counts = (each.once(way) + each.each(way).times(nodes) for each in components)
    return sum(counts, _Count(0, 0, 0, 0))


def _count(state: State) -> _Count:
    return _Count(
        len(state.users),
        len(state.roles),
        sum(len(role.permissions) for role in state.roles.values()),
        sum(len(user.roles) for user in state.users.values()),
    )


def _said(several: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Each sentence once."""
    return tuple(dict.fromkeys(text for texts in several for text in texts if text))
