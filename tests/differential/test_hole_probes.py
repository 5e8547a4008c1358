"""The probes of known holes, on releases on both sides of each fix: right, and without a trace."""

from __future__ import annotations

import asyncio

import pytest

from ringfence.etcd.channel import Channel
from ringfence.etcd.client import Client
from ringfence.etcd.hole_probes import PROBES
from ringfence.keyspace import Span, SpanSet
from ringfence.local.binary import Binary
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Reach
from ringfence.rules.holes import holes, is_reviewed
from tests.integration.stage import Stage

TRIER, ROLE = UserName("trier"), RoleName("trier")
READ, BLIND = Span.of_prefix(b"/mine/"), Span.of_key(b"/blind")
REACH = Reach(SpanSet([READ]), SpanSet([READ, BLIND]))
SECRET = b"/zz/secret"


async def tried(stage: Stage, hole: str, reach: Reach) -> tuple[bool | None, int]:
    """What a probe found as ``trier``, and by how much the store's revision moved."""
    endpoint = stage.members[0].client
    async with Client(endpoint, stage.as_user("root")) as root, Channel(endpoint, stage.as_user(TRIER)) as channel:
        await root.keys.put(SECRET, b"hidden")
        for user, role in ((ROOT_USER, ROOT_ROLE), (TRIER, ROLE)):
            await root.auth.add_user(user)
            await root.auth.add_role(role)
            await root.auth.grant_role(user, role)
        await root.auth.grant(ROLE, Permission.on_span(Access.READWRITE, READ))
        await root.auth.grant(ROLE, Permission.on_span(Access.WRITE, BLIND))
        await root.auth.enable()
        try:
            before = await root.keys.settle()
            found = await PROBES[hole](channel, reach)
            return found, await root.keys.settle() - before
        finally:
            await root.auth.disable()
            for user, role in ((ROOT_USER, ROOT_ROLE), (TRIER, ROLE)):
                await root.auth.delete_user(user)
                await root.auth.delete_role(role)


@pytest.mark.parametrize("hole", PROBES)
def test_a_probe_finds_the_hole_where_the_release_has_it(staged: Stage, server: Binary, hole: str) -> None:
    """Confirmed on the releases of the list, denied on the others, and no revision is made."""
    known = {one.id for one in holes(server.version)}
    assert (hole in known, 0) == asyncio.run(tried(staged, hole, REACH))


@pytest.mark.parametrize("hole", sorted(set(PROBES) - {"CVE-2026-33413"}))
def test_a_role_that_gives_more_than_expected_is_no_hole(staged: Stage, server: Binary, hole: str) -> None:
    """Where the identity may do in the plain way what the probe takes for forbidden, nothing is concluded."""
    wrong = Reach(SpanSet([Span(b"\x00", b"/mine/"), Span.of_key(b"/absent")]), SpanSet([READ]))
    assert (None, 0) == asyncio.run(tried(staged, hole, wrong))


def test_the_list_of_holes_is_no_older_than_the_release(server: Binary) -> None:
    """Whoever pins a newer release here holds it against the list first, and moves ``REVIEWED_UP_TO``."""
    assert is_reviewed(server.version)
