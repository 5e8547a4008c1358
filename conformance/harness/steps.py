"""An exercise that is a row of commands, each run to its end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.harness.denials import first_denial
from conformance.harness.exercise import Attempt

_SECONDS = 90
_KEPT = 600
"""How much is kept of what a failed step wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command.

    Args:
        name: what it does.
        command: the program and its arguments.
        stdin: what it reads.
        env: its environment beside ours; variables of ours that speak of etcd or Calico are not passed on.
        read: further output, such as a log file, asked for when it has ended.
    """

    name: str
    command: Sequence[str]
    stdin: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[], str] = str


@dataclass(frozen=True, slots=True)
class Steps:
    """The commands of ``work``, after ``clear`` and those of ``before``, which must succeed; all anew each go."""

    clear: Callable[[], None]
    before: Callable[[], Iterable[Step]]
    work: Callable[[], Iterable[Step]]

    def prepare(self) -> None:
        """Run what comes before.

        Raises:
            RuntimeError: one of them failed.
        """
        self.clear()
        for step in self.before():
            code, text = _run(step)
            if code != 0:
                raise RuntimeError(f"{step.name}: exit {code}: {text[-2000:]}")

    def attempt(self, *, to_the_end: bool) -> Attempt:
        """Run the work."""
        texts: list[str] = []
        failed: dict[str, str] = {}
        count = 0
        for step in self.work():
            count += 1
            code, text = _run(step)
            texts.append(text)
            if code != 0:
                failed[step.name] = text.strip()[-_KEPT:]
            if not to_the_end and first_denial(text):
                break
        return Attempt(done=not failed, text="\n".join(texts), seen={"steps": count, "failed": failed})


def _run(step: Step) -> tuple[int, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ETCD", "CALICO"))}
    try:
        ran = subprocess.run(
            list(step.command),
            input=step.stdin,
            env=inherited | dict(step.env),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        output = b"".join(part for part in (late.stdout, late.stderr) if isinstance(part, bytes))
        return 124, output.decode(errors="replace") + step.read()
    return ran.returncode, f"{ran.stdout}\n{ran.stderr}\n{step.read()}"
