"""One etcd process of our own: started on a leash (see ``leash``), and always ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from ringfence.errors import LocalError, Place
from ringfence.local.leash import leashed

_KEPT_VARIABLE = "ETCD_UNSUPPORTED_ARCH"
"""The one variable that etcd still needs beside a configuration file, on processors that it does not support."""


class EtcdProcess:
    """``etcd --config-file CONFIG`` in a session of its own (Ctrl-C does not reach it), its output in a file.

    Args:
        etcd: the program.
        config: its configuration file.
        log: the file that its output is appended to; made with mode 0600.
    """

    def __init__(self, etcd: Path, config: Path, log: Path) -> None:
        self._command = [str(etcd), "--config-file", str(config)]
        self._log = log
        self._log_start = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended; a paused process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; a second start of a running process does nothing.

        Raises:
            LocalError: the log cannot be written, or the program cannot be run.
        """
        if self.is_running:
            return
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith("ETCD_") or name == _KEPT_VARIABLE
        }
        try:
            output = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise LocalError.of(f"cannot be written: {error.strerror}", place=Place(str(self._log))) from None
        try:
            self._log_start = os.fstat(output).st_size
            self._process = subprocess.Popen(
                leashed(self._command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=environ,
            )
        except OSError as error:
            raise LocalError.of(f"cannot be run: {error.strerror}", place=Place(sys.executable)) from None
        finally:
            os.close(output)

    def output(self) -> str:
        """What it wrote since its last start."""
        try:
            with self._log.open("rb") as file:
                file.seek(self._log_start)
                return file.read().decode(errors="replace")
        except OSError:
            return ""

    def pause(self) -> None:
        """Freeze it: it keeps its ports and answers nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused process go on."""
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to end, without waiting."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._signal(signal.SIGKILL)
        self.wait(None)

    def wait(self, seconds: float | None) -> bool:
        """Whether it ended within ``seconds`` (None: as long as it takes)."""
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
