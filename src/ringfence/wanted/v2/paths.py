"""Patterns as spans of paths, so that they can be compared, united and taken from each other as keys are."""

from __future__ import annotations

from ringfence.keyspace import Span, SpanSet
from ringfence.model.v2 import Pattern


def region(pattern: Pattern) -> SpanSet:
    """The keys and directories within reach of a pattern, as spans of paths.

    A pattern on a directory, whether it ends in a star or not, reaches what lies right below it; ``rules.v2.overlaps``
    says why.
    """
    if pattern.stem is None:
        node = pattern.text.rstrip("/")
        return SpanSet([Span.of_prefix(f"{node}/".encode()), *_key(node)])
    below = Span.of_prefix(pattern.stem.encode() or b"/")
    return SpanSet([below, *(_key(pattern.stem[:-1]) if pattern.stem.endswith("/") else ())])


def _key(node: str) -> tuple[Span, ...]:
    return (Span.of_key(node.encode()),) if node else ()
