"""What must be true before auth is switched on: root gets in everywhere, and nobody around certificates or spec.

etcd takes the Common Name of a client only from a verified certificate, so a listener that lets a client in without
one, or speaks plain HTTP, makes every identity anonymous; and once auth is on, root's certificate is the only way to
switch it off again. All of it is asked of every member itself. What the stored roles let somebody do against the spec
is known before, too: the proof would find it, and switch auth off again under the clients.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime

from ringfence.changes.change import Change, DeleteRole, DeleteUser, DisableAuth, RevokeRole
from ringfence.changes.plan import Plan
from ringfence.errors import ClusterError, LockOut, NotThere, Place, Problem
from ringfence.etcd.client import Client
from ringfence.etcd.listeners import look_at
from ringfence.etcd.observe import observe
from ringfence.model.names import ROOT_ROLE, ROOT_USER, UserName
from ringfence.ops.certs.of_spec import certificate_problems
from ringfence.ops.proving.holes import hole_problems, server_holes
from ringfence.ops.reach.fitness import alarm_problems, measured_problems
from ringfence.ops.reach.members import ReachedMember, reach_members
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.telling import Tell
from ringfence.pki.describe import read_certificate
from ringfence.pki.pem import PemFile
from ringfence.proof.stored import beyond, ways_around
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted


async def check_way_in(
    spec: Spec, wanted: Wanted, target: Target, today: date, tell: Tell
) -> tuple[ReachedMember, ...]:
    """Check that switching auth on locks nobody out and leaves no way around it that the spec does not accept.

    Args:
        spec: for the holes of the server that it accepts, its certificates, and the members' metrics.
        wanted: who needs a certificate, and who may reach what.
        target: every member is reached with these credentials, which must be root's.
        today: the day on which an acceptance must still count.
        tell: told what could not be checked.

    Returns:
        All members, by name.

    Raises:
        LockOut: all that stands against it.
        ClusterError: a member does not answer.
    """
    problems = [*own_certificate_problems(target), *await certificate_problems(spec, wanted, datetime.now(UTC))]
    async with connected(target) as client:
        problems.extend(await _root(client))
        problems.extend(alarm_problems(await client.cluster.alarms()))
        stored = (await observe(client)).state
    problems.extend(ways_around(beyond(stored, wanted.state, [segment.spans for segment in wanted.segments])))
    members = await reach_members(target)
    problems.extend(hole_problems(server_holes(members, spec, today)))
    problems.extend(await listener_problems(members, target))
    problems.extend(await measured_problems(spec, members, target.credentials, tell))
    if problems:
        raise LockOut(*problems)
    return members


def check_own_way(plan: Plan, target: Target) -> None:
    """Refuse a plan that deletes the user who is to carry it out while auth is on, or takes the role root from it.

    Raises:
        LockOut: it does.
    """
    names = read_certificate(PemFile(target.credentials.certificate or b"", Place("the certificate"))).common_names
    if DisableAuth() in plan.changes_v3:
        return
    hint = "use root's certificate, or protect that user"
    for user in map(UserName, names):
        if DeleteUser(user) in plan.changes_v3:
            raise LockOut.of(f"the plan deletes {user}, the user in use", hint=hint)
        if any(_takes_root(change, user) for change in plan.changes_v3):
            raise LockOut.of(f"the plan takes the role root from {user}, the user in use", hint=hint)


def _takes_root(change: Change, user: UserName) -> bool:
    return change == RevokeRole(user, ROOT_ROLE) or (
        isinstance(change, DeleteRole) and change.role == ROOT_ROLE and user in change.holders
    )


async def listener_problems(members: Iterable[ReachedMember], target: Target) -> list[Problem]:
    """What is wrong with any URL at which a member takes clients: that root does not get in, or others do."""
    found = await asyncio.gather(*(_member(member, target) for member in members))
    return [problem for each in found for problem in each]


def own_certificate_problems(target: Target) -> list[Problem]:
    """That the certificate in use is not root's."""
    names = read_certificate(PemFile(target.credentials.certificate or b"", Place("root's certificate"))).common_names
    if names == (ROOT_USER,):
        return []
    shown = ", ".join(repr(name) for name in names) or "nothing"
    return [
        Problem(
            f"the certificate in use has the Common Name {shown}, not 'root'",
            hint="auth is switched on with root's own certificate: etcd takes its Common Name for the user",
        )
    ]


async def _root(client: Client) -> list[Problem]:
    """That root is there and is root, read back just now."""
    try:
        held = (await client.auth.user(ROOT_USER)).roles
    except NotThere:
        return [Problem("there is no user root", hint="plan again: the plan adds it")]
    if ROOT_ROLE not in held:
        return [Problem("user root does not hold role root", hint="plan again: the plan grants it")]
    return []


async def _member(member: ReachedMember, target: Target) -> list[Problem]:
    problems = [
        Problem(
            f"member {member.name} listens for clients on {url}, without TLS",
            hint="give it an https URL: with plain HTTP etcd knows no names",
        )
        for url in member.client_urls
        if not url.startswith("https://")
    ]
    urls = dict.fromkeys((member.endpoint, *(url for url in member.client_urls if url.startswith("https://"))))
    for url in urls:
        problems.extend(await _listener(member, url, target))
    return problems


async def _listener(member: ReachedMember, url: str, target: Target) -> list[Problem]:
    try:
        async with Client(url, target.credentials) as client:
            await client.keys.settle()
    except ClusterError as error:
        what = f"root's certificate does not get into member {member.name}"
        return [Problem(f"{what}: {problem.what}", problem.place, problem.hint) for problem in error.problems]
    seen = await look_at(url)
    problems = []
    if seen.takes_no_certificate:
        problems.append(
            Problem(
                f"member {member.name} takes clients without a certificate on {url}",
                hint="start it with --client-cert-auth and --trusted-ca-file: without, etcd knows no names",
            )
        )
    if seen.speaks_plain_http:
        problems.append(Problem(f"member {member.name} speaks plain HTTP on {url}", hint="give it https URLs only"))
    return problems
