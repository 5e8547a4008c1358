"""Ringfence dies while auth is on and not proved: the guard switches it off, and only then."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.integration.guard.guards import ended, guard_pids, is_on, log, proving
from tests.integration.site import Site
from tests.integration.waiting import wait_until

ENDED = "ringfence ended before the proof was confirmed"


def kill_nine(pid: int) -> None:
    """As the kernel does when there is no memory left."""
    os.kill(pid, signal.SIGKILL)


def hang_up(pid: int) -> None:
    """As the kernel does, to the whole group, when the terminal goes."""
    os.killpg(pid, signal.SIGHUP)


@pytest.mark.parametrize("end", [kill_nine, hang_up], ids=lambda end: end.__name__)
@pytest.mark.parametrize("after", [0.0, 1.5], ids=["right after the switch", "during the proof"])
def test_auth_goes_off(site: Site, end: Callable[[int], None], after: float) -> None:
    """Killed, or without its terminal: auth is off soon, the log says by whom, and no guard is left."""
    with proving(site) as process:
        time.sleep(after)
        end(process.pid)
        wait_until(lambda: not is_on(site) and ended(site), 20)
    wait_until(lambda: not guard_pids(site), 20)
    by_guard = [("armed", None), ("firing", ENDED), ("switched-off", ENDED)]
    by_ringfence = [("armed", None), ("stood-down", None)]  # where there was time to clean up, after a SIGHUP
    assert log(site) in ([by_guard] if end is kill_nine else [by_guard, by_ringfence])
    assert not is_on(site)
    folder = site.folder / ".ringfence"
    assert (0o700, 0o600) == (folder.stat().st_mode & 0o777, (folder / "guard.log").stat().st_mode & 0o777)


def journal(site: Site) -> list[tuple[str, str, str | None, list[str]]]:
    """Event, verb, result and problems of each line."""
    lines = map(json.loads, (site.folder / ".ringfence" / "journal.jsonl").read_text().splitlines())
    return [(line["event"], line["verb"], line.get("result"), line.get("problems", [])) for line in lines]


def test_the_journal_tells_that_the_guard_did_it(site: Site) -> None:
    """The beginning of an apply that nobody ended, and what the guard did and why."""
    with proving(site) as process:
        kill_nine(process.pid)
        wait_until(lambda: not is_on(site) and ended(site), 20)
    wait_until(lambda: not guard_pids(site), 20)
    expected = [
        ("begin", "apply", None, []),
        ("begin", "guard", None, []),
        ("end", "guard", "switched-off", [ENDED]),
    ]
    assert expected == journal(site)


def test_a_journal_that_cannot_be_written_keeps_no_guard_from_its_task(site: Site) -> None:
    """Auth goes off all the same, and the guard's own log tells it."""
    with proving(site) as process:
        path = site.folder / ".ringfence" / "journal.jsonl"
        path.unlink()
        path.mkdir()
        kill_nine(process.pid)
        wait_until(lambda: not is_on(site) and ended(site), 20)
    wait_until(lambda: not guard_pids(site), 20)
    assert ("switched-off", ENDED) == log(site)[-1]


def test_one_member_is_down_when_it_must_fire(site: Site) -> None:
    """The first member is gone when ringfence is killed: another one does it, and the first one follows."""
    with proving(site) as process:
        process.send_signal(signal.SIGSTOP)
        site.cluster.kill("etcd-1")
        kill_nine(process.pid)
        wait_until(lambda: ("switched-off", ENDED) in log(site), 40)
    site.cluster.restart("etcd-1")
    assert not is_on(site)


def test_it_does_not_fire_after_the_proof(site: Site) -> None:
    """The proof passed: the guard ends, and auth stays on."""
    assert 0 == site.spawn("apply", "--yes").code
    wait_until(lambda: not guard_pids(site), 10)
    time.sleep(2)
    assert is_on(site)
    assert ["armed", "stood-down"] == [state for state, _ in log(site)]


def test_apply_again_after_a_kill(site: Site) -> None:
    """The next apply waits for the guard of the killed one, and goes on."""
    with proving(site) as process:
        kill_nine(process.pid)
        process.wait()
        site.write()
        applied = site.spawn("apply", "--yes")
    assert 0 == applied.code, applied.err
    assert is_on(site)
    assert "stood-down" == log(site)[-1][0]
