"""Who draws certificates for itself from OpenBao, and which: pods that log in as their service account.

A service account is the same on every node. What tells its pods apart is the node that the cluster writes into the
token of each (claim ``kubernetes.io``/``node``/``name``); where it writes none, nothing does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.model.names import NodeName, UserName

NODE_CLAIM = "/kubernetes.io/node/name"
"""The node in a token that is bound to a pod, as a JSON pointer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnIdentity:
    """An identity that pods draw.

    ``names`` has the Common Name on each node; None where all nodes share ``identity``.
    """

    identity: UserName
    names: Mapping[NodeName, UserName] | None = None

    @property
    def role(self) -> str:
        """The PKI role that signs it."""
        return f"ringfence-drawn-{self.identity}"

    @property
    def proof_role(self) -> str:
        """The PKI role from which ringfence itself draws what it proves with: for minutes, and for no pod."""
        return f"ringfence-proof-{self.identity}"

    def own_role(self, node: NodeName) -> str:
        """The PKI role for a node whose name the role of all nodes cannot sign: see ``shortened``."""
        return f"{self.role}.{node}"

    @property
    def shortened(self) -> Mapping[NodeName, UserName]:
        """The nodes whose Common Name is not just both joined by a dot: no template can make the hash in it."""
        names = self.names or {}
        return {node: name for node, name in names.items() if name != f"{self.identity}.{node}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """The pods of one service account.

    ``account`` is its name and ``namespace`` where it is. ``separated`` tells that tokens name their node.
    """

    account: str
    namespace: str
    identities: tuple[DrawnIdentity, ...]
    separated: bool

    @property
    def subject(self) -> str:
        """What its tokens are about (``sub``)."""
        return f"system:serviceaccount:{self.namespace}:{self.account}"

    @property
    def login_role(self) -> str:
        """The role of the JWT method."""
        return f"ringfence-{self.account}"

    @property
    def by_node(self) -> bool:
        """Whether what it draws depends on the node, and OpenBao can tell on which one it runs."""
        return self.separated and any(identity.names is not None for identity in self.identities)
