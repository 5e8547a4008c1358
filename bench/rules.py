"""The evaluator at scale: from users and roles to "who can read this", and how the cost grows."""

from __future__ import annotations

import time

from bench.measure import Aim, Ratio, Section, Tell, Way, in_turns
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State, User
from ringfence.rules.answer import who_can
from ringfence.rules.holdings import Holdings
from ringfence.rules.requests import Range

USERS, GRANTS = 15_000, 100_000
ROUNDS = 7


async def run(tell: Tell) -> tuple[Section, ...]:
    """Load and answer, at full size and at half, beside the bare sort of as many keys."""
    whole, half = _state(USERS, GRANTS), _state(USERS // 2, GRANTS // 2)
    keys = [permission.key for role in whole.roles.values() for permission in role.permissions]
    keys.sort(key=hash)
    bare, full, smaller, everybody = await in_turns(
        [
            Way(f"bare: sort of {GRANTS:,} keys", lambda: _sorting(keys)),
            Way("load, and who-can get KEY", lambda: _asking(whole, Range(b"/tenant/77/3/key"))),
            Way("the same at half the size", lambda: _asking(half, Range(b"/tenant/77/3/key"))),
            Way("load, and who-can get /tenant/ --prefix", lambda: _asking(whole, Range(b"/tenant/", b"/tenant0"))),
        ],
        ROUNDS,
        tell,
    )
    return (
        Section(
            job="Who can read this",
            setting=f"{USERS:,} users, each with a role of its own, {GRANTS:,} grants; {ROUNDS} rounds",
            unit="ms of processor time",
            figures=(bare, full, smaller, everybody),
            ratios=(
                Ratio("who-can / 1 s", tuple(value / 1000 for value in full.values), Aim(at_most=1)),
                Ratio(
                    "who-can with everybody in part / 1 s",
                    tuple(value / 1000 for value in everybody.values),
                    Aim(at_most=1),
                ),
                Ratio("whole / half (n log n: 2.1)", full.over(smaller), Aim(at_most=3)),
                Ratio("who-can / bare sort", full.over(bare)),
            ),
            notes=("the last way has a partial answer for every single user",),
        ),
    )


def _state(users: int, grants: int) -> State:
    roles = [
        Role(
            RoleName(f"r{user}"),
            tuple(
                Permission.on_prefix(Access.READWRITE, b"/tenant/%d/%d/" % (user, number))
                for number in range(grants // users + (user < grants % users))
            ),
        )
        for user in range(users)
    ]
    holders = [User(UserName(f"u{user}"), frozenset([role.name])) for user, role in enumerate(roles)]
    return State.of(holders, roles)


async def _sorting(keys: list[bytes]) -> float:
    start = time.process_time()
    sorted(keys)
    return (time.process_time() - start) * 1000


async def _asking(state: State, request: Range) -> float:
    start = time.process_time()
    list(who_can(Holdings(state), request))
    return (time.process_time() - start) * 1000
