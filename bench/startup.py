"""What it costs to start the command line, beside an interpreter that does nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.clock import processor_seconds
from bench.measure import Aim, Ratio, Section, Tell, Way, in_turns
from bench.processes import run as run_process

ROUNDS = 25


async def run(tell: Tell) -> tuple[Section, ...]:
    """``--help`` and ``check``, each as a whole process."""
    program = str(Path(sys.executable).with_name("ringfence"))
    with TemporaryDirectory(prefix="ringfence-bench-") as name:
        folder = Path(name)
        _run([program, "init"], folder)
        bare, click, usage, check = await in_turns(
            [
                _process("python -c pass", [sys.executable, "-c", "pass"], folder),
                _process("python -c 'import click'", [sys.executable, "-c", "import click"], folder),
                _process("ringfence --help", [program, "--help"], folder),
                _process("ringfence check", [program, "check"], folder),
            ],
            ROUNDS,
            tell,
        )
    return (
        Section(
            job="Start of the command line",
            setting=f"whole processes, the same interpreter, {ROUNDS} rounds",
            unit="processor ms",
            figures=(bare, click, usage, check),
            ratios=(
                Ratio("--help / pass", usage.over(bare), Aim(at_most=4)),
                Ratio("click / pass", click.over(bare)),
                Ratio("check / pass", check.over(bare)),
            ),
            notes=("bytecode is there, as after any installation; check reads the spec that init writes",),
        ),
    )


def _process(name: str, command: list[str], folder: Path) -> Way:
    _run(command, folder)  # leaves its bytecode

    async def once() -> float:
        start = processor_seconds()
        _run(command, folder)
        return (processor_seconds() - start) * 1000

    return Way(name, once)


def _run(command: list[str], folder: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run_process(command, folder=folder, environ=environ)
