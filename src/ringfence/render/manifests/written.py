"""Whether a node of a manifest already says what is to be written there."""

from __future__ import annotations

from collections import abc

from ringfence.yamlio.entry import Bare, New
from ringfence.yamlio.nodes import Mapping, Node, Scalar, Sequence


def says(node: Node | None, new: New) -> bool:
    """Whether ``node`` holds just ``new``, in whatever order of keys and style; lists keep their order."""
    if isinstance(new, str | Bare):
        return isinstance(node, Scalar) and node.text == (new if isinstance(new, str) else new.text)
    if isinstance(new, abc.Mapping):
        if not isinstance(node, Mapping) or len(node.entries) != len(new):
            return False
        return all(says(node.get(key), value) for key, value in new.items())
    return (
        isinstance(node, Sequence)
        and len(node.items) == len(new)
        and all(says(item, value) for item, value in zip(node.items, new, strict=True))
    )
