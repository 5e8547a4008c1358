"""Probes of v2 on real servers: the answers are the rules', and nothing changes but etcd's log."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.observe import observe_v2
from ringfence.etcd.v2.prober import ProberV2
from ringfence.model.names import UserName
from ringfence.model.probe import Verdict
from ringfence.model.probe_v2 import OperationV2, OutcomeV2, ProbeV2
from ringfence.model.v2 import GUEST_ROLE, Pattern
from ringfence.proof.v2.probes import NOTHING_V2, probes_v2, refused_at_the_door_v2
from tests.integration.stage import Authority, Stage

SEGMENTS = (
    (Pattern("/calico"), Pattern("/calico/*")),
    (Pattern("/registry"), Pattern("/registry/*")),
    (Pattern("/inventory*"),),
)


async def ask(stage: Stage, name: str, probes: tuple[ProbeV2, ...], member: int = 0) -> list[OutcomeV2]:
    """The outcomes as that identity, from a member that knows all that the others know."""
    endpoint = stage.members[member].client
    async with ClientV2(endpoint, stage.as_user("root")) as root:
        await root.keys.settle()
    async with ClientV2(endpoint, stage.as_user(name)) as client:
        return await ProberV2(client).ask(probes)


def wrong(outcomes: list[OutcomeV2]) -> list[OutcomeV2]:
    """Those that are other than expected."""
    return [outcome for outcome in outcomes if outcome.verdict is not outcome.probe.expected]


@pytest.mark.parametrize("name", ["root", "calico", "reader", "stranger"])
def test_a_fence_is_proved(fenced_v2: Stage, name: str) -> None:
    """Each identity may on each member just what its patterns say, and an unknown name nothing."""

    async def run() -> None:
        async with ClientV2(fenced_v2.members[0].client, fenced_v2.as_user("root")) as root:
            state = await observe_v2(root)
        known = UserName(name) if name in state.users else None
        probes = probes_v2(state.reach(known), SEGMENTS, guest=known is None)
        assert {Verdict.DENIED} == {probe.expected for probe in probes} or known is not None
        for member in range(len(fenced_v2.members)):
            assert [] == wrong(await ask(fenced_v2, name, probes, member))

    asyncio.run(run())


def test_an_open_guest_is_found(fenced_v2: Stage) -> None:
    """The guest that etcd makes by itself, and one that may read a directory, which to etcd is all below it."""

    async def run(pattern: Pattern) -> tuple[list[OutcomeV2], list[OutcomeV2]]:
        async with ClientV2(fenced_v2.members[0].client, fenced_v2.as_user("root")) as root:
            await root.auth.grant(GUEST_ROLE, read=[pattern])
            reach = (await observe_v2(root)).reach(None)
        closed = await ask(fenced_v2, "stranger", probes_v2(NOTHING_V2, SEGMENTS, guest=True))
        known = await ask(fenced_v2, "stranger", probes_v2(reach, SEGMENTS, guest=True))
        async with ClientV2(fenced_v2.members[0].client, fenced_v2.as_user("root")) as root:
            await root.auth.revoke(GUEST_ROLE, read=[pattern])
        return wrong(closed), wrong(known)

    for pattern, path in ((Pattern("/*"), "/registry/"), (Pattern("/registry"), "/registry")):
        closed, known = asyncio.run(run(pattern))
        found = {(outcome.probe.operation, outcome.probe.path) for outcome in closed}
        assert {(OperationV2.READ, path), (OperationV2.READ_TREE, path)} <= found
        assert not any(outcome.probe.operation.writes for outcome in closed)
        assert [] == known


def test_nothing_changes(fenced_v2: Stage) -> None:
    """After probes of all kinds as root, who may do everything, the index and all keys are as they were."""

    async def run() -> tuple[object, object, int, int]:
        paths = ("", "/", "/calico", "/calico/", "/calico/v1/a", "/registry/secret", "/registry/none", "/none/none")
        probes = tuple(ProbeV2(kind, path, Verdict.ALLOWED) for kind in OperationV2 for path in paths)
        async with ClientV2(fenced_v2.members[0].client, fenced_v2.as_user("root")) as root:
            before = await _everything(root)
            prober = ProberV2(root)
            outcomes = await prober.ask(probes)
            assert [] == wrong(outcomes)
            assert len(probes) == len(outcomes)
            return before, await _everything(root), prober.raft_entries, len(paths)

    before, after, entries, paths = asyncio.run(run())
    assert before == after
    assert 2 * paths == entries


async def _everything(client: ClientV2) -> object:
    answer = await client.exchange.call(
        "GET", "/v2/keys/", query={"recursive": "true", "sorted": "true", "quorum": "true"}
    )
    return answer.index, answer.content, await observe_v2(client)


def test_answers_tell_what_went_wrong(fenced_v2: Stage) -> None:
    """A verdict other than the expected one comes with etcd's words; an expected one without."""
    may = ProbeV2(OperationV2.WRITE, "/calico/x", Verdict.DENIED)
    must_not = ProbeV2(OperationV2.READ, "/registry/secret", Verdict.ALLOWED)
    outcomes = asyncio.run(ask(fenced_v2, "calico", (may, must_not, replace(must_not, expected=Verdict.DENIED))))
    assert [Verdict.ALLOWED, Verdict.DENIED, Verdict.DENIED] == [outcome.verdict for outcome in outcomes]
    assert ["", "permission denied", ""] == [outcome.detail for outcome in outcomes]


def test_the_door(fenced_v2: Stage) -> None:
    """A certificate of another authority is turned away by TLS itself."""

    async def run() -> list[OutcomeV2]:
        shown = Authority().issue("root")
        credentials = replace(fenced_v2.as_user("root"), certificate=shown.certificate, key=shown.key)
        async with ClientV2(fenced_v2.members[0].client, credentials) as client:
            return await ProberV2(client).ask(refused_at_the_door_v2())

    assert [] == wrong(asyncio.run(run()))
