"""Users that are one identity on many nodes, by their names: what stands before the node is a role that they share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ringfence.model.names import NodeName, RoleName, UserName
from ringfence.model.state import State
from ringfence.spec.node_names import on_node
from ringfence.spec.nodes import is_node_name


@dataclass(slots=True)
class Family:
    """The users that share a role, each with its node; ``scoped`` tells that each has a role of its own as well."""

    scoped: bool
    nodes: list[NodeName] = field(default_factory=list)
    users: list[UserName] = field(default_factory=list)


def families_of(state: State, users: Iterable[UserName]) -> dict[RoleName, Family]:
    """All that there are. A shortened name does not tell its node, so whoever has one is in no family.

    Args:
        state: who holds what.
        users: who may be an identity.
    """
    found: dict[RoleName, Family] = {}
    for user in users:
        own = RoleName(user)
        for role in state.users[user].roles - {own}:
            node = NodeName(user.removeprefix(f"{role}."))
            if not is_node_name(node) or on_node(role, node) != user or role not in state.roles:
                continue
            held = state.users[user].roles
            family = found.setdefault(role, Family(scoped=held == {role, own}))
            if held == ({role, own} if family.scoped else {role}) and (not family.scoped or own in state.roles):
                family.nodes.append(node)
                family.users.append(user)
    return found
