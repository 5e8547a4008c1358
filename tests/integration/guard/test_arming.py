"""No guard, no switch; and what a guard does that hears nothing."""

from __future__ import annotations

import asyncio
from unittest import mock

import pytest

from ringfence.errors import GuardError
from ringfence.etcd.client import Client
from ringfence.model.credentials import SpareKey
from ringfence.model.names import UserName
from ringfence.ops.switch.guard_folder import GuardFolder
from ringfence.ops.switch.guard_job import GuardJob
from ringfence.ops.switch.guarding import guarded
from tests.integration.guard.guards import guard_pids, is_on, log
from tests.integration.site import Site, add_root
from tests.integration.waiting import wait_until

SPARE = SpareKey(UserName("spare"), "unused")
"""A second way in that is not needed."""


def test_a_guard_that_reaches_no_member(site: Site) -> None:
    """Everything is prepared, auth is not switched on, and the error says why."""

    def elsewhere(**given: object) -> GuardJob:
        return GuardJob(**{**given, "endpoints": ("https://127.0.0.1:1",)})  # type: ignore[arg-type]  # the same names

    with mock.patch("ringfence.ops.switch.on.GuardJob", elsewhere):
        ran = site.run("apply", "--yes")
    assert 1 == ran.code
    assert (
        "ringfence: the guard that could switch auth off again cannot be armed: "
        "https://127.0.0.1:1: nothing listens there"
    ) == ran.problems[-1]
    assert not is_on(site)
    site.fence()


def test_a_folder_in_which_others_may_write(site: Site) -> None:
    """Whoever could write there could confirm: nothing is switched on until that is mended."""
    folder = site.folder / ".ringfence"
    folder.mkdir()
    folder.chmod(0o777)
    ran = site.run("apply", "--yes")
    assert (1, f"{folder}: others may write in this folder") == (ran.code, ran.problems[-1])
    assert not is_on(site)
    folder.chmod(0o700)
    site.fence()


def test_one_guard_at_a_time(site: Site) -> None:
    """While a guard is at work for a spec, another one is refused."""
    folder = GuardFolder(site.folder / ".ringfence")
    with folder.held():
        assert folder.is_held
        with mock.patch("ringfence.ops.switch.guarding._PATIENCE_SECONDS", 0.1):
            ran = site.run("apply", "--yes")
    assert f"{folder.path}: another guard is at work for this spec" == ran.problems[-1]
    assert not folder.is_held
    assert not is_on(site)


def test_silence(site: Site) -> None:
    """A ringfence that is stopped and goes on later finds that the guard has fired, and auth is off for good."""
    job = GuardJob(
        endpoints=site.endpoints,
        credentials=site.operation.root,
        spare=SPARE,
        folder=site.folder / ".ringfence",
        silence_seconds=1.0,
    )

    async def stopped() -> None:
        async with guarded(job) as guard, Client(site.endpoints[0], job.credentials) as client:
            await client.auth.enable()
            guard.switched()
            await asyncio.sleep(3)
            await client.auth.enable()
            with pytest.raises(GuardError, match="the guard has switched auth off: nothing was heard of ringfence"):
                await guard.stand_down()

    site.as_root(add_root)
    with mock.patch("ringfence.ops.switch.guarding._PULSE_SECONDS", 100.0):
        asyncio.run(stopped())
    wait_until(lambda: not guard_pids(site), 10)
    assert not is_on(site)
    assert ["armed", "firing", "switched-off"] == [state for state, _ in log(site)][:3]


def test_death_before_the_switch_is_acknowledged(site: Site) -> None:
    """The request to switch on may be slower than the guard: it looks again until that cannot be any more."""
    job = GuardJob(
        endpoints=site.endpoints,
        credentials=site.operation.root,
        spare=SPARE,
        folder=site.folder / ".ringfence",
    )

    async def die() -> None:
        async with guarded(job):
            pass

    site.as_root(add_root)
    asyncio.run(die())
    wait_until(lambda: "switched-off" == log(site)[-1][0], 20)
    site.as_root(lambda client: client.auth.enable())
    wait_until(lambda: not is_on(site), 10)
    wait_until(lambda: not guard_pids(site), 20)
