"""What of a v2 store a spec can ask for: users with a role of their own name and patterns of their own.

Every other user and role is named with the reason, and left alone by every plan: a spec has no users and roles of v2
beside its components. No component of the catalog is recognized here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from ringfence.adoption.found import LeftOut
from ringfence.adoption.writing import comment
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from ringfence.rules.v2.overlaps import overlap
from ringfence.spec.components.patterns import is_pattern
from ringfence.spec.naming import is_identity
from ringfence.spec.writing import word


@dataclass(slots=True)
class Patterns:
    """The patterns of each user that becomes a component, in the order of their names, and what is left out."""

    own: dict[UserName, dict[Pattern, Access]] = field(default_factory=dict)
    out: LeftOut = field(default_factory=LeftOut)


def patterns_of(state: StateV2, others: Collection[UserName]) -> Patterns:
    """The users that can be components.

    Args:
        state: what is stored.
        others: the users that the spec has already as something else than an own component.
    """
    found = Patterns()
    given: dict[Pattern, UserName] = {}
    for name in sorted(state.users):
        if name == ROOT_USER:
            continue
        role = state.roles.get(RoleName(name))
        why = _why_not(state.users[name], role, others, given)
        if why is not None:
            found.out.users[name] = why
            continue
        assert role is not None
        found.own[name] = {pattern: _access(role, pattern) for pattern in sorted(role.read | role.write)}
        given |= dict.fromkeys(found.own[name], name)
    for role_name in sorted(state.roles):
        if role_name != GUEST_ROLE and UserName(role_name) not in found.own:
            found.out.roles[role_name] = "only a component has a role in v2, of its own name"
    return found


def pattern_lines(patterns: dict[Pattern, Access], indent: str) -> Iterator[str]:
    """``patterns:`` of a component."""
    yield f"{indent}patterns:"
    for pattern, access in patterns.items():
        yield f"{indent}  - {{pattern: {word(pattern.text)}, access: {access.value}}}"


def head_v2(state: StateV2) -> Iterator[str]:
    """What to know before the first plan."""
    if not state.auth_enabled:
        yield comment("v2 auth is OFF on this cluster; ringfence apply would switch it on")
    if ROOT_USER not in state.users:
        yield comment("v2 has no user root; ringfence apply would make it")
    guest = state.roles.get(GUEST_ROLE)
    if guest is not None and (guest.read or guest.write):
        granted = ", ".join(sorted({pattern.text for pattern in guest.read | guest.write}))
        yield comment(f"DANGER: in v2 whoever is no user may use {granted}; ringfence apply would take that away")


def left_out_v2(out: LeftOut) -> Iterator[str]:
    """The comments at the end."""
    if out.users or out.roles:
        yield ""
        yield "# Left out of v2, because a spec cannot say it; a plan leaves it alone:"
        yield from (comment(f"  role {name}: {why}") for name, why in sorted(out.roles.items()))
        yield from (comment(f"  user {name}: {why}") for name, why in sorted(out.users.items()))


def _why_not(
    user: User, role: PatternRole | None, others: Collection[UserName], given: dict[Pattern, UserName]
) -> str | None:
    """Why a user cannot be a component, None where it can."""
    if ROOT_ROLE in user.roles:
        return "it holds the role root: no fence holds it"
    if not is_identity(user.name):
        return "its name cannot be that of a certificate"
    if user.name in others:
        return "the spec has its name for something that takes no patterns"
    if user.roles != {RoleName(user.name)} or role is None:
        return f"it holds {', '.join(sorted(user.roles)) or 'no role'}, and not just a role of its own name"
    mine = role.read | role.write
    if not mine:
        return "its role has no patterns"
    return _odd(mine) or _shared(mine, given)


def _odd(patterns: Iterable[Pattern]) -> str | None:
    odd = sorted(pattern.text for pattern in patterns if not is_pattern(pattern.text))
    return f"its role has patterns that no spec takes: {', '.join(map(repr, odd))}" if odd else None


def _shared(patterns: Iterable[Pattern], given: dict[Pattern, UserName]) -> str | None:
    for pattern in sorted(patterns):
        for other, owner in given.items():
            if overlap(pattern, other):
                return f"its pattern {pattern} meets {other} of {owner}"
    return None


def _access(role: PatternRole, pattern: Pattern) -> Access:
    if pattern in role.read:
        return Access.READWRITE if pattern in role.write else Access.READ
    return Access.WRITE
