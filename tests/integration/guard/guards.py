"""What tests of the guard share: an apply that is under way, and the guard that it started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.integration.ops.test_member_killed import crowded
from tests.integration.site import Site
from tests.integration.waiting import wait_until


@contextmanager
def proving(site: Site, *args: str) -> Iterator[subprocess.Popen[bytes]]:
    """``apply`` in a session of its own, from the moment at which auth is on; its proof takes seconds."""
    crowded(site, "certificate")
    process = subprocess.Popen(
        [sys.executable, "-m", "ringfence", "apply", "--yes", *args],
        cwd=site.folder,
        env=os.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: is_on(site) or process.poll() is not None)
        assert process.poll() is None
        yield process
    finally:
        process.kill()
        process.wait()


def is_on(site: Site) -> bool:
    """Whether auth is on."""
    return site.as_root(lambda client: client.auth.enabled())


def log(site: Site) -> list[tuple[str, str | None]]:
    """What the guards of this site wrote: state and reason."""
    lines = (site.folder / ".ringfence" / "guard.log").read_text().splitlines()
    return [(entry["state"], entry["why"]) for entry in map(json.loads, lines)]


def guard_pids(site: Site) -> list[int]:
    """The guards of this site, by the lock that they hold open."""
    lock = str(site.folder / ".ringfence" / "guard.lock")
    return [int(pid.name) for pid in Path("/proc").iterdir() if pid.name.isdigit() and lock in _open_files(pid)]


def ended(site: Site) -> bool:
    """Whether the last guard has written down its end, which is a little after what it does."""
    return log(site)[-1][0] in {"switched-off", "failed", "stood-down", "confirmed"}


def _open_files(pid: Path) -> set[str]:
    """What a process has open; a file that it closes meanwhile is not open, and is no reason to miss the others."""
    found = set()
    with suppress(OSError):  # of another user, or gone
        for each in (pid / "fd").iterdir():
            with suppress(OSError):
                found.add(str(each.readlink()))
    return found
