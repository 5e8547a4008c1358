"""Work that stands in the journal: its plan before it begins, and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from ringfence.changes.plan import Plan
from ringfence.errors import ClusterError, RingfenceError
from ringfence.ops.execution.journal import Act, Journal, Outcome
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.telling import Advance

T = TypeVar("T")


async def recorded(
    journal: Journal,
    verb: str,
    plan: Plan,
    target: Target,
    work: Callable[[Advance], Awaitable[T]],
    *,
    advance: Advance = lambda _done, _all: None,
    result: Callable[[T], str] = lambda _value: "done",
) -> T:
    """Do ``work`` with its plan in the journal; a plan without changes is not written there.

    Args:
        journal: where.
        verb: as typed.
        plan: what is about to be carried out.
        target: whose revisions are noted before and after.
        work: is given what to tell its progress to.
        advance: told about progress as well.
        result: the word for what came of it: ``done``, or what is there instead.

    Raises:
        FileError: the journal cannot be written; where that is so before the work, nothing is changed.
        RingfenceError: whatever the work raises.
    """
    if not plan.changes:
        return await work(advance)
    act = Act(verb=verb, cluster_id=plan.cluster_id, changes=plan.changes, plan=plan.digest)
    return await recorded_act(journal, act, target, work, advance=advance, result=result)


async def recorded_act(
    journal: Journal,
    act: Act,
    target: Target,
    work: Callable[[Advance], Awaitable[T]],
    *,
    advance: Advance = lambda _done, _all: None,
    result: Callable[[T], str] = lambda _value: "done",
) -> T:
    """The same of an act that has no plan; its revisions, and its cluster where it names none, are asked for here."""
    before = Outcome()
    await _note_revisions(target, before)
    cluster_id = await _cluster_id(target) if act.cluster_id is None else act.cluster_id
    begun = replace(act, cluster_id=cluster_id, auth_revision=before.auth_revision, revision=before.revision)
    with journal.recording(begun) as outcome:

        def counted(done: int, total: int) -> None:
            outcome.made = done
            advance(done, total)

        try:
            value = await work(counted)
        except RingfenceError:
            await _note_revisions(target, outcome)
            raise
        outcome.result = result(value)
        if outcome.result == "done":
            outcome.made = len(act.changes)
        await _note_revisions(target, outcome)
    return value


async def _note_revisions(target: Target, outcome: Outcome) -> None:
    """Fill in the revisions of now; they stay unknown where the cluster does not answer."""
    try:
        async with connected(target) as client:
            outcome.revision = await client.keys.settle()
            outcome.auth_revision = await client.auth.revision()
    except ClusterError:
        return


async def _cluster_id(target: Target) -> int | None:
    """Which cluster it is, None where it does not answer."""
    try:
        async with connected(target) as client:
            return (await client.cluster.status()).cluster_id
    except ClusterError:
        return None
