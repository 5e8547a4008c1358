"""What an identity is called on one node: user, Common Name and file name at once.

``calico-node.worker-7`` reads like a host name, because OpenBao and Vault refuse other Common Names unless their check
is switched off. What does not fit is shortened, always in the same way, so that a name never depends on other nodes.
"""

from __future__ import annotations

import hashlib

from ringfence.model.names import COMMON_NAME_BYTES, NodeName, UserName

_DIGITS = 16
"""Hexadecimal digits of the hash: 64 bits."""


def on_node(identity: str, node: NodeName) -> UserName:
    """The name of ``identity`` on ``node``: both joined by a dot.

    A name of more than 64 bytes keeps its beginning and ends with a hash of all of it. So does one that ends in
    ``-key``: the file ``NAME.pem`` would be taken for the private key of another name.

    Args:
        identity: the name without a node, ASCII.
        node: the node's name, as Kubernetes has it.
    """
    whole = f"{identity}.{node}"
    if len(whole) <= COMMON_NAME_BYTES and not whole.endswith("-key"):
        return UserName(whole)
    digest = hashlib.sha256(whole.encode()).hexdigest()[:_DIGITS]
    return UserName(f"{whole[: COMMON_NAME_BYTES - _DIGITS - 1].rstrip('.-')}-{digest}")
