"""Every member of the live cluster, reached one by one: proofs and preflights ask each of them itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ringfence.errors import AccessDenied, ClusterError, Problem, Unreachable
from ringfence.etcd.client import Client
from ringfence.etcd.cluster import ListedMember, MemberStatus
from ringfence.model.version import Version
from ringfence.ops.reach.target import Target, connected


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedMember:
    """A member, where it answered, and what it said of itself."""

    name: str
    endpoint: str
    client_urls: tuple[str, ...]
    status: MemberStatus

    @property
    def version(self) -> Version | None:
        """The release that it runs, None where it says something that is no version."""
        return Version.parse(self.status.version)


async def reach_members(target: Target) -> tuple[ReachedMember, ...]:
    """All members that the cluster lists, by name, each reached at an endpoint of the target or at its own URL.

    Raises:
        Unreachable: some member does not answer; a problem for each.
        ClusterError: nobody answers, or the identity may not ask.
    """
    found, missing = await find_members(target)
    if missing:
        reasons = await asyncio.gather(*(_reasons(member, target) for member in missing))
        raise Unreachable(*(problem for problems in reasons for problem in problems))
    return found


async def find_members(target: Target) -> tuple[tuple[ReachedMember, ...], tuple[ListedMember, ...]]:
    """The members that answer, and those that the cluster lists and that do not.

    Raises:
        ClusterError: nobody answers, or the identity may not ask.
    """
    async with connected(target) as client:
        listed = await client.cluster.members()
    urls = list(dict.fromkeys((*target.endpoints, *(url for member in listed for url in member.client_urls))))
    answers = await asyncio.gather(*(_status(url, target) for url in urls))
    found = {
        status.member_id: (url, status)
        for url, status in reversed(list(zip(urls, answers, strict=True)))
        if isinstance(status, MemberStatus)
    }
    reached = tuple(
        ReachedMember(
            name=member.name,
            endpoint=found[member.member_id][0],
            client_urls=member.client_urls,
            status=found[member.member_id][1],
        )
        for member in listed
        if member.member_id in found
    )
    return reached, tuple(member for member in listed if member.member_id not in found)


async def _status(url: str, target: Target) -> MemberStatus | ClusterError | None:
    if not url.startswith("https://"):
        return None
    async with Client(url, target.credentials) as client:
        try:
            return await client.cluster.status()
        except ClusterError as failure:
            return failure


async def _reasons(member: ListedMember, target: Target) -> tuple[Problem, ...]:
    """Why a member is not there: it does not answer, or it says itself why it refuses to tell what it runs."""
    for url in member.client_urls:
        answer = await _status(url, target)
        if isinstance(answer, AccessDenied):
            return answer.problems
    where = ", ".join(member.client_urls) or "no client URL"
    what = f"member {member.name or format(member.member_id, 'x')} does not answer ({where})"
    return (Problem(what, hint="every member is asked itself; start it, or remove it from the cluster"),)
