"""In a container the guard is killed with the first process: there ``apply --confirm-within`` stays until the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.ops.switch.outliving import CONTAINER_STAYS
from tests.integration.guard.guards import guard_pids, is_on, log
from tests.integration.site import Site
from tests.integration.waiting import wait_until

ALONE = ("unshare", *(["--user", "--map-root-user"] if os.geteuid() else []), "--pid", "--fork", "--mount-proc")
"""Runs a program as the first process of a PID namespace, as a container does; needs no root where users may."""

RINGFENCE = (sys.executable, "-m", "ringfence", "apply", "--yes", "--confirm-within")


@pytest.fixture(autouse=True)
def _can_be_alone() -> None:
    if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us make a PID namespace")


@contextmanager
def contained(site: Site, within: str) -> Iterator[subprocess.Popen[str]]:
    """``apply`` in a container, from the moment at which it waits for the confirmation."""
    process = subprocess.Popen(
        [*ALONE, "--kill-child", *RINGFENCE, within],
        cwd=site.folder,
        env={name: value for name, value in os.environ.items() if name != CONTAINER_STAYS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert any(line.startswith("apply stays until then: this is a container") for line in process.stderr)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_confirmed(site: Site) -> None:
    """The verb waits; confirmed, it ends with 0, and auth stays on without a guard."""
    with contained(site, "1h") as process:
        assert process.poll() is None
        assert is_on(site)
        assert 0 == site.run("auth", "confirm").code
        assert 0 == process.wait(20)
    assert is_on(site)
    assert "confirmed" == log(site)[-1][0]
    assert 0 == site.run("auth", "status").code


def test_not_confirmed(site: Site) -> None:
    """The time passes: auth is off when the verb ends, with 2, and the promise was kept."""
    with contained(site, "3s") as process:
        assert 2 == process.wait(30)
        assert not is_on(site)
    assert ("switched-off", "nobody confirmed within 3 s") == log(site)[-1]


def test_switched_off_by_hand(site: Site) -> None:
    """The verb ends, and not as if auth had been confirmed."""
    with contained(site, "1h") as process:
        assert 0 == site.run("auth", "disable", "--yes").code
        assert 2 == process.wait(20)


def test_the_end_of_the_container(site: Site) -> None:
    """Told to end, as by ``docker stop``: auth goes off first, and that is said and stands in the journal."""
    with contained(site, "1h") as process:
        (first,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(first), signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert "auth is switched off again: apply was told to end before anybody confirmed" in err
    assert 1 == process.returncode
    assert not is_on(site)
    wait_until(lambda: not guard_pids(site), 20)
    status = site.run("auth", "status", "-o", "json").json
    assert ["off"] == [finding["kind"] for finding in status["findings"]]


def test_the_guard_is_killed_meanwhile(site: Site) -> None:
    """Nobody would switch auth off in the end, so it goes off now."""
    with contained(site, "1h") as process:
        (guard,) = guard_pids(site)
        os.kill(guard, signal.SIGKILL)
        assert 2 == process.wait(30)
        assert not is_on(site)
    assert ("switched-off", "switched off by ringfence apply") == log(site)[-1]
