"""A leash for processes of our own: the kernel kills one when the thread that started it ends.

So a killed parent leaves no orphan (Linux ``PR_SET_PDEATHSIG``), and a process must be started from a thread that lives
as long as it should. A small Python program sets the leash and then becomes the real one; doing that in a
``preexec_fn`` would run Python between fork and exec in a program with gRPC's threads, which can deadlock.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

_LEASH = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


def leashed(command: Sequence[str]) -> list[str]:
    """``command`` on a leash that this process holds."""
    return [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), *command]
