"""The processes that make keys: one that dies is told of, and none outlives the program that gave it the CA's key."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.waiting import wait_until

COMPONENTS = "".join(f"  - {{name: c{n}, grants: [{{prefix: /c{n}/, access: read}}]}}\n" for n in range(12))
HEAD = "version: 1\ncluster: {endpoints: [https://127.0.0.1:2379]}\npki: {key: rsa-4096}\ncomponents:\n"
COUNT = min(len(os.sched_getaffinity(0)), 12)


@pytest.fixture
def issuing(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`certs issue` at work on slow keys, in a process group of its own; all of it is ended after the test."""
    (tmp_path / "ringfence.yaml").write_text(HEAD + COMPONENTS, encoding="utf-8")
    command = [sys.executable, "-m", "ringfence", "certs", "issue"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        wait_until(lambda: len(workers(process.pid)) >= COUNT, 30)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def workers(parent: int) -> list[int]:
    """The processes that a program started for its keys."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    if not children.exists():
        return []
    return [pid for pid in map(int, children.read_text().split()) if "spawn_main" in command_of(pid)]


def command_of(pid: int) -> str:
    """What a process was started with, nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def test_a_worker_is_killed(issuing: subprocess.Popen[str]) -> None:
    """As by a machine without memory: one error that says so, exit 1."""
    os.kill(workers(issuing.pid)[0], signal.SIGKILL)
    _, err = issuing.communicate(timeout=60)
    assert 1 == issuing.returncode
    told, hint = err.splitlines()
    assert "ringfence: a process that worked on certificates was ended from outside" == told
    assert hint.startswith("  hint: run it again")


def test_the_whole_group_is_told_to_end(issuing: subprocess.Popen[str]) -> None:
    """As by `timeout` or systemd: it stops with exit 1, and its workers' end is no news."""
    os.killpg(issuing.pid, signal.SIGTERM)
    _, err = issuing.communicate(timeout=60)
    assert 1 == issuing.returncode
    assert "Traceback" not in err
    assert 1 == len([line for line in err.splitlines() if line.startswith("ringfence: ")])


def test_no_worker_outlives_a_killed_program(issuing: subprocess.Popen[str]) -> None:
    """SIGKILL leaves nothing that holds the key of the authority."""
    started = workers(issuing.pid)
    issuing.kill()
    wait_until(lambda: not any("spawn_main" in command_of(pid) for pid in started), 30)
