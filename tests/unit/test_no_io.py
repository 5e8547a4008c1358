"""The guard that keeps unit tests free of I/O works."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def test_a_unit_test_cannot_read_a_file() -> None:
    """Opening a file outside of the package is refused."""
    with pytest.raises(AssertionError, match="must not open files"):
        Path("/etc/hostname").read_text()


def test_a_unit_test_cannot_write_a_file() -> None:
    """Writing is refused even where reading is not."""
    with pytest.raises(AssertionError, match="must not open files"):
        Path(__file__).with_suffix(".tmp").write_text("")


def test_a_unit_test_cannot_connect() -> None:
    """Opening a connection is refused."""
    with socket.socket() as unused, pytest.raises(AssertionError, match=r"socket\.connect"):
        unused.connect(("127.0.0.1", 9))


def test_a_unit_test_cannot_start_a_process() -> None:
    """Starting a process is refused."""
    with pytest.raises(AssertionError, match=r"subprocess\.Popen"):
        subprocess.run([sys.executable, "-c", "pass"], check=True)


def test_a_unit_test_may_run_an_event_loop() -> None:
    """Coroutines without I/O can be tested."""
    assert asyncio.run(asyncio.sleep(0, "done")) == "done"
