"""Somebody else changes users or roles while a plan is carried out: it ends, and says what differs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from ringfence.errors import Interference
from ringfence.model.names import RoleName, UserName
from ringfence.ops.execution.changing import change_users_and_roles
from ringfence.ops.load import load
from ringfence.ops.planning import planned
from ringfence.ops.reach.pace import FULL_SPEED
from ringfence.ops.reach.target import Target, connected
from tests.integration.site import Site


@pytest.mark.parametrize("role", ["calico", "inventory", "kube-apiserver", "else"])
def test_a_role_of_somebody_else(site: Site, role: str) -> None:
    """Whether it is the first of the plan, a later one or none of it: not taken for ours, nor made into ours."""

    async def changed() -> Interference:
        spec, wanted = load(site.spec, datetime.now(UTC).date())
        target = Target(site.endpoints, site.operation.root)
        async with connected(target) as client:
            start = await planned(client, spec, wanted)
            await client.auth.add_role(RoleName(role))
        with pytest.raises(Interference) as refused:
            await change_users_and_roles(
                lambda client: planned(client, spec, wanted), wanted, target, start, FULL_SPEED, advance=_unheard
            )
        return refused.value

    told = [problem.what for problem in asyncio.run(changed()).problems]
    assert ["somebody else changed users or roles while the plan was carried out"] == told[:1]
    assert f"role {role} was added by somebody else" in told
    assert UserName("calico") not in site.state().users


def _unheard(_done: int, _all: int) -> None:
    """Nobody listens."""
