"""Asking the v2 API of one member, as one identity, what it may do, without changing anything.

etcd looks at the form of a request, then at the rights of who asks, then at the data (``v2http/client.go`` ServeHTTP).
A write with a ``prevIndex`` that no key can have is refused in the third step, if not in the second: the answer tells
whether it was allowed, and nothing is written (``v2store/store.go`` CompareAndSwap and CompareAndDelete). Reads ask for
the headers alone, which needs the same right, and which the member answers by itself. It still looks up all that a GET
would show: what may be read is better asked for where there is nothing.

It judges nothing, and does not wait for the member to catch up: ask ``client.keys.settle`` for that, as root, before.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.errors import AccessDenied, ClusterError, TlsRefused
from ringfence.etcd.inflight import each
from ringfence.etcd.v2.answer import AnswerV2
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.exchange import AT_ONCE
from ringfence.etcd.v2.refusals import FORM_CODES, RAFT_CODES
from ringfence.model.probe import Verdict
from ringfence.model.probe_v2 import OperationV2, OutcomeV2, ProbeV2

_NEVER = str((1 << 64) - 1)
"""An index that no key has: the last that etcd can parse."""

_REQUESTS = {
    OperationV2.READ: ("HEAD", {}),
    OperationV2.READ_TREE: ("HEAD", {"recursive": "true"}),
    OperationV2.WRITE: ("PUT", {"prevIndex": _NEVER}),
    OperationV2.DELETE_TREE: ("DELETE", {"recursive": "true", "prevIndex": _NEVER}),
}

_Question = tuple[OperationV2, str]
_Answer = tuple[Verdict, str]


class ProberV2:
    """Asks through one client, which the caller owns.

    ``raft_entries`` counts what etcd logged: it refuses before that, so only a write that is allowed costs an entry.
    """

    def __init__(self, client: ClientV2) -> None:
        self._client = client
        self.raft_entries = 0

    async def ask(self, probes: Sequence[ProbeV2]) -> list[OutcomeV2]:
        """The outcomes of ``probes``, in their order; failures are outcomes too, and nothing is raised for them."""
        questions = list(dict.fromkeys((probe.operation, probe.path) for probe in probes))
        answers = dict(zip(questions, await each(questions, self._ask, AT_ONCE), strict=True))
        return [_outcome(probe, *answers[probe.operation, probe.path]) for probe in probes]

    async def _ask(self, question: _Question) -> _Answer:
        operation, path = question
        method, query = _REQUESTS[operation]
        try:
            answer = await self._client.exchange.ask(method, f"/v2/keys{path}", query=query)
            if _is_past_the_rules(answer):
                self.raft_entries += operation.writes
                return Verdict.ALLOWED, ""
            raise await self._client.exchange.error(answer)
        except AccessDenied as error:
            return Verdict.DENIED, _text(error)
        except TlsRefused as error:
            return Verdict.REFUSED_TLS, _text(error)
        except ClusterError as error:
            return Verdict.ERROR, _text(error)


def _is_past_the_rules(answer: AnswerV2) -> bool:
    """Whether etcd came to look at the data."""
    if answer.is_success or not answer.from_v2:
        return answer.from_v2
    if answer.code is None:  # an answer to HEAD has no body
        return answer.status in {403, 404, 412}
    return answer.status != 401 and answer.code not in RAFT_CODES and answer.code not in FORM_CODES


def _outcome(probe: ProbeV2, verdict: Verdict, detail: str) -> OutcomeV2:
    is_plain = verdict is probe.expected and verdict is not Verdict.ERROR
    return OutcomeV2(probe, verdict, "" if is_plain else detail)


def _text(error: ClusterError) -> str:
    return "; ".join(problem.what for problem in error.problems)
