"""One harmless request to etcd's v2 API, what must come back, and what did."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ringfence.model.probe import Verdict


class OperationV2(enum.Enum):
    """What a probe asks for. To etcd a watch is a read, and a delete of one key is a write."""

    READ = "read"
    READ_TREE = "read the tree"
    WRITE = "write"
    DELETE_TREE = "delete the tree"

    @property
    def writes(self) -> bool:
        """Whether it needs a pattern to write."""
        return self in {OperationV2.WRITE, OperationV2.DELETE_TREE}

    @property
    def recursive(self) -> bool:
        """Whether it is about all below a path, for which only patterns with a star count."""
        return self in {OperationV2.READ_TREE, OperationV2.DELETE_TREE}


@dataclass(frozen=True, slots=True)
class ProbeV2:
    """One question to etcd's v2 API: about a path, as it is sent after ``/v2/keys``."""

    operation: OperationV2
    path: str
    expected: Verdict


@dataclass(frozen=True, slots=True)
class OutcomeV2:
    """The answer to a probe; ``detail`` is etcd's text where the verdict is ERROR or not the expected one."""

    probe: ProbeV2
    verdict: Verdict
    detail: str = ""
