"""The whole answer on one request: what the rules say, what the server really does, and which holes lie in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ringfence.keyspace import FIRST_KEY, Span, SpanSet
from ringfence.model.names import UserName
from ringfence.model.permission import Access
from ringfence.model.version import Version
from ringfence.rules.evaluate import Decision, Part, decide
from ringfence.rules.holdings import Holdings, Narrowed
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
    asked = [(need.access, need.span) for need in dict.fromkeys(needs(request, judge.real))]
    everybody = not asked or not holdings.state.auth_enabled
    beside = [other for access, span in asked if judge.holes for other in _beside(access, span)]
    narrowed = Narrowed(holdings, [*asked, *beside])
    for user in holdings.state.users if everybody else narrowed.holders(asked):
        found = _answer(narrowed, user, request, judge)
        if found.allowed or any(part.grants for part in found.decision.parts):
            yield user, found


def _responsible(holdings: Holdings, user: UserName, request: Request, real: Behaviour) -> Iterator[Gap]:
    """The gaps without which the request would be denied; all that the release has where only several together do."""
    single = [gap for gap in Gap if not decide(holdings, user, request, real.without(gap)).allowed]
    yield from single or [gap for gap in Gap if gap in real.gaps]


def _around(holdings: Holdings, user: UserName, denied: Decision) -> Iterator[str]:
    """The ids of holes that give, by another request, some keys that this one was denied."""
    missing = [part for part in denied.parts if not part.is_met]
    reads = [part for part in missing if part.need.access is Access.READ]
    writes = [part for part in missing if part.need.access is Access.WRITE]
    if reads or writes:
        yield Gap.NESTED.value
    if any(_is_before(holdings, user, part) for part in reads):
        yield Gap.OPEN_WATCH.value
    if any(_is_writable(holdings, user, part) for part in reads):
        yield Gap.PUT_IN_TXN.value
    if writes:
        yield _FULL


def _is_before(holdings: Holdings, user: UserName, part: Part) -> bool:
    """Whether the user may read a key from which an open watch comes to a denied one."""
    readable = holdings.meeting(user, Access.READ, _up_to(part.need.span))
    if not readable:
        return False
    seen = Span(max(part.need.span.start, readable[0].permission.key), part.need.span.end)
    return not Part(Need(Access.READ, seen), part.grants).is_met


def _is_writable(holdings: Holdings, user: UserName, part: Part) -> bool:
    """Whether the user may write a key that it was denied to read; a grant that reads as well gives no such key."""
    writable = holdings.meeting(user, Access.WRITE, part.need.span)
    blind = [grant.permission.span for grant in writable if grant.permission.access is Access.WRITE]
    return bool(blind and SpanSet(blind) & part.denied)


def _beside(access: Access, span: Span) -> tuple[tuple[Access, Span], ...]:
    """What ``_around`` asks of everybody who was denied some of ``span``."""
    return ((Access.READ, _up_to(span)), (Access.WRITE, span)) if access is Access.READ else ()


def _up_to(span: Span) -> Span:
    return Span(FIRST_KEY, span.end)
