"""The holes that lie beside an answer: what it denies can be had by another request. Pure.

Named one by one to a user who was denied; and, where a question is about everybody or about everything, by the kind of
request alone, for then also those count who are no users of etcd. What a hole gives to the very request that is asked
is no matter of this module: that is part of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.keyspace import FIRST_KEY, Span, SpanSet
from ringfence.model.names import UserName
from ringfence.model.permission import Access
from ringfence.rules.calls import Check
from ringfence.rules.evaluate import Decision, Part, check_of
from ringfence.rules.holdings import Holdings
from ringfence.rules.needs import Need, needs
from ringfence.rules.release import Behaviour, Gap
from ringfence.rules.requests import Request

_FULL = "etcd-22386"
"""While the NOSPACE alarm is raised, etcd 3.5 and older apply calls of Auth unchecked (``etcdserver/apply.go``, where
the alarm replaces the applier that asks for permission): any user then takes the role root. That needs no grant of its
own, for whoever may write, or where alarms are unchecked anybody, can raise it for all."""

_GATEWAY = "CVE-2018-16886"
_GIVES_NOTHING = frozenset({"etcd-empty-ranges"})


def around(holdings: Holdings, user: UserName, denied: Decision, check: Check) -> Iterator[str]:
    """The ids of holes that give by another request what ``user`` was denied; the release need not have them.

    Args:
        holdings: users and roles.
        user: who was denied.
        denied: what it was denied by the rules.
        check: what the release checks the request for.
    """
    missing = [part for part in denied.parts if not part.is_met]
    reads = [part for part in missing if part.need.access is Access.READ]
    if missing:
        yield Gap.NESTED.value
    if any(_is_before(holdings, user, part) for part in reads):
        yield Gap.OPEN_WATCH.value
    if any(_is_writable(holdings, user, part) for part in reads):
        yield Gap.PUT_IN_TXN.value
    if check is not Check.ABSENT:
        yield _FULL


def beside(access: Access, span: Span) -> tuple[tuple[Access, Span], ...]:
    """What ``around`` asks of everybody who was denied some of ``span``."""
    return ((Access.READ, _up_to(span)), (Access.WRITE, span)) if access is Access.READ else ()


def gives_more(hole: str, request: Request | None, behaviour: Behaviour) -> bool:
    """Whether somebody can have by the hole what is denied to it, for all that is known of the request.

    Args:
        hole: the id of a hole that the release has.
        request: what is asked; None: anything.
        behaviour: how the release judges.
    """
    if request is None:
        return hole not in _GIVES_NOTHING
    check = check_of(request, behaviour)
    if check in {Check.NOTHING, Check.ANYBODY, Check.ABSENT}:
        return False
    asked = {need.access for need in needs(request, behaviour)}
    if hole == Gap.NESTED.value:
        return bool(asked)
    if hole in {Gap.OPEN_WATCH.value, Gap.PUT_IN_TXN.value}:
        return Access.READ in asked
    return hole in {_FULL, _GATEWAY}


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


def _up_to(span: Span) -> Span:
    return Span(FIRST_KEY, span.end)
