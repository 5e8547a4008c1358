"""What is found in a cluster, in the shape in which a spec says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringfence.keyspace import SpanSet
from ringfence.model.names import NodeName, RoleName, UserName


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognized:
    """A component of the catalog.

    Args:
        settings: its keys and values in the spec, ``use`` first; a list or mapping is a value too.
        identities: the users that it accounts for, each with the role of its own name where there is one.
        owner: whose segment its keys are.
        keys: what is in that segment.
        roles: those that it accounts for beyond the roles named like its users.
        nodes: the nodes that it has identities on.
    """

    settings: Mapping[str, str | tuple[str, ...] | Mapping[str, str]]
    identities: tuple[UserName, ...]
    owner: str
    keys: SpanSet
    roles: frozenset[RoleName] = frozenset()
    nodes: tuple[NodeName, ...] = ()


@dataclass(slots=True)
class LeftOut:
    """Users and roles that a spec cannot say, each with the reason; a plan leaves them alone."""

    users: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
