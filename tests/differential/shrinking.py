"""Making a disagreement small: whatever can be taken away from a case while the two still differ, goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

from ringfence.model.names import ROOT_ROLE, UserName
from ringfence.model.state import Role, State, User
from ringfence.rules.requests import OfLease, Request, Txn
from tests.differential.world import World


@dataclass(frozen=True, slots=True)
class Case:
    """One request of one user in one world."""

    world: World
    user: UserName
    request: Request


async def shrunk(case: Case, differs: Callable[[Case], Awaitable[bool]], steps: int = 200) -> Case:
    """The smallest case that taking away one thing at a time leads to."""
    for _ in range(steps):
        for smaller in _smaller(case):
            if await differs(smaller):
                case = smaller
                break
        else:
            return case
    return case


def _smaller(case: Case) -> Iterator[Case]:
    for request in _simpler(case.request):
        yield replace(case, request=request)
    state = case.world.state
    for name in [name for name in state.roles if name != ROOT_ROLE]:
        yield replace(case, world=replace(case.world, state=_without(state, name)))
        role = state.roles[name]
        for index in range(len(role.permissions)):
            fewer = Role(name, role.permissions[:index] + role.permissions[index + 1 :])
            smaller = State.of(state.users.values(), {**state.roles, name: fewer}.values())
            yield replace(case, world=replace(case.world, state=smaller))


def _without(state: State, role: str) -> State:
    users = [User(user.name, frozenset(held for held in user.roles if held != role)) for user in state.users.values()]
    return State.of(users, [one for one in state.roles.values() if one.name != role])


def _simpler(request: Request) -> Iterator[Request]:
    """The same request without one of its parts, or one of its parts alone."""
    if isinstance(request, OfLease) or not isinstance(request, Txn):
        return
    yield from (*request.success, *request.failure)
    for field in ("compares", "success", "failure"):
        parts = getattr(request, field)
        for index, part in enumerate(parts):
            yield replace(request, **{field: parts[:index] + parts[index + 1 :]})
            if isinstance(part, Txn):
                for inner in _simpler(part):
                    if isinstance(inner, Txn):
                        yield replace(request, **{field: (*parts[:index], inner, *parts[index + 1 :])})
