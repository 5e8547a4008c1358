"""The same proof for the v2 store: each pattern of each segment, put to the rules of v2, and nobody answers but the
invited.

Invited is who the spec gives such a pattern, as its owner or by ``shares-with``; the guest, who is everybody, never is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.names import UserName
from ringfence.model.permission import Access
from ringfence.model.v2 import Pattern, ReachV2
from ringfence.rules.v2.decisions import whose_meet
from ringfence.wanted.segments.owner import Owner
from ringfence.wanted.v2.wanted import WantedV2


@dataclass(frozen=True, slots=True)
class IntruderV2:
    """Somebody with a pattern that meets a segment and that the spec does not give them; None is the guest."""

    user: UserName | None
    owner: Owner
    access: Access
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class ClosureV2:
    """How many questions were asked, and who answered uninvited."""

    questions: int
    intruders: tuple[IntruderV2, ...]


def close_v2(wanted: WantedV2) -> ClosureV2:
    """Ask whose patterns to read, and whose to write, meet each pattern of each segment."""
    questions = [
        (segment.owner, pattern, access)
        for segment in wanted.segments
        for pattern in sorted(segment.patterns)
        for access in (Access.READ, Access.WRITE)
    ]
    intruders = (each for question in questions for each in _intruders(wanted, *question))
    return ClosureV2(len(questions), tuple(dict.fromkeys(intruders)))


def _intruders(wanted: WantedV2, owner: Owner, pattern: Pattern, access: Access) -> Iterator[IntruderV2]:
    invited = {identity.user: identity.reach for identity in wanted.identities}
    for user, grounds in whose_meet(wanted.state, pattern, access).items():
        reach = ReachV2() if user is None else invited.get(user, ReachV2())
        given = reach.read if access is Access.READ else reach.write
        if user is None or not wanted.state.is_root(user):
            beyond = dict.fromkeys(ground.pattern for ground in grounds if ground.pattern not in given)
            yield from (IntruderV2(user, owner, access, each) for each in beyond)
