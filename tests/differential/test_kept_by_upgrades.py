"""Grants without keys outlive the release that took them: newer ones refuse to store such, and keep those there are."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from ringfence.local.binary import Binary, built, find
from ringfence.model.names import ROOT_ROLE
from ringfence.rules.release import Behaviour
from tests.differential.asking import Asker
from tests.differential.test_agreement import IN_A_WORLD, SEED, disagreements, random_cases
from tests.differential.world import World, random_world
from tests.integration.stage import Authority, Stage, prepare

LEAST_VOIDS = 6


def crowded_world(dice: Random) -> World:
    """A world that holds a good number of grants without keys, beside others."""
    while True:
        world = random_world(dice, voids=True)
        grants = [grant for name, role in world.state.roles.items() if name != ROOT_ROLE for grant in role.permissions]
        if sum(not grant.has_keys for grant in grants) >= LEAST_VOIDS and any(grant.has_keys for grant in grants):
            return world


async def store(stage: Stage, world: World) -> None:
    """Make the users and roles, and switch auth on."""
    asker = Asker(stage)
    try:
        await asker.prepare()
        await asker.enter(world)
    finally:
        await asker.close()


async def ask(stage: Stage, world: World, server: Binary, dice: Random) -> None:
    """Questions about what is stored, of which the evaluator must know all the answers."""
    asker = Asker(stage, world)
    behaviour = Behaviour.of(server.version)
    try:
        stored = {name: await asker.root.auth.role(name) for name in world.state.roles}
        decided, wrong = await disagreements(asker, list(random_cases(world, dice, 2 * IN_A_WORLD)), behaviour)
    finally:
        await asker.close()
    assert {name: set(role.permissions) for name, role in world.state.roles.items()} == {
        name: set(role.permissions) for name, role in stored.items()
    }
    assert decided > IN_A_WORLD
    assert [] == [(case.user, case.request) for case in wrong], server.version


def test_grants_without_keys_change_no_answer_of_any_release(tmp_path: Path) -> None:
    """Stored by 3.5.1, and asked there and on each newer release at hand, on the same data after an upgrade."""
    oldest = find("etcd", {})
    newer = [one for one in reversed(built()) if one.version.line >= (3, 5)]
    dice = Random(f"{SEED}-upgrades")  # noqa: S311  # dice, no secret
    world = crowded_world(dice)
    stage = prepare(tmp_path, oldest.path, Authority(), size=1)
    with stage.cluster:
        asyncio.run(store(stage, world))
        asyncio.run(ask(stage, world, oldest, dice))
        for server in newer:
            stage.cluster.kill("m0")
            stage.cluster.restart("m0", etcd=server.path)
            asyncio.run(ask(stage, world, server, dice))
