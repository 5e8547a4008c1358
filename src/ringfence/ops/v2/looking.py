"""What is in the v2 store, what is to change there, and whether each member says the same.

v2 counts no changes, so members are compared by all that they store. One that lags is asked again; one that does not
serve the API is told apart from one that does not answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ringfence.changes.diff import Prune
from ringfence.changes.plan import PlanV2, state_digest_v2
from ringfence.changes.v2.diff import diff_v2, left_alone_v2, unmanaged_v2
from ringfence.changes.v2.removal import removal_v2
from ringfence.errors import AccessDenied, ClusterError, NoV2, Problem
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.observe import observe_v2
from ringfence.model.names import UserName
from ringfence.model.v2 import PatternRole, StateV2
from ringfence.ops.reach.members import find_members
from ringfence.ops.reach.target import Target
from ringfence.ops.v2.reach import connected_v2
from ringfence.proof.agreement import Agreement, MemberView, View, agree
from ringfence.wanted.v2.wanted import WantedV2

Make = Callable[[StateV2], PlanV2]
"""A plan from what is there."""

_TRIES = 3
_DENIED = "use a certificate of root; if it is one, v2 has no user root, or the members take no names from certificates"


@dataclass(frozen=True, slots=True)
class LookedV2:
    """A plan, the state that it was made from, and what the members say one by one, where they were asked."""

    plan: PlanV2
    observed: StateV2
    agreement: Agreement = field(default_factory=Agreement)


def changing(wanted: WantedV2, protect: frozenset[UserName], prune: frozenset[Prune]) -> Make:
    """How ``apply`` plans; see ``changes.v2.diff``."""

    def make(observed: StateV2) -> PlanV2:
        batches = diff_v2(wanted.state, observed, protect, prune)
        left = left_alone_v2(batches, unmanaged_v2(wanted.state, observed))
        return PlanV2(state_digest_v2(observed), batches, left)

    return make


def removing(wanted: WantedV2, protect: frozenset[UserName], *, with_auth: bool) -> Make:
    """How ``destroy`` plans; see ``changes.v2.removal``."""

    def make(observed: StateV2) -> PlanV2:
        batches = removal_v2(wanted.state, observed, protect, with_auth=with_auth)
        left = left_alone_v2(batches, unmanaged_v2(wanted.state, observed))
        return PlanV2(state_digest_v2(observed), batches, left)

    return make


async def look(target: Target, make: Make) -> LookedV2:
    """The plan for the live v2 store, by whichever endpoint takes us for root, and what each member says.

    Args:
        target: where, and as whom.
        make: makes the plan.

    Raises:
        AccessDenied: no endpoint takes us for root.
        NoV2: v2 is not served.
        ClusterError: the cluster does not answer.
    """
    denied: AccessDenied | None = None
    for at in range(len(target.endpoints)):
        turned = replace(target, endpoints=target.endpoints[at:] + target.endpoints[:at])
        try:
            found = await look_once(turned, make)
        except AccessDenied as error:
            denied = denied or error
            continue
        return replace(found, agreement=await agreement_v2(target))
    assert denied is not None
    raise AccessDenied(*(Problem(each.what, each.place, _DENIED) for each in denied.problems))


async def look_once(target: Target, make: Make) -> LookedV2:
    """The same by the first endpoint that answers, and without asking every member."""
    async with connected_v2(target) as client:
        observed = await observe_v2(client)
    return LookedV2(make(observed), observed)


async def agreement_v2(target: Target) -> Agreement:
    """What each member says of v2's users, roles and switch."""
    found, missing = await find_members(target)
    views: list[MemberView] = []
    for _ in range(_TRIES):
        views = await asyncio.gather(*(_asked(member.name, member.endpoint, target) for member in found))
        if agree(views):
            break
    for member in missing:
        where = ", ".join(member.client_urls) or "it lists no client URL"
        views.append(MemberView(member.name, where, f"it does not answer: {where}"))
    return Agreement(tuple(views))


async def _asked(name: str, endpoint: str, target: Target) -> MemberView:
    async with ClientV2(endpoint, target.credentials) as client:
        try:
            return MemberView(name, endpoint, _view(await observe_v2(client)))
        except AccessDenied as error:
            why = f"it does not know root as root: {error.problems[0].what}"
            return MemberView(name, endpoint, why, knows_nobody=True)
        except NoV2 as error:
            return MemberView(name, endpoint, error.problems[0].what, knows_nobody=True)
        except ClusterError as error:
            return MemberView(name, endpoint, f"it does not answer: {error.problems[0].what}")


def _view(state: StateV2) -> View:
    held = {f"user {user.name} holds role {role}" for user in state.users.values() for role in user.roles}
    return View(
        auth_enabled=state.auth_enabled,
        auth_revision=None,
        users=frozenset(state.users),
        roles=frozenset(state.roles),
        grants=frozenset(held | {told for role in state.roles.values() for told in _patterns(role)}),
    )


def _patterns(role: PatternRole) -> set[str]:
    lists = {"read": role.read, "write": role.write}
    return {f"role {role.name} may {access} {each}" for access, patterns in lists.items() for each in patterns}
