"""One program under test: started on a leash, its output in a file, and always ended.

The leash is the kernel's: the program is killed when the thread that started it ends (Linux ``PR_SET_PDEATHSIG``), so
that a killed harness leaves nothing running.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_LEASH = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""
_STOP_SECONDS = 20.0


class Program:
    """A process that runs as long as its ``with`` block.

    Args:
        command: the program and its arguments.
        log: where both of its output streams go; emptied first.
        env: further variables; none of this process's that speak of etcd are passed on.
    """

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self._command = list(command)
        self._log = log
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ETCD", "CALICO"))}
        self._env = inherited | dict(env or {})
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), *self._command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._env,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def output(self) -> str:
        """What it wrote so far."""
        return self._log.read_text(errors="replace")
