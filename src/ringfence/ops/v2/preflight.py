"""What must be true before v2 auth is switched on: root gets in everywhere, and nobody else is root or more by a name.

v2 tries the Common Name of every certificate in a client's chain and takes the first that is a user, so an authority
whose name is a user's makes that user of everybody whom it signed for (etcd ``server/etcdserver/api/v2http/
client_auth.go`` userFromClientCertificate).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from ringfence.errors import ClusterError, LockOut, NotThere, Place, Problem
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.observe import observe_v2
from ringfence.model.credentials import Credentials
from ringfence.model.names import ROOT_USER, UserName
from ringfence.model.v2 import GUEST, GUEST_ROLE, StateV2
from ringfence.ops.certs.of_spec import certificate_problems
from ringfence.ops.reach.fitness import measured_problems
from ringfence.ops.reach.members import ReachedMember, reach_members
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.preflight import listener_problems, own_certificate_problems
from ringfence.ops.telling import Tell
from ringfence.ops.v2.reach import connected_v2
from ringfence.pki.describe import read_certificates
from ringfence.pki.pem import PemFile
from ringfence.proof.stored import ways_around
from ringfence.proof.v2.stored import beyond_v2
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.v2.wanted import WantedV2


async def check_way_in_v2(spec: Spec, wanted: Wanted, target: Target, tell: Tell) -> tuple[ReachedMember, ...]:
    """Check that switching v2 auth on locks nobody out, and opens nothing.

    Args:
        spec: for its certificates, and the members' metrics.
        wanted: who needs a certificate.
        target: every member is reached with these credentials, which must be root's.
        tell: told what could not be checked.

    Returns:
        All members, by name.

    Raises:
        LockOut: all that stands against it.
        ClusterError: a member does not answer.
    """
    problems = [*own_certificate_problems(target), *await certificate_problems(spec, wanted, datetime.now(UTC))]
    async with connected_v2(target) as client:
        observed = await observe_v2(client)
    problems.extend(_state_problems(observed))
    if wanted.v2 is not None:
        found = beyond_v2(observed, wanted.v2.state, [segment.patterns for segment in wanted.v2.segments])
        problems.extend(ways_around(each for each in found if each.identity != GUEST))  # who was judged just now
    problems.extend(authority_problems(target.credentials, dict.fromkeys(observed.users)))
    members = await reach_members(target)
    problems.extend(await listener_problems(members, target))
    problems.extend(await _serving_problems(members, target))
    problems.extend(await measured_problems(spec, members, target.credentials, tell))
    if problems:
        raise LockOut(*problems)
    return members


def check_authority(wanted: WantedV2, target: Target) -> None:
    """Refuse to make a user that everybody would be; before anything is planned.

    Raises:
        LockOut: an identity of the spec is called like an authority.
    """
    problems = [*authority_problems(target.credentials, {each.user: each.place for each in wanted.identities})]
    if problems:
        raise LockOut(*problems)


def authority_problems(credentials: Credentials, users: Mapping[UserName, Place | None]) -> Iterator[Problem]:
    """Each user whose name is that of an authority in the chain of root's certificate, and so in everybody's.

    Args:
        credentials: the authorities that are trusted, and root's own certificate with those between.
        users: users of v2, each with its place where one is known.
    """
    trusted = read_certificates(PemFile(credentials.ca, Place("the authority")))
    shown = read_certificates(PemFile(credentials.certificate or b"", Place("root's certificate")))
    for name in sorted({UserName(name) for each in (*trusted, *shown[1:]) for name in each.common_names}):
        if name in users:
            what = f"the authority's Common Name is {name!r}, a v2 user: everybody whom it signed for would be {name}"
            hint = "give the user another name, or use an authority without that Common Name"
            yield Problem(what, users[name], hint)


def _state_problems(observed: StateV2) -> Iterator[Problem]:
    """That root is there, and the guest with nothing in it, read back just now."""
    if ROOT_USER not in observed.users:
        yield Problem("v2 has no user root", hint="plan again: the plan adds it")
    guest = observed.roles.get(GUEST_ROLE)
    if guest is None:
        what = "v2 has no role guest, and etcd would make one that may do everything"
        yield Problem(what, hint="plan again: the plan adds an empty one")
    elif guest.read or guest.write:
        what = "v2's role guest has patterns, which everybody could use"
        yield Problem(what, hint="plan again: the plan revokes them")


async def _serving_problems(members: Iterable[ReachedMember], target: Target) -> list[Problem]:
    """Members that do not serve v2, or that do not have root and the closed guest in their own store."""
    found = await asyncio.gather(*(_member(member, target) for member in members))
    return [problem for each in found for problem in each]


async def _member(member: ReachedMember, target: Target) -> list[Problem]:
    try:
        async with ClientV2(member.endpoint, target.credentials) as client:
            await client.keys.settle()
            await client.auth.user(ROOT_USER)
            await client.auth.role(GUEST_ROLE)
    except NotThere as error:
        return [
            Problem(f"member {member.name} lacks what the others have in v2: {each.what}", each.place, each.hint)
            for each in error.problems
        ]
    except ClusterError as error:
        return [Problem(f"member {member.name}: {each.what}", each.place, each.hint) for each in error.problems]
    return []
