"""The whole answer on one request: what the rules say, what the server really does, and which holes lie in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ringfence.keyspace import FIRST_KEY, Span
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.version import Version
from ringfence.rules.evaluate import Decision, decide
from ringfence.rules.holdings import Holdings
from ringfence.rules.holes import Hole, holes
from ringfence.rules.needs import Need, needs
from ringfence.rules.release import NEWEST, Behaviour, Gap
from ringfence.rules.requests import OfLease, Request, Service

_FULL = "etcd-22386"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came out.

    Args:
        decision: what the server answers to this very request.
        by_rules: what it would answer without its known holes.
        holes: those because of which the two differ.
        around: holes through which the same keys can be had by another request although this one is denied.
    """

    decision: Decision
    by_rules: Decision
    holes: tuple[Hole, ...] = ()
    around: tuple[Hole, ...] = ()

    @property
    def allowed(self) -> bool:
        """What the server answers."""
        return self.decision.allowed


def answer(holdings: Holdings, user: UserName, request: Request, version: Version | None = None) -> Answer:
    """What ``user`` gets for ``request``.

    Args:
        holdings: users and roles.
        user: who asks.
        request: what is asked.
        version: the release; None asks for the rules alone, as the newest release has them.

    Raises:
        InputError: the release is older than etcd 3.2.
    """
    return _answer(holdings, user, request, _Judge.of(request, version))


@dataclass(frozen=True, slots=True)
class _Judge:
    """What is the same for all users: how the release judges, its holes, and whether they can matter to the request."""

    real: Behaviour
    meant: Behaviour
    holes: Mapping[str, Hole]
    differs: bool

    @classmethod
    def of(cls, request: Request, version: Version | None) -> _Judge:
        real = Behaviour.of(version or NEWEST)
        meant = Behaviour.meant(real.version)
        is_call = isinstance(request, (Service, OfLease))
        differs = bool(real.gaps) and (is_call or tuple(needs(request, real)) != tuple(needs(request, meant)))
        return cls(real, meant, {hole.id: hole for hole in holes(real.version)}, differs)


def _answer(holdings: Holdings, user: UserName, request: Request, judge: _Judge) -> Answer:
    decision = decide(holdings, user, request, judge.real)
    by_rules = decide(holdings, user, request, judge.meant) if judge.differs else decision
    if decision.allowed:
        gaps = [] if by_rules.allowed else _responsible(holdings, user, request, judge.real)
        return Answer(decision=decision, by_rules=by_rules, holes=tuple(judge.holes[gap.value] for gap in gaps))
    around = _around(holdings, user, by_rules) if judge.holes else ()
    known = tuple(judge.holes[found] for found in around if found in judge.holes)
    return Answer(decision=decision, by_rules=by_rules, around=known)


def who_can(holdings: Holdings, request: Request, version: Version | None = None) -> Iterator[tuple[UserName, Answer]]:
    """Every user who gets all or a part of what ``request`` asks for, with the answer for it.

    Only users with a grant on one of the keys are looked at, and all of them where keys do not matter.
    """
    judge = _Judge.of(request, version)
    asked = tuple(needs(request, judge.real))
    everybody = not asked or not holdings.state.auth_enabled
    for user in holdings.state.users if everybody else holdings.holders(_touching(holdings, asked)):
        found = _answer(holdings, user, request, judge)
        if found.allowed or any(part.grants for part in found.decision.parts):
            yield user, found


def _touching(holdings: Holdings, asked: tuple[Need, ...]) -> frozenset[RoleName]:
    roles = [holdings.roles_meeting(need.access, need.span or Span.of_key(need.span.start)) for need in asked]
    return frozenset[RoleName]().union(*roles)


def _responsible(holdings: Holdings, user: UserName, request: Request, real: Behaviour) -> Iterator[Gap]:
    """The gaps without which the request would be denied; all that the release has where only several together do."""
    single = [gap for gap in Gap if not decide(holdings, user, request, real.without(gap)).allowed]
    yield from single or [gap for gap in Gap if gap in real.gaps]


def _around(holdings: Holdings, user: UserName, denied: Decision) -> Iterator[str]:
    """The ids of holes that give, by another request, some keys that this one was denied."""
    reads = [span for part in denied.parts if part.need.access is Access.READ for span in part.denied]
    writes = [span for part in denied.parts if part.need.access is Access.WRITE for span in part.denied]
    if reads or writes:
        yield Gap.NESTED.value
    if any(holdings.meeting(user, Access.READ, _up_to(span)) for span in reads):
        yield Gap.OPEN_WATCH.value
    if any(holdings.meeting(user, Access.WRITE, span) for span in reads):
        yield Gap.PUT_IN_TXN.value
    if writes:
        yield _FULL


def _up_to(span: Span) -> Span:
    """Where a readable key must lie for an open watch from it to see a key of ``span``."""
    return Span(FIRST_KEY, span.end)
