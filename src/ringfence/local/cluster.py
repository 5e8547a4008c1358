"""The members of one cluster on loopback, started together and always stopped together.

It is handed configuration files and knows nothing of what is in them. Every process it starts is its own; it never
looks for, adopts or ends another etcd.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ringfence.errors import LocalError, Place, Problem
from ringfence.local.health import is_healthy
from ringfence.local.lastwords import last_words, taken_address
from ringfence.local.process import EtcdProcess

_START_SECONDS = 30.0
_STOP_SECONDS = 1.5
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMember:
    """One member to start.

    Args:
        name: what it is called here.
        config: its configuration file.
        log: where its output goes.
        metrics: the ``http://host:port`` of its metrics listener, where ``/health`` is asked.
    """

    name: str
    config: Path
    log: Path
    metrics: str


class LocalCluster:
    """Owns the processes of its members; a context manager that starts them, waits, and stops them whatever happens.

    The thread that calls ``launch``, ``start`` or ``restart`` must outlive the cluster: see ``process``.
    """

    def __init__(self, etcd: Path, members: Iterable[LocalMember]) -> None:
        self._members = {member.name: member for member in members}
        self._processes = {name: EtcdProcess(etcd, member.config, member.log) for name, member in self._members.items()}

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:  # Ctrl-C too: __exit__ is not called for what __enter__ began
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def launch(self) -> None:
        """Start every member, without waiting."""
        for process in self._processes.values():
            process.start()

    def wait_healthy(self, seconds: float = _START_SECONDS) -> None:
        """Wait until every member that was started says that it is healthy.

        Raises:
            LocalError: one ended instead, with the last lines of its log, or ``seconds`` went by.
        """
        waiting = list(self._members)
        deadline = time.monotonic() + seconds
        while waiting:
            self._check_alive(waiting)
            waiting = [name for name in waiting if not is_healthy(self._members[name].metrics)]
            if waiting and time.monotonic() > deadline:
                raise LocalError(*(self._not_healthy(name, seconds) for name in waiting))
            if waiting:
                time.sleep(_POLL_SECONDS)

    def start(self, seconds: float = _START_SECONDS) -> None:
        """``launch`` and ``wait_healthy``."""
        self.launch()
        self.wait_healthy(seconds)

    def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """End every member: asked first, killed when it still runs after ``seconds``. May be called again.

        Members that end together wait for each other in vain, for a leader to hand over to; what they acknowledged is
        on disk, so killing them loses nothing.
        """
        deadline = time.monotonic() + seconds
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            if not process.wait(max(0.0, deadline - time.monotonic())):
                process.kill()

    def pid(self, name: str) -> int | None:
        """The process id of a member while it runs."""
        return self._processes[name].pid

    def pause(self, name: str) -> None:
        """Freeze a member: it keeps its ports and answers nothing."""
        self._processes[name].pause()

    def resume(self, name: str) -> None:
        """Let a paused member go on."""
        self._processes[name].resume()

    def kill(self, name: str) -> None:
        """End a member at once, as a power cut would."""
        self._processes[name].kill()

    def restart(self, name: str, *, etcd: Path | None = None, wait: bool = True) -> None:
        """Start a member that has ended; ``wait`` until all are healthy, which they only are with a quorum.

        Args:
            name: the member.
            etcd: from now on it runs this program, as in a rolling upgrade; None: the one that it ran.
            wait: whether to wait.
        """
        if etcd is not None:
            member = self._members[name]
            self._processes[name] = EtcdProcess(etcd, member.config, member.log)
        self._processes[name].start()
        if wait:
            self.wait_healthy()

    def _check_alive(self, names: Iterable[str]) -> None:
        dead = [name for name in names if not self._processes[name].is_running]
        if dead:
            raise LocalError(*(self._death(name) for name in dead))

    def _death(self, name: str) -> Problem:
        log = self._processes[name].output()
        place = Place(str(self._members[name].log))
        taken = taken_address(log)
        if taken is not None:
            what = f"etcd member {name} ended: {taken} is in use"
            return Problem(what, place, "stop what listens there, or choose another port")
        return Problem(f"etcd member {name} ended: {'; '.join(last_words(log)) or 'without a word'}", place)

    def _not_healthy(self, name: str, seconds: float) -> Problem:
        words = "; ".join(last_words(self._processes[name].output()))
        what = f"etcd member {name} is not healthy after {seconds:g} s: {words}"
        return Problem(what, Place(str(self._members[name].log)))
