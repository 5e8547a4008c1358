"""Ringfence and its guard died together, as with their machine: auth is on, and nobody proved or confirmed it."""

from __future__ import annotations

import os
import signal

import pytest

from tests.integration.guard.guards import guard_pids, is_on, log, proving
from tests.integration.ops.test_runbook import blocks, follow
from tests.integration.site import Site
from tests.integration.waiting import wait_until


def kinds(site: Site) -> tuple[int, list[str]]:
    """What ``auth status`` ends with, and finds."""
    ran = site.run("auth", "status", "-o", "json")
    return ran.code, [finding["kind"] for finding in ran.json["findings"]]


def kill_guard(site: Site) -> None:
    """As the kernel does when a container ends, or there is no memory left."""
    (guard,) = guard_pids(site)
    os.kill(guard, signal.SIGKILL)
    wait_until(lambda: not guard_pids(site), 10)


@pytest.fixture
def unconfirmed(site: Site) -> Site:
    """Auth is on and was not confirmed, and the guard is dead."""
    assert 0 == site.spawn("apply", "--yes", "--confirm-within", "1h").code
    assert (0, ["healthy"]) == kinds(site)
    kill_guard(site)
    assert is_on(site)
    return site


def test_confirmed_by_hand(unconfirmed: Site) -> None:
    """It is not healthy, as long as nobody vouches for it."""
    site = unconfirmed
    assert (2, ["unconfirmed"]) == kinds(site)
    said = site.run("auth", "status").out
    assert "auth is on, and nobody vouches for it: the guard died while it waited for a confirmation" in said
    assert 0 == site.run("verify").code
    confirmed = site.run("auth", "confirm")
    assert (0, "Confirmed: auth stays on.\n") == (confirmed.code, confirmed.out)
    assert (0, ["healthy"]) == kinds(site)
    assert ("confirmed", "the guard was dead; ringfence auth confirm vouched for auth") == log(site)[-1]
    assert ["ringfence: nothing waits for a confirmation"] == site.run("auth", "confirm").problems


def test_the_runbook(unconfirmed: Site) -> None:
    """Chapter 9: prove it, vouch for it, and it is healthy."""
    (commands,) = blocks(9)
    assert ["verify", "auth", "auth"] == [words[1] for words in commands]
    assert [0, 0, 0] == [ran.code for ran in follow(unconfirmed, commands)]


def test_switched_off_by_hand(unconfirmed: Site) -> None:
    """Then auth is off, which is all that there is to say, and there is nothing to confirm."""
    site = unconfirmed
    assert 0 == site.run("auth", "disable", "--yes").code
    assert (2, ["off"]) == kinds(site)
    assert ("switched-off", "switched off by ringfence auth disable") == log(site)[-1]
    refused = site.run("auth", "confirm")
    assert 1 == refused.code
    assert refused.problems[0].startswith("ringfence: too late: auth was switched off at ")


def test_off_already(unconfirmed: Site) -> None:
    """Somebody else switched auth off: nothing is left to confirm, and the next apply begins as usual."""
    site = unconfirmed
    site.as_root(lambda client: client.auth.disable())
    assert (2, ["off"]) == kinds(site)
    refused = site.run("auth", "confirm")
    assert (1, ["ringfence: nothing is left to confirm: the guard is dead, and auth is off"]) == (
        refused.code,
        refused.problems,
    )
    site.fence()
    assert (0, ["healthy"]) == kinds(site)


def test_both_died_during_the_proof(site: Site) -> None:
    """Auth is on and was never proved."""
    with proving(site) as process:
        process.send_signal(signal.SIGSTOP)
        kill_guard(site)
        process.kill()
        process.wait()
    assert is_on(site)
    assert "unconfirmed" in kinds(site)[1]
    assert "the guard died during the proof" in site.run("auth", "status").out


@pytest.mark.long
def test_the_proof_passes_without_the_guard(site: Site) -> None:
    """The guard alone died: apply says so, its proof stands, and nothing is left to vouch for."""
    with proving(site) as process:
        process.send_signal(signal.SIGSTOP)
        kill_guard(site)
        process.send_signal(signal.SIGCONT)
        assert 0 == process.wait(60)
    assert (0, ["healthy"]) == kinds(site)
    assert ("stood-down", "it was ended by somebody; the proof passed") == log(site)[-1]
