"""Stopped after any step, the next plan carries on from there and reaches what was wanted.

A few pairs of states here; two hundred, and real kills after every step of ten specs, with ``make test-long``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
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
from ringfence.ops.execution.pace import FULL_SPEED
from tests.integration.ops.random_states import become, changes, state
from tests.integration.site import COMPONENTS, Site

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


def test_two_applies_race(site: Site) -> None:
    """Two at once, from the same plan: one wins, and the other stops cleanly or finds nothing left to do."""
    site.write()
    site.fence()
    site.write(SPECS[4])
    command = [sys.executable, "-m", "ringfence", "apply", "--yes", "--pace", "20/s"]

    async def race() -> list[tuple[int | None, bytes]]:
        both = [
            await asyncio.create_subprocess_exec(
                *command, cwd=site.folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
            )
            for _ in range(2)
        ]
        return [
            (each.returncode, told)
            for each, (_, told) in zip(both, [await one.communicate() for one in both], strict=True)
        ]

    ended = asyncio.run(race())
    codes = sorted(code for code, _ in ended if code is not None)
    assert codes in ([0, 0], [0, 1], [1, 1]), ended
    for _, told in ended:
        assert b"Traceback" not in told
    assert 0 == site.run("apply", "--yes").code
    assert 0 == site.run("plan").code
