"""A second way in for the moment of the switch, in case that etcd takes no name from a certificate.

A member with ``--trusted-ca-file`` but not ``--client-cert-auth`` asks for certificates and yet ignores their names.
As long as auth is off no request tells the difference; once it is on, root's certificate is nobody, and nothing could
switch auth off again. So a user with a random password and the role root is made before the switch and taken away right
after root's certificate was seen to work on every member. Its password is in memory and in the guard's pipe only. Where
both die in between, its user is left, and the next plan deletes it (``ringfence.changes.diff``).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from contextlib import suppress

from ringfence.errors import AlreadyThere, ClusterError, Interference, LockOut, NotThere, Problem
from ringfence.etcd.client import Client
from ringfence.model.credentials import SpareKey
from ringfence.model.names import ROOT_ROLE, SPARE_PREFIX, UserName
from ringfence.ops.reach.members import ReachedMember
from ringfence.ops.reach.target import Target, connected


def cut(cluster_id: int) -> SpareKey:
    """A key that fits nothing yet. Of one cluster they all have the same user, so that only one can be handed in."""
    return SpareKey(UserName(f"{SPARE_PREFIX}{cluster_id & 0xFFFFFFFF:08x}"), secrets.token_urlsafe(48))


async def hand_in(target: Target, key: SpareKey) -> None:
    """Make its user, while auth is off.

    Raises:
        Interference: somebody else is at the switch, or was there before us; then nothing is left of this key.
        ClusterError: etcd did not do it.
    """
    async with connected(target) as client:
        if await client.auth.enabled():
            raise _came_first()
        try:
            await client.auth.add_user(key.user, key.password)
        except AlreadyThere:
            what = f"somebody else is switching auth on: the user {key.user} of its spare key is there"
            hint = "see ringfence auth status; if that apply was cut off, the next one deletes the user"
            raise Interference.of(what, hint=hint) from None
        if await client.auth.enabled():
            await take_back(client, key)
            raise _came_first()
        await client.auth.grant_role(key.user, ROOT_ROLE)


def _came_first() -> Interference:
    what = "auth was switched on by somebody else while the plan was carried out"
    return Interference.of(what, hint="see ringfence auth status; run plan to see what is left to do")


async def take_back(client: Client, key: SpareKey) -> None:
    """Delete its user, if it is there."""
    with suppress(NotThere):
        await client.auth.delete_user(key.user)


async def switch_off_by_password(endpoint: str, target: Target) -> None:
    """Switch auth off with the spare key, and delete its user.

    Raises:
        ClusterError: that did not work either.
    """
    assert target.spare is not None
    async with Client(endpoint, target.credentials) as client:
        token = await client.auth.login(target.spare.user, target.spare.password)
    async with Client(endpoint, target.credentials, token=token) as client:
        await client.auth.disable()
    async with Client(endpoint, target.credentials) as client:
        await take_back(client, target.spare)


async def check_root_gets_in(members: Iterable[ReachedMember], target: Target) -> None:
    """With auth on: that root's certificate is root on every member.

    Raises:
        LockOut: it is not, on the members that are named.
    """
    found = await asyncio.gather(*(_refusal(member, target) for member in members))
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise LockOut(*problems)


async def _refusal(member: ReachedMember, target: Target) -> Problem | None:
    try:
        async with Client(member.endpoint, target.credentials) as client:
            await client.auth.users()
    except ClusterError as error:
        why = "; ".join(problem.what for problem in error.problems)
        return Problem(
            f"with auth on, root's certificate is not root on member {member.name}: {why}",
            hint="start it with --client-cert-auth: --trusted-ca-file alone ignores the names in certificates",
        )
    return None
