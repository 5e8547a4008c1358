"""Asking one member, as one identity, what it may do: many probes in, as many outcomes out, and no trace in the data.

It judges nothing: whether an outcome is as it should be is the caller's to say. It also does not wait for the member
to catch up; ask ``client.keys.settle`` for that, as root, before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from ringfence.errors import AccessDenied, ClusterError, Refused, TlsRefused
from ringfence.etcd.channel import Channel
from ringfence.etcd.failure import Failure
from ringfence.etcd.inflight import PAUSES_WHILE_STALE, each
from ringfence.etcd.questions import Kind, Question, judged, packed
from ringfence.etcd.refusals import is_denial, is_stale, refusal
from ringfence.etcd.rpcs import TXN
from ringfence.etcd.watches import ask_watches
from ringfence.model.probe import Outcome, Probe, Verdict

Answers = dict[Question, Failure | None]
"""None is yes."""


class Prober:
    """Asks over one channel; the caller owns the channel.

    ``raft_entries`` counts the transactions that asked for a write: etcd logs each, denied or not.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.raft_entries = 0

    async def ask(self, probes: Sequence[Probe]) -> list[Outcome]:
        """The outcomes of ``probes``, in their order; failures are outcomes too, and nothing is raised for them.

        What is expected to be allowed is packed, up to 128 to a transaction, and asked again one by one where a
        transaction is denied, for etcd does not say because of which. What is expected to be denied goes alone.
        """
        questions = [Question.of(probe) for probe in probes]
        alone = {one for one, probe in zip(questions, probes, strict=True) if probe.expected is not Verdict.ALLOWED}
        in_txns = [one for one in dict.fromkeys(questions) if one.kind is not Kind.WATCH]
        answers = await self._ask_packed(one for one in in_txns if one not in alone)
        answers |= await self._ask_alone(one for one in in_txns if one not in answers)
        answers |= await ask_watches(self._channel, [one for one in dict.fromkeys(questions) if one.kind is Kind.WATCH])
        errors = await self._explained(answers)
        return [_outcome(probe, answers[one], errors) for one, probe in zip(questions, probes, strict=True)]

    async def _ask_packed(self, questions: Iterable[Question]) -> Answers:
        """The answers that packs of questions gave; a pack that etcd refused gives none."""
        answers: Answers = {}
        packs = list(packed(questions))
        for pack, failure in zip(packs, await each(packs, self._judge), strict=True):
            if failure is None or not _is_about_one(failure):
                answers.update((question, failure) for question in pack)
        return answers

    async def _ask_alone(self, questions: Iterable[Question]) -> Answers:
        singles = [(question,) for question in questions]
        judgements = await each(singles, self._judge)
        return {question: failure for (question,), failure in zip(singles, judgements, strict=True)}

    async def _judge(self, questions: Sequence[Question]) -> Failure | None:
        """How etcd judged a transaction; asked again while users and roles are changing under it."""
        request = judged(questions)
        writes = questions[0].kind is not Kind.RANGE
        failure: Failure | None = None
        for pause in PAUSES_WHILE_STALE:
            self.raft_entries += writes
            answer = await self._channel.ask(TXN, request, leader=writes)
            failure = answer if isinstance(answer, Failure) else None
            if failure is None or not is_stale(failure):
                break
            await asyncio.sleep(pause)
        return failure

    async def _explained(self, answers: Answers) -> Mapping[Failure, ClusterError]:
        """What the failures mean that are no denials; each kind is looked into once."""
        kinds = {failure for failure in answers.values() if failure is not None and not is_denial(failure)}
        return {failure: await self._channel.error(failure) for failure in kinds}


def _is_about_one(failure: Failure) -> bool:
    """Whether another transaction, with fewer questions in it, may be answered differently."""
    found = refusal(failure)
    return found is not None and issubclass(found.error, (AccessDenied, Refused))


def _outcome(probe: Probe, failure: Failure | None, errors: Mapping[Failure, ClusterError]) -> Outcome:
    if failure is None:
        return Outcome(probe, Verdict.ALLOWED)
    if failure not in errors:
        detail = "" if probe.expected is Verdict.DENIED else failure.text
        return Outcome(probe, Verdict.DENIED, detail)
    error = errors[failure]
    verdict = Verdict.REFUSED_TLS if isinstance(error, TlsRefused) else Verdict.ERROR
    return Outcome(probe, verdict, "; ".join(problem.what for problem in error.problems))
