"""One harmless request, what must come back, and what did."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ringfence.keyspace import Span
from ringfence.model.permission import Access


class Operation(enum.Enum):
    """What a probe asks for. ``READ`` and ``WRITE`` take the first key of the span; the others take all of it."""

    READ = "read"
    LIST = "list"
    WRITE = "write"
    DELETE = "delete"
    WATCH = "watch"


class Verdict(enum.Enum):
    """What came back. ``REFUSED_TLS``: the connection itself was turned away. ``ERROR``: neither yes nor no."""

    ALLOWED = "allowed"
    DENIED = "denied"
    REFUSED_TLS = "refused by TLS"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Example:
    """Keys of a real installation, and exactly what somebody may do with them; None: nothing."""

    span: Span
    may: Access | None


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to etcd."""

    operation: Operation
    span: Span
    expected: Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a probe; ``detail`` is etcd's text where the verdict is ERROR or not the expected one."""

    probe: Probe
    verdict: Verdict
    detail: str = ""
