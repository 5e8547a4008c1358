"""Stopped after any step, the next plan carries on from there and reaches what was wanted.

A few pairs of states here; two hundred, and real kills after every step of ten specs, with ``make test-long``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from ringfence.changes.change import Change
from ringfence.changes.diff import diff
from ringfence.changes.effect import after, differences
from ringfence.etcd.client import Client
from ringfence.etcd.observe import observe
from ringfence.ops.execution.batches import auth_writes, carry_out
from ringfence.ops.reach.pace import FULL_SPEED
from tests.integration.ops.random_states import become, changes, state
from tests.integration.site import COMPONENTS, IDENTITIES, Ran, Site, site_of

FEW, MANY = range(6), range(6, 206)


class Stop(Exception):
    """The moment at which the process would have died."""


async def _checked(_batch: object) -> None:
    """Nobody else is at work."""


@pytest.mark.parametrize("seed", [*FEW, *(pytest.param(seed, marks=pytest.mark.long) for seed in MANY)])
def test_a_crash_at_every_call_boundary_is_carried_on(site: Site, seed: int) -> None:
    """For a random pair of states: stop after each call in turn, plan again, and end where it was to end."""
    draw = random.Random(seed)  # noqa: S311  # reproducible, not secret
    auth = seed % 2 == 1
    start, goal = state(draw, auth=auth), state(draw, auth=auth)

    async def stopped_after(client: Client, steps: int) -> None:
        await become(client, start)
        left = iter(range(steps))

        def done() -> None:
            if next(left, None) is None:
                raise Stop

        with contextlib.suppress(Stop):
            batches = [[change] for change in changes(goal, start)]
            await carry_out(client, batches, None, FULL_SPEED, done=done, checked=_checked)
        half = (await observe(client)).state
        await carry_out(client, diff(goal, half), None, FULL_SPEED, done=lambda: None, checked=_checked)
        assert () == diff(goal, (await observe(client)).state)

    async def every_boundary(client: Client) -> None:
        for steps in range(len(changes(goal, start))):
            await stopped_after(client, steps)

    site.as_root(every_boundary)


@pytest.mark.parametrize("seed", range(4))
def test_etcd_stores_what_the_effect_says(site: Site, seed: int) -> None:
    """After each change of a random plan the real store is what ``changes.effect`` makes of the one before."""
    draw = random.Random(1000 + seed)  # noqa: S311  # reproducible, not secret
    start, goal = state(draw, auth=False), state(draw, auth=False)

    async def compare(client: Client) -> None:
        await become(client, start)
        found = (await observe(client)).state
        for change in changes(goal, found):
            await carry_out(client, [[change]], None, FULL_SPEED, done=lambda: None, checked=_checked)
            expected, found = after(found, [change]), (await observe(client)).state
            assert () == differences(expected, found)

    site.as_root(compare)


SPECS = [
    COMPONENTS,
    "  - {use: kube-apiserver, compaction: etcd}\n",
    "  - {name: inventory, grants: [{prefix: /inventory/, access: read}]}\n",
    "  - {name: inventory, grants: [{prefix: /inventory/, access: readwrite, except: [/inventory/x/]}]}\n",
    "  - {name: shop, grants: [{prefix: /shop/, access: readwrite}, {key: /one, access: read}]}\n",
    "  - {use: calico, segmentation: single}\n  - {name: shop, grants: [{prefix: /shop/, access: read}]}\n",
]
PAIRS = [(one, other) for one in range(len(SPECS)) for other in range(len(SPECS)) if one != other][:12]


@pytest.mark.parametrize(
    ("before", "wanted"), [PAIRS[0], *(pytest.param(*pair, marks=pytest.mark.long) for pair in PAIRS[1:])]
)
def test_a_killed_apply_is_carried_on(site: Site, before: int, wanted: int) -> None:
    """With auth on: kill -9 after each auth write in turn; a second apply ends in sync, and the proof holds."""
    site.write(SPECS[before])
    site.fence()
    from_there = site.state()
    site.write(SPECS[wanted])
    total = sum(map(auth_writes, _planned(site)))
    for writes in range(total):
        site.as_root(lambda client: become(client, from_there))
        _apply_and_kill(site, writes)
        assert 0 == site.run("apply", "--yes").code
        assert 0 == site.run("plan").code


def _planned(site: Site) -> list[Change]:
    from ringfence.changes.plan import read_plan

    site.run("plan", "--out", "plan.json")
    return list(read_plan((site.folder / "plan.json").read_text(), "plan.json").changes)


def _apply_and_kill(site: Site, writes: int) -> None:
    """Start apply, and kill it as soon as etcd has counted that many more auth writes."""
    start = site.auth_revision()
    process = subprocess.Popen(
        [sys.executable, "-m", "ringfence", "apply", "--yes", "--pace", "8/s"],
        cwd=site.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1"},
    )
    deadline = time.monotonic() + 60
    try:
        while site.auth_revision() < start + writes and process.poll() is None:
            assert time.monotonic() < deadline
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.wait()


def apply_at_once(*sites: Site) -> list[Ran]:
    """Apply the same plan in each of them, all at the same time."""
    assert 2 == sites[0].run("plan", "--out", "plan.json").code
    for site in sites[1:]:
        if site is not sites[0]:
            shutil.copy(sites[0].folder / "plan.json", site.folder)
    command = [sys.executable, "-m", "ringfence", "apply", "plan.json", "--yes", "--pace", "20/s"]

    async def race() -> list[Ran]:
        running = [
            await asyncio.create_subprocess_exec(
                *command, cwd=site.folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            for site in sites
        ]
        told = await asyncio.gather(*(one.communicate() for one in running))
        return [
            Ran(-1 if one.returncode is None else one.returncode, out.decode(), err.decode())
            for one, (out, err) in zip(running, told, strict=True)
        ]

    ended = asyncio.run(race())
    assert not any("Traceback" in each.out + each.err for each in ended)
    return ended


def one_won(first: Ran, second: Ran) -> None:
    """One did all of it, and the other says what somebody else did."""
    assert [0, 1] == sorted([first.code, second.code]), (first, second)
    loser = first if first.code else second
    told = re.compile(
        r"ringfence: ((role|user) \S+ (was added|was changed|is gone).*|auth is on"
        r"|auth was switched on by somebody else.*|somebody else is switching auth on.*"
        r"|.*: another guard is at work for this spec|(users or roles were changed|the auth revision moved) since .*)"
    )
    assert any(told.fullmatch(problem) for problem in loser.problems), loser.err


@pytest.fixture(params=["one folder", "two folders"])
def rivals(request: pytest.FixtureRequest, site: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Site]:
    """Two operators: in the same folder, or each in one of their own."""
    if request.param == "one folder":
        return site, site
    return site, site_of(tmp_path_factory.mktemp("rival"), site.operation)


def test_two_applies_race(rivals: tuple[Site, Site]) -> None:
    """Two at once with auth on, of the same changes: one wins, and the other stops and tells what is different."""
    mine, other = rivals
    mine.fence()
    mine.write(SPECS[4])
    if other is not mine:
        shutil.rmtree(other.pki)
        shutil.copytree(mine.pki, other.pki)
        shutil.copy(mine.spec, other.spec)
    one_won(*apply_at_once(mine, other))
    assert [0, 0] == [each.run("plan").code for each in rivals]
    assert 0 == mine.run("auth", "status").code


def test_two_first_applies_race(rivals: tuple[Site, Site]) -> None:
    """The same from nothing: users, roles and the switch."""
    one_won(*apply_at_once(*rivals))
    assert [0, 0] == [each.run("plan").code for each in rivals]
    assert rivals[0].state().auth_enabled


def test_two_race_for_the_switch(rivals: tuple[Site, Site]) -> None:
    """Users and roles are there, and only auth is to go on: whoever comes second leaves it on."""
    mine, _ = rivals
    mine.fence()
    mine.as_root(lambda client: client.auth.disable())
    one_won(*apply_at_once(*rivals))
    assert mine.state().auth_enabled
    assert {"root", *IDENTITIES} == set(mine.state().users)
    assert 0 == mine.run("verify").code
