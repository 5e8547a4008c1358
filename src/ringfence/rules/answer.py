"""The whole answer on one request: what the rules say, what the server really does, and which holes lie in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ringfence.model.names import UserName
from ringfence.model.version import Version
from ringfence.rules.around import around, beside, gives_more
from ringfence.rules.calls import Check
from ringfence.rules.evaluate import Decision, Reason, check_of, decide
from ringfence.rules.holdings import Holdings, Narrowed
from ringfence.rules.holes import Hole, holes
from ringfence.rules.needs import needs
from ringfence.rules.release import NEWEST, Behaviour, Gap
from ringfence.rules.requests import OfLease, Request, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came out.

    Args:
        decision: what the server answers to this very request.
        by_rules: what it would answer without its known holes.
        holes: those because of which the two differ.
        around: holes through which the same can be had by another request although this one is denied.
    """

    decision: Decision
    by_rules: Decision
    holes: tuple[Hole, ...] = ()
    around: tuple[Hole, ...] = ()

    @property
    def allowed(self) -> bool:
        """What the server answers."""
        return self.decision.allowed

    @property
    def because(self) -> tuple[Reason, ...]:
        """Why: of what the rules allow as well, by the rules, and not because the server checks nothing."""
        return (self.by_rules if self.allowed and self.by_rules.allowed else self.decision).because


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
    check: Check
    holes: Mapping[str, Hole]
    differs: bool

    @classmethod
    def of(cls, request: Request, version: Version | None) -> _Judge:
        real = Behaviour.of(version or NEWEST)
        meant = Behaviour.meant(real.version)
        is_call = isinstance(request, (Service, OfLease))
        differs = bool(real.gaps) and (is_call or tuple(needs(request, real)) != tuple(needs(request, meant)))
        known = {hole.id: hole for hole in holes(real.version)}
        return cls(real, meant, check_of(request, real), known, differs)


def _answer(holdings: Holdings, user: UserName, request: Request, judge: _Judge) -> Answer:
    decision = decide(holdings, user, request, judge.real)
    by_rules = decide(holdings, user, request, judge.meant) if judge.differs else decision
    if decision.allowed:
        gaps = [] if by_rules.allowed else _responsible(holdings, user, request, judge.real)
        return Answer(decision=decision, by_rules=by_rules, holes=tuple(judge.holes[gap.value] for gap in gaps))
    ways = around(holdings, user, by_rules, judge.check) if judge.holes else ()
    known = tuple(judge.holes[way] for way in ways if way in judge.holes)
    return Answer(decision=decision, by_rules=by_rules, around=known)


def who_can(holdings: Holdings, request: Request, version: Version | None = None) -> Iterator[tuple[UserName, Answer]]:
    """Every user who gets all or a part of what ``request`` asks for, with the answer for it.

    Only users with a grant on one of the keys are looked at, and all of them where keys do not matter: where none is
    named, where the release checks no grants, and while auth is off.
    """
    judge = _Judge.of(request, version)
    asked = [(need.access, need.span) for need in dict.fromkeys(needs(request, judge.real))]
    unchecked = judge.check in {Check.NOTHING, Check.ANYBODY}
    everybody = not asked or unchecked or not holdings.state.auth_enabled
    others = [other for access, span in asked if judge.holes for other in beside(access, span)]
    narrowed = Narrowed(holdings, [*asked, *others])
    for user in holdings.state.users if everybody else narrowed.holders(asked):
        found = _answer(narrowed, user, request, judge)
        if found.allowed or any(part.grants for part in found.decision.parts):
            yield user, found


def not_counted(request: Request | None, version: Version | None) -> tuple[Hole, ...]:
    """The holes by which more than ``who_can`` names can have what is asked, by other requests or without being users.

    Args:
        request: what is asked; None: anything at all.
        version: the release; None asks for the rules alone, which have no holes.

    Raises:
        InputError: the release is older than etcd 3.2.
    """
    if version is None:
        return ()
    behaviour = Behaviour.of(version)
    return tuple(hole for hole in holes(version) if gives_more(hole.id, request, behaviour))


def _responsible(holdings: Holdings, user: UserName, request: Request, real: Behaviour) -> Iterator[Gap]:
    """The gaps without which the request would be denied; all that the release has where only several together do."""
    single = [gap for gap in Gap if not decide(holdings, user, request, real.without(gap)).allowed]
    yield from single or [gap for gap in Gap if gap in real.gaps]
