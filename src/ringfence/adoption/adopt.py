"""A spec that asks for what is there, or says in a comment what it cannot ask for.

Every user and role is either asked for exactly as it is, or left out with the reason, so that a plan changes nothing.
A user that has a role of its own name and keys of its own is an own component; every other is written under ``users``
and ``roles``, for a role may reach into several segments and owns none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ringfence.adoption.division import Division, Written, stored
from ringfence.adoption.found import LeftOut, Recognized
from ringfence.adoption.patterns import Patterns, head_v2, left_out_v2, pattern_lines, patterns_of
from ringfence.adoption.recognition import recognize
from ringfence.adoption.writing import comment, component_lines, named_grants
from ringfence.catalog.catalog import Catalog
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import Role, State, User
from ringfence.model.text import key_text
from ringfence.model.v2 import StateV2
from ringfence.model.version import Version
from ringfence.spec.naming import is_identity
from ringfence.spec.people import is_name
from ringfence.spec.writing import listed, word

_LONGEST_NAME = 200
"""In characters; YAML allows a key of 1024 with its quotes on one line, and no real name comes near."""


_MOST_NAMED = 20
"""More users of one component without certificates than this are counted: it is on as many nodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the cluster beyond its users and roles.

    Args:
        endpoints: client URLs.
        etcd: the release, None where the server tells none.
        uncertified: users for whom no certificate is in the pki folder.
        v2: what is in the v2 store, None where the spec is not to be for it.
        has_v3: whether the spec is to be for v3.
        spare_keys: users of spare keys that were left, in either store; they are no part of what is to be asked for.
    """

    endpoints: tuple[str, ...]
    etcd: Version | None
    uncertified: frozenset[UserName] = frozenset()
    v2: StateV2 | None = None
    has_v3: bool = True
    spare_keys: frozenset[UserName] = frozenset()


@dataclass(slots=True)
class _Sorted:
    """Every user and role in its section of the spec."""

    known: list[Recognized] = field(default_factory=list)
    own: dict[UserName, tuple[Written, ...]] = field(default_factory=dict)
    roles: dict[RoleName, tuple[Written, ...]] = field(default_factory=dict)
    users: list[User] = field(default_factory=list)
    out: LeftOut = field(default_factory=LeftOut)


def adopt(state: State, catalog: Catalog, facts: Facts, *, plainly: bool = False) -> str:
    """The text of the spec.

    Args:
        state: what is there.
        catalog: the components that may be recognized.
        facts: what else is known.
        plainly: write roles and users only, and look for no components.
    """
    found = _sorted(state, catalog, facts, plainly=plainly)
    named = {name for component in found.known for name in component.identities} | {user.name for user in found.users}
    in_v2 = Patterns() if facts.v2 is None else patterns_of(facts.v2, named)
    lines = [*_head(state, facts)]
    if found.known or found.own or in_v2.own:
        lines += ["", "components:", *_components(found, state, facts, in_v2)]
    nodes = [node for component in found.known for node in component.nodes]
    if nodes:
        lines += ["", "nodes:", *(f"  - {word(node)}" for node in nodes)]
    if found.roles:
        lines += ["", "roles:"]
        for name, grants in found.roles.items():
            lines += _oddities(state.roles[name], "  ")
            lines += named_grants(f"  {word(name)}:", "    ", grants)
    if found.users:
        lines += ["", "users:", *(line for user in found.users for line in _user(user, facts))]
    return "\n".join([*lines, *_left_out(found.out), *left_out_v2(in_v2.out)]) + "\n"


def _sorted(state: State, catalog: Catalog, facts: Facts, *, plainly: bool) -> _Sorted:
    found = _Sorted(out=_unspeakable(state))
    users = [name for name in sorted(state.users) if name != ROOT_USER and name not in found.out.users]
    fit = [] if plainly else [name for name in users if is_identity(name) and RoleName(name) not in found.out.roles]
    division = Division()
    for component in recognize(state, catalog, fit, facts.etcd):
        if division.is_free(component.keys) and component.owner not in division.owners:
            division.give(component.owner, component.keys)
            found.known.append(component)
    taken = {name for component in found.known for name in component.identities}
    for name in fit:
        role = state.roles.get(RoleName(name))
        free = name not in taken and name not in division.owners and state.users[name].roles == {RoleName(name)}
        if free and role is not None and division.has_own_keys(role):
            found.own[name] = division.settle(name, role)
    taken |= found.own.keys()
    found.users = [state.users[name] for name in users if name not in taken]
    known = {role for component in found.known for role in component.roles} | {ROOT_ROLE, *found.out.roles}
    for role_name in sorted(state.roles):
        if role_name not in known and UserName(role_name) not in taken:
            found.roles[role_name] = tuple(division.visit(state.roles[role_name]))
    return found


def _unspeakable(state: State) -> LeftOut:
    """What no spec can ask for: names that it refuses, roles that allow nothing, and whoever holds such a role."""
    out = LeftOut()
    for name, role in state.roles.items():
        if not _is_short_name(name):
            out.roles[name] = "its name cannot stand in a spec"
        elif name != ROOT_ROLE and not any(stored(role)):
            out.roles[name] = "it allows nothing"
    for user in state.users.values():
        gone = sorted(
            role for role in user.roles if role in out.roles or not (role in state.roles or role == ROOT_ROLE)
        )
        if not _is_short_name(user.name):
            out.users[user.name] = "its name cannot stand in a spec"
        elif gone and user.name != ROOT_USER:
            out.users[user.name] = f"it holds {', '.join(gone)}"
    return out


def _is_short_name(name: str) -> bool:
    return is_name(name) and len(name) <= _LONGEST_NAME


def _head(state: State, facts: Facts) -> Iterator[str]:
    yield "# Written by ringfence import from a live cluster: what is there, so that ringfence plan shows no change."
    yield "# Next: read it, ringfence check, ringfence plan. How users log in etcd does not tell: see auth below."
    if facts.has_v3:
        yield from _head_v3(state)
    if facts.v2 is not None:
        yield from head_v2(facts.v2)
    for name in sorted(facts.spare_keys):
        left = f"{name} is a spare key of ringfence, left from an apply that was cut off"
        yield comment(f"{left}; the next one deletes it")
    yield "version: 1"
    yield ""
    yield "cluster:"
    yield f"  endpoints: {listed(facts.endpoints)}"
    if facts.etcd is not None:
        yield f'  etcd: "{facts.etcd}"'
    if facts.v2 is not None:
        yield f"  api: {'[v2, v3]' if facts.has_v3 else '[v2]'}"


def _head_v3(state: State) -> Iterator[str]:
    if not state.auth_enabled:
        yield comment("Auth is OFF on this cluster; ringfence apply would switch it on")
    root = state.users.get(ROOT_USER)
    if root is None or ROOT_ROLE not in root.roles:
        yield comment("There is no user root with the role root; ringfence apply would make it")
    elif root.roles != {ROOT_ROLE}:
        yield comment(f"root also holds {', '.join(sorted(root.roles - {ROOT_ROLE}))}, and keeps it")


def _components(found: _Sorted, state: State, facts: Facts, in_v2: Patterns) -> Iterator[str]:
    for component in found.known:
        missing = [name for name in component.identities if name in facts.uncertified]
        if len(missing) > _MOST_NAMED:
            yield comment(f"{missing[0]} and {len(missing) - 1:,} more have no certificate in the pki folder", "  ")
        else:
            yield from (line for name in missing for line in _without_certificate(name, facts, "  "))
        yield from component_lines(component.settings)
    for name, grants in found.own.items():
        yield from _without_certificate(name, facts, "  ")
        yield from _oddities(state.roles[RoleName(name)], "  ")
        yield from named_grants(f"  - name: {word(name)}\n    grants:", "      ", grants)
        if name in in_v2.own:
            yield from pattern_lines(in_v2.own[name], "    ")
    for name, patterns in in_v2.own.items():
        if name not in found.own:
            yield from _without_certificate(name, facts, "  ")
            yield f"  - name: {word(name)}"
            yield from pattern_lines(patterns, "    ")


def _user(user: User, facts: Facts) -> Iterator[str]:
    if ROOT_ROLE in user.roles:
        danger = f"DANGER: {user.name} holds the role root: no fence holds it, and it can change every fence"
        yield comment(danger, "  ")
    login = "certificate" if is_identity(user.name) else "none"
    if login == "none":
        yield comment("its name cannot be that of a certificate, so it is kept as found", "  ")
    else:
        yield from _without_certificate(user.name, facts, "  ")
    yield f"  {word(user.name)}: {{roles: {listed(sorted(user.roles))}, auth: {login}}}"


def _without_certificate(name: UserName, facts: Facts, indent: str) -> Iterator[str]:
    if name in facts.uncertified:
        yield comment(f"{name} has no certificate in the pki folder; if it logs in by password, say so", indent)


def _oddities(role: Role, indent: str) -> Iterator[str]:
    """What etcd stores and the grants do not show."""
    places = [entry.place for entry in role.permissions]
    for key, end in dict.fromkeys(places):
        if places.count((key, end)) > 1:
            yield comment(f"{role.name}: etcd stores the permission on {key_text(key)} more than once", indent)
    for entry in role.permissions:
        if not entry.span:
            what = f"[{key_text(entry.key)}, {key_text(entry.range_end)})"
            yield comment(f"{role.name}: etcd also stores a permission on {what}, which holds no key", indent)


def _left_out(out: LeftOut) -> Iterator[str]:
    if out.users or out.roles:
        yield ""
        yield "# Left out, because a spec cannot say it; a plan leaves it alone:"
        yield from (comment(f"  role {name}: {why}") for name, why in sorted(out.roles.items()))
        yield from (comment(f"  user {name}: {why}") for name, why in sorted(out.users.items()))
