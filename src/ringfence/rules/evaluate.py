"""The decision on one request: yes or no, because of which grants or which rule, and for ranges which part.

Exactly etcd's: the union of all permissions of all roles of a user must cover every byte of what is asked (etcd
``server/auth/range_perm_cache.go``), the role root may do everything, and while auth is off everybody may. Requests
for ranges that hold no key are refused: what etcd says to these depends on the order in which it read the permissions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ringfence.keyspace import SpanSet
from ringfence.model.names import UserName
from ringfence.model.permission import Access
from ringfence.rules.calls import Call, Check
from ringfence.rules.holdings import Grant, Holdings
from ringfence.rules.needs import Need, needs
from ringfence.rules.release import Behaviour
from ringfence.rules.requests import OfLease, RangeStream, Request, RoleGet, Service, UserGet


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason that is no grant, in a few words."""

    text: str


Reason = Grant | Rule


@dataclass(frozen=True)
class Part:
    """One need of a request, and how much of it is granted by which grants."""

    need: Need
    grants: tuple[Grant, ...]

    @cached_property
    def allowed(self) -> SpanSet:
        """What of it is granted."""
        return SpanSet(grant.permission.span & self.need.span for grant in self.grants)

    @cached_property
    def denied(self) -> SpanSet:
        """What of it is not."""
        return SpanSet([self.need.span]) - self.allowed

    @cached_property
    def is_met(self) -> bool:
        """Whether all of it is granted."""
        reached, end = self.need.span.start, self.need.span.end
        for grant in self.grants:
            if grant.permission.key > reached:
                return False
            granted = grant.permission.end
            if granted is None or (end is not None and granted >= end):
                return True
            reached = max(reached, granted)
        return False

    @property
    def deciding(self) -> tuple[Grant, ...]:
        """The fewest grants that cover what is granted: at each step the one that reaches furthest."""
        chosen: list[Grant] = []
        point, index = self.need.span.start, 0
        while index < len(self.grants):
            point = max(point, self.grants[index].permission.key)
            best: Grant | None = None
            reached: bytes | None = point
            while index < len(self.grants) and self.grants[index].permission.key <= point:
                end = self.grants[index].permission.end
                if reached is not None and (end is None or end > reached):
                    best, reached = self.grants[index], end
                index += 1
            if best is not None:
                chosen.append(best)
                if reached is None or (self.need.span.end is not None and reached >= self.need.span.end):
                    break
                point = reached
        return tuple(chosen)


@dataclass(frozen=True)
class Decision:
    """What is decided.

    Args:
        allowed: the answer.
        rule: the rule that decided, or None where grants did.
        parts: each need of a request on keys with what of it is granted; empty where keys do not matter.
    """

    allowed: bool
    rule: Rule | None = None
    parts: tuple[Part, ...] = ()

    @cached_property
    def because(self) -> tuple[Reason, ...]:
        """The rule, then the deciding grants; for a denial the grants that fall short."""
        shown = self.parts if self.allowed else [part for part in self.parts if not part.is_met]
        grants = dict.fromkeys(grant for part in shown for grant in part.deciding)
        return (*([self.rule] if self.rule else []), *grants)


def decide(holdings: Holdings, user: UserName, request: Request, behaviour: Behaviour) -> Decision:
    """Whether a release lets ``user`` do ``request``.

    Args:
        holdings: users and roles.
        user: the name that comes with the request; it need not be a user of etcd.
        request: what is asked.
        behaviour: how the release judges.

    Raises:
        InputError: the release is older than etcd 3.2, or a range in the request holds no key.
    """
    if not holdings.state.auth_enabled:
        return Decision(True, Rule("auth is off: everybody may do everything"))
    gate = _gate(holdings, user, request, behaviour)
    return gate if gate is not None else _by_keys(holdings, user, request, behaviour)


def check_of(request: Request, behaviour: Behaviour) -> Check:
    """What a release checks a request for; ``KEYS`` also for reading a user or a role, which everybody may its own."""
    return behaviour.check(request.call) if isinstance(request, (Service, OfLease, RangeStream)) else Check.KEYS


def _gate(holdings: Holdings, user: UserName, request: Request, behaviour: Behaviour) -> Decision | None:
    """The decision where it does not hang on keys."""
    check = check_of(request, behaviour)
    if check is Check.ABSENT:
        return Decision(False, Rule(f"etcd {behaviour.version} does not have this call"))
    if check is Check.NOTHING:
        return Decision(True, Rule(f"etcd {behaviour.version} checks nothing here: anybody with a certificate may"))
    if check is Check.ANYBODY:
        return Decision(True, Rule("anybody who is authenticated may, whatever its roles"))
    if holdings.is_root(user):
        return Decision(True, Rule(f"{user} holds the role root, which may do everything"))
    if check is Check.ROOT:
        return Decision(False, Rule("only the role root may"))
    if isinstance(request, UserGet):
        return _own(request.name == user, "a user may read itself", "other users may be read by the role root alone")
    if isinstance(request, RoleGet):
        held = holdings.holds(user, request.name)
        return _own(held, "a user may read the roles that it holds", "other roles may be read by the role root alone")
    return None


def _own(allowed: bool, yes: str, no: str) -> Decision:
    return Decision(allowed, Rule(yes if allowed else no))


def _by_keys(holdings: Holdings, user: UserName, request: Request, behaviour: Behaviour) -> Decision:
    parts = tuple(
        Part(need, tuple(holdings.meeting(user, need.access, need.span)))
        for need in dict.fromkeys(needs(request, behaviour))
    )
    missing = [part for part in parts if not part.is_met]
    if missing:
        return Decision(False, Rule(_shortfall(missing)), parts)
    return Decision(True, None if parts else Rule(_without_keys(request)), parts)


def _without_keys(request: Request) -> str:
    """Why a request that names no key is allowed; leases are not looked at, so of one it is a yes with a condition."""
    if not isinstance(request, OfLease):
        return "it needs no permission on any key"
    holding = "no lease holds a" if request.call is Call.LEASE_LIST else "the lease holds no"
    return f"if {holding} key of others; name one"


def _shortfall(missing: list[Part]) -> str:
    kinds = " and ".join(dict.fromkeys("read" if part.need.access is Access.READ else "write" for part in missing))
    if any(part.grants for part in missing):
        return f"only a part of these keys is granted to {kinds}"
    return f"no role grants these keys to {kinds}"
