"""Stopped after any change of v2 the next plan carries on; and etcd stores what ``changes.v2.effect`` says."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
from collections.abc import Sequence

import pytest

from ringfence.changes.v2.change import ChangeV2
from ringfence.changes.v2.diff import diff_v2
from ringfence.changes.v2.effect import after_v2
from ringfence.errors import FileError, Interference
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.observe import observe_v2
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from ringfence.ops.reach.target import Target
from ringfence.ops.v2.changing import change_v2
from ringfence.ops.v2.looking import changing, look_once
from ringfence.ops.v2.passwords import PasswordsV2
from ringfence.wanted.v2.wanted import WantedV2
from tests.integration.stage import Stage
from tests.integration.v2.conftest import clear

NAMES = ("a", "b")
PATTERNS = tuple(Pattern(text) for text in ("/a", "/a/*", "/b*", "/c"))
ROOT = User(ROOT_USER, frozenset({ROOT_ROLE}))


class Stop(Exception):
    """The moment at which the process would have died."""


def _role(draw: random.Random, name: str) -> PatternRole:
    read, write = (frozenset(draw.sample(PATTERNS, draw.randint(0, 2))) for _ in range(2))
    return PatternRole(RoleName(name), read, write)


def _start(draw: random.Random) -> StateV2:
    """Whatever may be there while v2 auth is off; users hold roles that exist."""
    roles = [_role(draw, name) for name in (*NAMES, GUEST_ROLE) if draw.random() < 0.7]
    own = [role.name for role in roles if role.name != GUEST_ROLE]
    held = {name: frozenset(draw.sample(own, draw.randint(0, len(own)))) for name in NAMES if draw.random() < 0.7}
    return StateV2.of([User(UserName(name), roles) for name, roles in held.items()], roles, auth_enabled=False)


def _goal(draw: random.Random) -> StateV2:
    users = [User(UserName(name), frozenset({RoleName(name)})) for name in NAMES]
    roles = [PatternRole(GUEST_ROLE), *(_role(draw, name) for name in NAMES)]
    return StateV2.of([ROOT, *users], roles, auth_enabled=False)


async def _become(client: ClientV2, state: StateV2) -> None:
    for user in await client.auth.users():
        await client.auth.delete_user(user)
    for name in await client.auth.roles():
        await client.auth.delete_role(name)
    for role in state.roles.values():
        await client.auth.add_role(role)
    for held in state.users.values():
        await client.auth.add_user(held.name, "a password", held.roles)


async def _apply(target: Target, wanted: WantedV2, *, steps: int | None = None) -> None:
    """Carry out the plan of now, and stop after so many changes."""
    left = iter(range(10_000 if steps is None else steps))

    def done() -> None:
        if next(left, None) is None:
            raise Stop

    make = changing(wanted, frozenset(), frozenset())
    start = await look_once(target, make)
    await change_v2(make, target, start, None, PasswordsV2(), done=done, tell=lambda _sentence: None)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what is under way then is not closed
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 30))])
def test_a_crash_at_every_boundary_is_carried_on(stage_v2: Stage, seed: int) -> None:
    """For a random pair of states: stop after each change in turn, plan again, and end where it was to end."""
    draw = random.Random(seed)  # noqa: S311  # reproducible, not secret
    start, goal = _start(draw), _goal(draw)
    wanted = WantedV2(goal, (), ())
    root = stage_v2.as_user("root")
    target = Target((stage_v2.members[0].client,), root)

    async def every_boundary() -> None:
        async with ClientV2(target.endpoints[0], root) as client:
            for steps in range(len(_changes(goal, start))):
                await _become(client, start)
                with contextlib.suppress(Stop):
                    await _apply(target, wanted, steps=steps)
                await _apply(target, wanted)
                assert () == diff_v2(goal, await observe_v2(client))

    asyncio.run(every_boundary())
    asyncio.run(clear(stage_v2))
    gc.collect()  # or another test would be told of it


@pytest.mark.parametrize("seed", [100, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(101, 120))])
def test_etcd_stores_what_the_effect_says(stage_v2: Stage, seed: int) -> None:
    """After each change of a random plan the real store is what the effect makes of the one before."""
    draw = random.Random(seed)  # noqa: S311  # reproducible, not secret
    start, goal = _start(draw), _goal(draw)
    root = stage_v2.as_user("root")
    target = Target((stage_v2.members[0].client,), root)

    async def compare() -> None:
        from ringfence.ops.v2.changing import _make

        async with ClientV2(target.endpoints[0], root) as client:
            await _become(client, start)
            found = await observe_v2(client)
            for change in _changes(goal, found):
                await _make(client, change, PasswordsV2())
                expected, found = after_v2(found, [change]), await observe_v2(client)
                assert expected == found

    asyncio.run(compare())
    asyncio.run(clear(stage_v2))


def test_somebody_else_is_noticed(stage_v2: Stage) -> None:
    """What another hand changes while a plan is carried out is told at the end, by name."""
    goal = _goal(random.Random(7))  # noqa: S311  # reproducible, not secret
    root = stage_v2.as_user("root")
    target = Target((stage_v2.members[0].client,), root)
    make = changing(WantedV2(goal, (), ()), frozenset(), frozenset())

    async def race() -> None:
        start = await look_once(target, make)
        async with ClientV2(target.endpoints[0], root) as client:
            await client.auth.add_role(PatternRole(RoleName("other")))
        await change_v2(make, target, start, None, PasswordsV2(), done=lambda: None, tell=lambda _sentence: None)

    with pytest.raises(Interference, match="v2 role other was added by somebody else"):
        asyncio.run(race())
    asyncio.run(clear(stage_v2))


def test_a_password_that_cannot_be_written(stage_v2: Stage) -> None:
    """Root is not made where its password was to be kept and cannot."""
    from pathlib import Path

    goal = _goal(random.Random(7))  # noqa: S311  # reproducible, not secret
    target = Target((stage_v2.members[0].client,), stage_v2.as_user("root"))
    make = changing(WantedV2(goal, (), ()), frozenset(), frozenset())
    passwords = PasswordsV2(Path("/nowhere/at/all"))

    async def run() -> tuple[UserName, ...]:
        start = await look_once(target, make)
        with pytest.raises(FileError, match="cannot be kept"):
            await change_v2(make, target, start, None, passwords, done=lambda: None, tell=lambda _sentence: None)
        async with ClientV2(target.endpoints[0], target.credentials) as client:
            return await client.auth.users()

    assert () == asyncio.run(run())
    asyncio.run(clear(stage_v2))


def _changes(goal: StateV2, start: StateV2) -> Sequence[ChangeV2]:
    return [change for batch in diff_v2(goal, start) for change in batch]
