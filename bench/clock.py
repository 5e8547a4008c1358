"""The clock for work that only computes: processor time, which other work on the machine hardly moves."""

from __future__ import annotations

import resource


def processor_seconds() -> float:
    """What this process, and those that it has waited for, have computed so far."""
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
