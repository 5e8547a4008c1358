"""Every answer of the v2 API that is not yes, as one of our exceptions. Pure: a table over status, number and text.

The auth calls tell an error in words (etcd ``api/v2auth/auth.go`` authErr), the key space by a number
(``api/v2error/error.go``). Where etcd itself gives up, the auth calls say "Internal Server Error" and the key space
quotes the error, in the words that v3 has for it.
"""

from __future__ import annotations

import re

from ringfence.errors import AccessDenied, AlreadyThere, ClusterError, NotThere, NoV2, Place, Refused, Unreachable
from ringfence.etcd.refusals import REFUSALS, Refusal
from ringfence.etcd.transport import NOT_ETCD
from ringfence.etcd.v2.answer import AnswerV2

UNAUTHORIZED, KEY_NOT_FOUND = 110, 100
RAFT_CODES = range(300, 400)
"""Numbers of errors that say nothing of the request: etcd could not look."""
FORM_CODES = range(200, 300)
"""Numbers of errors in the form of a request, found before anybody's rights were looked at."""

_SWITCHED_ON = "start every member with enable-v2: true, if old clients need it; etcd 3.6 does not have it any more"
_NO_PAGE = {"404 page not found", ""}
"""What Go's multiplexer says where nothing is served; to HEAD it says nothing."""
_LONGEST = 300

_DENIED = Refusal(
    AccessDenied,
    "permission denied",
    "the v2 user of this certificate may not do that; one with the role root may do everything",
)
_SLOW = Refusal(
    Unreachable,
    "etcd gave up on the request",
    "the members are slow, electing a leader, or without a quorum; try again",
)
_NO_ROOT = Refusal(
    Refused,
    "etcd finds no user root",
    "create one; or has this member no quorum? etcd says the same then",
)
_TOLD: tuple[tuple[re.Pattern[str], Refusal], ...] = tuple(
    (re.compile(pattern), refusal)
    for pattern, refusal in (
        (r"No root user available", _NO_ROOT),
        (r"Granting duplicate|already exists|already enabled|already disabled", Refusal(AlreadyThere)),
        (r"Revoking ungranted|does not exist|doesn't exist", Refusal(NotThere)),
        (
            r"rolling upgrades",
            Refusal(Unreachable, "the cluster is being upgraded, and v2 auth has to wait", "try again"),
        ),
        (r"Internal Server Error", _SLOW),
        (
            r"[Dd]uring (leader )?election",
            Refusal(Unreachable, "the member has no leader", "try again, or another member"),
        ),
    )
)


def refusal(answer: AnswerV2) -> ClusterError:
    """The exception for an answer that is not a success."""
    # Errors of the auth calls may lack the header by which v2 is known, but not the words.
    if not answer.from_v2 and not isinstance(answer.content.get("message"), str):
        if answer.status == 404 and answer.text.strip() in _NO_PAGE:
            return not_served(answer.place)
        return Unreachable.of(f"{NOT_ETCD.what}: HTTP {answer.status}", place=answer.place, hint=NOT_ETCD.hint)
    if answer.status == 401:
        return _of(_DENIED, "", answer.place)
    words = _words(answer)
    if answer.code == KEY_NOT_FOUND:
        return NotThere.of(f"etcd answered: {words}", place=answer.place)
    raft = _raft(answer)
    if raft is not None:
        return _of(raft, words, answer.place)
    for pattern, told in _TOLD:
        if pattern.search(words):
            return _of(told, words, answer.place)
    if answer.status >= 500:
        return _of(_SLOW, words, answer.place)
    return Refused.of(f"etcd answered: {words}", place=answer.place)


def not_served(place: Place, version: str | None = None) -> NoV2:
    """The exception where there is no v2 API.

    Args:
        place: who was asked.
        version: the release of etcd, where it lacks the API altogether.
    """
    if version is not None:
        return NoV2.of(f"etcd {version} has no v2 API", place=place, hint="leave v2 out: its last release is etcd 3.5")
    return NoV2.of("the v2 API is not served there", place=place, hint=_SWITCHED_ON)


def _raft(answer: AnswerV2) -> Refusal | None:
    """What etcd's own failure means, by the words that v3 has for it."""
    if answer.code not in RAFT_CODES:
        return None
    cause = answer.content.get("cause")
    found = REFUSALS.get(cause.removeprefix("etcdserver: ")) if isinstance(cause, str) else None
    return found if found is not None and issubclass(found.error, Unreachable) else _SLOW


def _of(found: Refusal, words: str, place: Place) -> ClusterError:
    return found.error.of(found.what or f"etcd answered: {words}", place=place, hint=found.hint)


def _words(answer: AnswerV2) -> str:
    message, cause = answer.content.get("message"), answer.content.get("cause")
    said = [text.removeprefix("auth: ") for text in (message, cause) if isinstance(text, str) and text]
    plain = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in " ".join(": ".join(said).split()))
    text = plain or f"HTTP {answer.status}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
