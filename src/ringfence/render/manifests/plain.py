"""YAML nodes as plain data, the way Kubernetes' tools read them; for comparing two versions of one manifest.

Text, whole numbers, truth values and null are told apart. Anything else that is written without quotes (a fraction, a
date) stays the text that it is: both versions have it then, and nobody asks for more.
"""

from __future__ import annotations

import re

from ringfence.yamlio.dump import Plain
from ringfence.yamlio.nodes import Node, Scalar, Sequence

_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_OCTAL = re.compile(r"0o?([0-7]+)")


def plain(node: Node) -> Plain:
    """What a node says; of a key that stands twice the last, as JSON has it."""
    if isinstance(node, Scalar):
        return _scalar(node)
    if isinstance(node, Sequence):
        return [plain(item) for item in node]
    return {key.text: plain(value) for key, value in node.entries if isinstance(key, Scalar)}


def _scalar(node: Scalar) -> Plain:
    if not node.plain:
        return node.text
    if node.is_null:
        return None
    if node.text in _TRUTH:
        return _TRUTH[node.text]
    if _DECIMAL.fullmatch(node.text):
        return int(node.text)
    octal = _OCTAL.fullmatch(node.text)
    return node.text if octal is None else int(octal[1], 8)
