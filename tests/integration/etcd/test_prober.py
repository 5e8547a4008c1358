"""The prober against a real fence: right verdicts, and no trace."""

from __future__ import annotations

import asyncio

import pytest

from ringfence.etcd.client import Client
from ringfence.etcd.prober import Prober
from ringfence.keyspace import EVERYTHING, Span
from ringfence.local.ports import free_ports
from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.model.probe import Operation, Outcome, Probe, Verdict
from tests.integration.stage import Stage

READS = frozenset({Operation.READ, Operation.LIST, Operation.WATCH})
WRITES = frozenset({Operation.WRITE, Operation.DELETE})
EVERYWHERE = frozenset(Operation)

INSIDE = {
    "root": EVERYWHERE,
    "tenant": EVERYWHERE,
    "reader": READS,
    "writer": WRITES,
    "stranger": frozenset[Operation](),
}
SPANS_INSIDE = (Span.of_prefix(b"/tenant/"), Span.of_key(b"/tenant/a"), Span(b"/tenant/a", b"/tenant/b"))
SPANS_OUTSIDE = (
    Span.of_key(b"/tenant"),
    Span.of_key(b"/tenant0"),
    Span.of_prefix(b"/registry/"),
    EVERYTHING,
)
FIRST_KEY_INSIDE = (Span(b"/tenant/a", b"/tenant1"),)


def expected_matrix(user: str) -> list[Probe]:
    """Every operation on every span, with the verdict that the roles of ``guarded`` must bring."""
    rows = [(span, operation in INSIDE[user], operation) for span in SPANS_INSIDE for operation in Operation]
    rows += [(span, user == "root", operation) for span in SPANS_OUTSIDE for operation in Operation]
    first_only = {Operation.READ, Operation.WRITE}
    rows += [
        (span, operation in INSIDE[user] and (operation in first_only or user == "root"), operation)
        for span in FIRST_KEY_INSIDE
        for operation in Operation
    ]
    return [Probe(operation, span, Verdict.ALLOWED if yes else Verdict.DENIED) for span, yes, operation in rows]


async def asked(stage: Stage, credentials: Credentials, probes: list[Probe], member: int = 0) -> list[Outcome]:
    """The outcomes of the probes at a member."""
    async with Client(stage.members[member].client, credentials) as client:
        return await Prober(client.channel).ask(probes)


async def trace(stage: Stage) -> tuple[int, int]:
    """The revision of the store and its number of keys, as root sees them."""
    async with Client(stage.members[0].client, stage.as_user("root")) as client:
        return await client.keys.settle(), await client.keys.count(EVERYTHING)


@pytest.mark.parametrize("member", [0, 1, 2])
@pytest.mark.parametrize("user", INSIDE)
def test_each_user_gets_the_verdicts_of_its_roles_and_leaves_no_trace(guarded: Stage, user: str, member: int) -> None:
    """On each member all verdicts are the expected ones, also with keys in the store, and nothing has changed after."""

    async def main() -> None:
        async with Client(guarded.members[member].client, guarded.as_user("root")) as client:
            await client.keys.put(b"/tenant/a", b"v")
            await client.keys.put(b"/registry/a", b"v")
        before = await trace(guarded)
        outcomes = await asked(guarded, guarded.as_user(user), expected_matrix(user), member)
        assert [(probe, probe.expected) for probe in expected_matrix(user)] == [
            (outcome.probe, outcome.verdict) for outcome in outcomes
        ]
        assert before == await trace(guarded)

    asyncio.run(main())


def test_wrong_expectations_do_not_bend_the_answers(guarded: Stage) -> None:
    """With every expectation turned round the verdicts stay, and each says in etcd's words what was not expected."""
    right = expected_matrix("tenant")
    turned = {Verdict.ALLOWED: Verdict.DENIED, Verdict.DENIED: Verdict.ALLOWED}
    wrong = [Probe(probe.operation, probe.span, turned[probe.expected]) for probe in right]
    outcomes = asyncio.run(asked(guarded, guarded.as_user("tenant"), wrong))
    assert [probe.expected for probe in right] == [outcome.verdict for outcome in outcomes]
    denied = [outcome for outcome in outcomes if outcome.verdict is Verdict.DENIED]
    assert all("permission denied" in outcome.detail for outcome in denied)


def test_one_denied_among_hundreds_is_found(guarded: Stage) -> None:
    """In packs of 128 the one probe that is denied is told from those that are not; equal probes share an answer."""
    inside = [
        Probe(operation, Span.of_key(b"/tenant/%d" % number), Verdict.ALLOWED)
        for number in range(200)
        for operation in Operation
    ]
    strays = [Probe(operation, Span.of_key(b"/registry/x"), Verdict.ALLOWED) for operation in Operation]
    probes = [*inside[:500], *strays, *inside[500:], *inside[:3]]
    outcomes = asyncio.run(asked(guarded, guarded.as_user("tenant"), probes))
    assert strays == [outcome.probe for outcome in outcomes if outcome.verdict is not Verdict.ALLOWED]
    assert probes == [outcome.probe for outcome in outcomes]


def test_overlapping_puts_and_deletes_are_asked_together(guarded: Stage) -> None:
    """Probes that etcd would call duplicates in one transaction are all answered."""
    key, prefix = Span.of_key(b"/tenant/a"), Span.of_prefix(b"/tenant/")
    probes = [
        Probe(operation, span, Verdict.ALLOWED)
        for span in (key, prefix, Span(b"/tenant/a", b"/tenant/b"))
        for operation in WRITES
    ]
    outcomes = asyncio.run(asked(guarded, guarded.as_user("tenant"), probes))
    assert [Verdict.ALLOWED] * len(probes) == [outcome.verdict for outcome in outcomes]


def test_a_member_without_a_quorum_still_answers_reads(guarded: Stage) -> None:
    """Reads and watches are judged by the member's own auth store; a write says that there is no leader."""
    probes = [Probe(operation, Span.of_key(b"/tenant/a"), Verdict.ALLOWED) for operation in Operation]
    guarded.cluster.pause("m1")
    guarded.cluster.pause("m2")
    try:
        outcomes = asyncio.run(_when_leaderless(guarded, probes))
    finally:
        guarded.cluster.resume("m1")
        guarded.cluster.resume("m2")
        guarded.cluster.wait_healthy()
    verdicts = {outcome.probe.operation: outcome.verdict for outcome in outcomes}
    assert {one: Verdict.ALLOWED if one in READS else Verdict.ERROR for one in Operation} == verdicts
    assert "the member has no leader" in {outcome.detail for outcome in outcomes}


async def _when_leaderless(stage: Stage, probes: list[Probe]) -> list[Outcome]:
    async with Client(stage.members[0].client, stage.as_user("root")) as client:
        while (await client.cluster.status()).has_leader:  # noqa: ASYNC110  # etcd tells nobody of it
            await asyncio.sleep(0.05)
    return await asked(stage, stage.as_user("tenant"), probes)


def test_a_refused_certificate_is_a_verdict(guarded: Stage) -> None:
    """Without a certificate every probe comes back as refused by TLS."""
    probes = expected_matrix("stranger")
    outcomes = asyncio.run(asked(guarded, Credentials(guarded.authority.ca), probes))
    assert {Verdict.REFUSED_TLS} == {outcome.verdict for outcome in outcomes}


def test_an_endpoint_that_is_down_is_an_error_with_its_reason(guarded: Stage) -> None:
    """Where nothing listens every probe comes back as an error that says so."""

    async def main() -> list[Outcome]:
        async with Client(f"https://127.0.0.1:{free_ports(1)[0]}", guarded.as_user("tenant")) as client:
            return await Prober(client.channel).ask(expected_matrix("tenant"))

    outcomes = asyncio.run(main())
    assert {(Verdict.ERROR, "nothing listens there")} == {(one.verdict, one.detail) for one in outcomes}


def test_changes_to_users_under_way_do_not_spoil_a_verdict(guarded: Stage) -> None:
    """While other users come and go, answers of a stale auth store are asked again until they are real."""
    outcomes = asyncio.run(_asked_while_users_come(guarded, expected_matrix("tenant")))
    assert [] == [one for one in outcomes if one.verdict is not one.probe.expected]


def test_changes_to_users_under_way_do_not_spoil_a_watch(guarded: Stage) -> None:
    """A stream of many watches, which outlives several changes of users, has a real answer to each of them."""
    foreign = [Probe(Operation.WATCH, Span.of_key(b"/foreign/%d" % one), Verdict.DENIED) for one in range(250)]
    outcomes = asyncio.run(_asked_while_users_come(guarded, foreign))
    assert [] == [one for one in outcomes if one.verdict is not one.probe.expected]


async def _asked_while_users_come(stage: Stage, probes: list[Probe]) -> list[Outcome]:
    async def change(root: Client) -> None:
        for number in range(100):
            name = UserName(f"passing-{number}")
            await root.auth.add_user(name)
            await root.auth.delete_user(name)

    async with Client(stage.members[0].client, stage.as_user("root")) as root:
        changing = asyncio.create_task(change(root))
        outcomes = []
        while not changing.done():
            outcomes += await asked(stage, stage.as_user("tenant"), probes)
        await changing
        return outcomes


def test_no_probes_are_no_requests(guarded: Stage) -> None:
    """An empty list of probes has no outcomes, even where nothing could be asked."""
    assert [] == asyncio.run(asked(guarded, Credentials(guarded.authority.ca), []))
