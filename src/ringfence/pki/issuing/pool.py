"""Processes for work on thousands of certificates.

Processes, not threads: making keys, signing and parsing hold the interpreter's lock. What a process needs goes to it
through a pipe, never in an argument.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor


def workers(pieces: int) -> int:
    """How many processes are of use: one a core, and no more than there are pieces of work."""
    return max(1, min(len(os.sched_getaffinity(0)), pieces))


def pool(count: int) -> ProcessPoolExecutor:
    """That many processes. They are fresh ones: a fork would copy the threads' locks of a gRPC channel."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_leave_interrupts_to_the_parent)


def _leave_interrupts_to_the_parent() -> None:
    """Ctrl-C reaches every process of a terminal; the parent alone answers it, by shutting the pool down."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
