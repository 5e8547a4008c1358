"""Asking whether keys may be watched, without seeing any of them.

A watch from a revision far in the future delivers nothing and is judged like any other. etcd answers the requests of
a stream in their order, a denied one with ``created`` and ``canceled`` at once; so many are asked on one stream, and
the end of the stream ends them all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ringfence.etcd.answers import WatchAnswer
from ringfence.etcd.channel import Channel, Conversation
from ringfence.etcd.failure import Failure
from ringfence.etcd.inflight import PAUSES_WHILE_STALE, batches, each
from ringfence.etcd.questions import Question
from ringfence.etcd.refusals import failure_in, is_stale
from ringfence.etcd.rpcs import WATCH
from ringfence.etcd.schema import new

_FAR_FUTURE = 2**62
_ON_ONE_STREAM = 256
_STREAMS = 4


async def ask_watches(channel: Channel, questions: Sequence[Question]) -> dict[Question, Failure | None]:
    """Whether each may be watched: None for yes, else how it was refused.

    What etcd did not judge, because users and roles changed under it, is asked again.
    """
    answered: dict[Question, Failure | None] = {}
    unjudged = list(questions)
    for pause in PAUSES_WHILE_STALE:
        for answers in await each(batches(unjudged, _ON_ONE_STREAM), lambda part: _ask(channel, part), _STREAMS):
            answered.update(answers)
        unjudged = [one for one in unjudged if (failure := answered[one]) is not None and is_stale(failure)]
        if not unjudged:
            break
        await asyncio.sleep(pause)
    return answered


async def _ask(channel: Channel, questions: Sequence[Question]) -> dict[Question, Failure | None]:
    conversation = channel.converse(WATCH)
    sending = asyncio.create_task(_send(conversation, questions))
    answers: dict[Question, Failure | None] = {}
    try:
        async with asyncio.timeout(channel.seconds):
            for question in questions:
                answers[question] = await _verdict(conversation)
    except TimeoutError:
        late = Failure("DEADLINE_EXCEEDED", "")
        answers.update((question, late) for question in questions if question not in answers)
    finally:
        sending.cancel()
        conversation.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    return answers


async def _send(conversation: Conversation[WatchAnswer], questions: Sequence[Question]) -> None:
    for question in questions:
        create = new("WatchCreateRequest", key=question.key, range_end=question.range_end, start_revision=_FAR_FUTURE)
        await conversation.send(new("WatchRequest", create_request=create))


async def _verdict(conversation: Conversation[WatchAnswer]) -> Failure | None:
    """The answer to the oldest request without one; what etcd sends of its own accord is passed over."""
    while True:
        answer = await conversation.receive()
        if isinstance(answer, Failure):
            return answer
        if answer.created:
            return failure_in(answer.cancel_reason) if answer.canceled else None
