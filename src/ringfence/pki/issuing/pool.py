"""Processes for work on thousands of certificates.

Processes, not threads: making keys, signing and parsing hold the interpreter's lock. What a process needs goes to it
through a pipe, never in an argument.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait

from ringfence.errors import CertificateError


def workers(pieces: int) -> int:
    """How many processes are of use: one a core, and no more than there are pieces of work."""
    return max(1, min(len(os.sched_getaffinity(0)), pieces))


@contextmanager
def pool(count: int) -> Iterator[ProcessPoolExecutor]:
    """That many processes. They are fresh ones: a fork would copy the threads' locks of a gRPC channel.

    Raises:
        CertificateError: one of them was ended from outside, as by a machine that is out of memory.
    """
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(count, mp_context=context, initializer=_end_with_the_parent)
    try:
        yield executor
    except BrokenProcessPool:
        raise CertificateError.of(
            "a process that worked on certificates was ended from outside",
            hint="run it again: what is written stays; journalctl -k tells whether memory ran out",
        ) from None
    finally:
        executor.shutdown(cancel_futures=True)


def _end_with_the_parent() -> None:
    """Ctrl-C is the parent's to answer, by shutting the pool down; where it is killed, nobody keeps what it gave."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
