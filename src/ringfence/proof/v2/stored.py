"""What the stored users and roles of etcd's v2 say against the spec, where no probe could. Pure.

It is for v2 what `ringfence.proof.stored` is for v3; here there is the guest too, who is everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringfence.model.names import UserName
from ringfence.model.v2 import GUEST, Pattern, ReachV2, StateV2
from ringfence.proof.stored import ALLOWED_BY
from ringfence.proof.v2.verification import API
from ringfence.proof.violation import Unproven, Violation
from ringfence.rules.v2.overlaps import overlap


def beyond_v2(observed: StateV2, wanted: StateV2, segments: Iterable[Iterable[Pattern]]) -> Iterator[Violation]:
    """What the stored roles let somebody do in a segment although the spec does not: users, and the guest."""
    patterns = frozenset(pattern for segment in segments for pattern in segment)
    for user in (*sorted(observed.users), None):
        there, allowed = observed.reach(user), _reach(wanted, user)
        for operation, extra in (
            ("read", uncovered(there.read, allowed.read)),
            ("write", uncovered(there.write, allowed.write)),
        ):
            for pattern in extra:
                if any(overlap(pattern, other) for other in patterns):
                    yield _stored(user or GUEST, operation, pattern, "denied", _by_roles(observed, user))


def short_v2(observed: StateV2, wanted: StateV2, unproven: Iterable[Unproven]) -> Iterator[Violation]:
    """What the stored roles keep from somebody who could not be tried, although the spec gives it."""
    for user in (UserName(left.identity) for left in unproven):
        there, needed = _reach(observed, user), _reach(wanted, user)
        for operation, missing in (
            ("read", uncovered(needed.read, there.read)),
            ("write", uncovered(needed.write, there.write)),
        ):
            for pattern in missing:
                yield _stored(user, operation, pattern, "allowed", "not allowed by its roles")


def uncovered(patterns: Iterable[Pattern], others: frozenset[Pattern]) -> tuple[Pattern, ...]:
    """The patterns that allow what none of ``others`` does."""
    return tuple(each for each in sorted(patterns) if not any(_covers(other, each) for other in others))


def _covers(wide: Pattern, narrow: Pattern) -> bool:
    if wide.stem is None:
        return wide == narrow
    return (narrow.text if narrow.stem is None else narrow.stem).startswith(wide.stem)


def _reach(state: StateV2, user: UserName | None) -> ReachV2:
    """A user that does not exist is not taken for the guest here."""
    return ReachV2() if user is not None and user not in state.users else state.reach(user)


def _by_roles(state: StateV2, user: UserName | None) -> str:
    return f"{ALLOWED_BY}{', '.join(sorted(state.users[user].roles)) if user is not None else 'guest'}"


def _stored(user: str, operation: str, pattern: Pattern, expected: str, observed: str) -> Violation:
    return Violation(user, "(stored)", operation, pattern.text, expected, observed, API)
