"""``apply --confirm-within T``: auth stays on when somebody confirms in time, and only then."""

from __future__ import annotations

import base64
import os
import signal
import time
from pathlib import Path

import pytest

from tests.integration.guard.guards import ended, guard_pids, is_on, log, proving
from tests.integration.site import Site
from tests.integration.waiting import wait_until


def test_without_a_confirmation_auth_goes_off(site: Site) -> None:
    """Apply ends with 0 and says until when; after that auth is off, and a confirmation comes too late."""
    applied = site.spawn("apply", "--yes", "--confirm-within", "6s")
    assert 0 == applied.code, applied.err
    assert "unless you say before then: ringfence auth confirm" in applied.out.splitlines()[-1]
    assert is_on(site)
    wait_until(lambda: not is_on(site) and ended(site), 20)
    assert ("switched-off", "nobody confirmed within 6 s") == log(site)[-1]
    late = site.run("auth", "confirm")
    assert 1 == late.code
    assert late.err.startswith("ringfence: too late: auth was switched off at ")


def test_with_a_confirmation_it_stays_on(site: Site) -> None:
    """The same, confirmed in time: nothing happens afterwards, and there is nothing left to confirm."""
    assert 0 == site.spawn("apply", "--yes", "--confirm-within", "20s").code
    confirmed = site.run("auth", "confirm")
    assert (0, "Confirmed: auth stays on.\n") == (confirmed.code, confirmed.out)
    wait_until(lambda: not guard_pids(site), 10)
    assert is_on(site)
    assert "confirmed" == log(site)[-1][0]
    again = site.run("auth", "confirm")
    assert (1, ["ringfence: nothing waits for a confirmation"]) == (again.code, again.problems[:1])


def test_auth_is_off_already(site: Site) -> None:
    """Somebody switched it off meanwhile: the guard stands down, and nobody says that auth stays on."""
    assert 0 == site.spawn("apply", "--yes", "--confirm-within", "1h").code
    site.as_root(lambda client: client.auth.disable())
    confirmed = site.run("auth", "confirm", "-o", "json")
    assert (2, {"confirmed": False, "off": ["v3"]}) == (confirmed.code, confirmed.json)
    wait_until(lambda: not guard_pids(site), 10)
    assert not is_on(site)


def test_it_stays_on_and_cannot_be_seen(site: Site) -> None:
    """The guard is told first, for its time may be nearly over; then that the cluster cannot be asked."""
    assert 0 == site.spawn("apply", "--yes", "--confirm-within", "1h").code
    confirmed = site.run("auth", "confirm", "--endpoints", "https://127.0.0.1:1")
    assert 1 == confirmed.code
    last = "ringfence: confirmed, and the guard stands down; whether auth is on could not be seen"
    assert last == confirmed.problems[-1]
    wait_until(lambda: not guard_pids(site), 10)
    assert is_on(site)


def test_a_guard_that_is_told_to_end_does_its_task_first(site: Site) -> None:
    """SIGTERM while it waits, as at the end of a machine or of a session: auth goes off at once."""
    assert 0 == site.spawn("apply", "--yes", "--confirm-within", "1h").code
    (guard,) = guard_pids(site)
    os.kill(guard, signal.SIGHUP)
    os.kill(guard, signal.SIGINT)
    time.sleep(1)
    assert is_on(site)
    os.kill(guard, signal.SIGTERM)
    wait_until(lambda: not is_on(site), 20)
    wait_until(lambda: not guard_pids(site), 10)


def test_no_key_leaves_the_pipe(site: Site) -> None:
    """While a guard waits: no key in any of its arguments, variables or files, in any form that it travels in."""
    env = {"RINGFENCE_CA_PASSPHRASE": "not for a guard"}
    assert 0 == site.spawn("apply", "--yes", "--confirm-within", "1h", env=env).code
    key = (site.pki / "root-key.pem").read_bytes()
    forms = {b"PRIVATE KEY", key.splitlines()[1], base64.b64encode(key)[:40]}
    (guard,) = guard_pids(site)
    proc = Path(f"/proc/{guard}")
    files = [path for path in (site.folder / ".ringfence").iterdir() if path.is_file()]
    assert files
    for path in (proc / "cmdline", proc / "environ", *files):
        content = path.read_bytes()
        assert not any(form in content for form in forms), path
    assert b"not for a guard" not in (proc / "environ").read_bytes()
    assert Path("/") == (proc / "cwd").readlink()
    assert 0 == site.run("auth", "confirm").code


def test_disable_ends_the_wait(site: Site) -> None:
    """Switched off by hand while a guard waits: it stands down, so that it cannot fire into a later try."""
    assert 0 == site.spawn("apply", "--yes", "--confirm-within", "1h").code
    disabled = site.run("auth", "disable", "--yes", "-o", "json")
    assert ["etcd-1", "etcd-2", "etcd-3"] == disabled.json["off"]
    wait_until(lambda: not guard_pids(site), 10)
    assert not is_on(site)


@pytest.mark.long
def test_a_guard_that_is_killed_before_the_wait(site: Site) -> None:
    """Nobody would switch auth off later, so it goes off now, and apply says so."""
    with proving(site, "--confirm-within", "1h") as process:
        (guard,) = guard_pids(site)
        os.kill(guard, signal.SIGKILL)
        assert 1 == process.wait(60)
    assert not is_on(site)


def test_there_is_nothing_to_confirm_where_auth_is_on(site: Site) -> None:
    """Refused before anything is changed, since only the switch can be taken back."""
    site.fence()
    site.write("  - {name: inventory, grants: [{prefix: /inventory/, access: read}]}\n")
    before = site.auth_revision()
    refused = site.run("apply", "--yes", "--confirm-within", "1m")
    assert (1, before) == (refused.code, site.auth_revision())
    assert "ringfence: auth is on already, and --confirm-within is about switching it on" in refused.problems


def test_a_time_that_is_none(site: Site) -> None:
    """A wrong time is refused with an example."""
    for text in ("5", "0s", "2d", "soon", "25h"):
        refused = site.run("apply", "--yes", "--confirm-within", text)
        assert 1 == refused.code
        assert "such as 30s, 5m or 1h" in refused.err
