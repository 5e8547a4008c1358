"""Every member of the live cluster, reached one by one: proofs and preflights ask each of them itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ringfence.errors import ClusterError, Problem, Unreachable
from ringfence.etcd.client import Client
from ringfence.etcd.cluster import ListedMember, MemberStatus
from ringfence.model.version import Version
from ringfence.ops.target import Target, connected


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
    async with connected(target) as client:
        listed = await client.cluster.members()
    urls = list(dict.fromkeys((*target.endpoints, *(url for member in listed for url in member.client_urls))))
    answers = await asyncio.gather(*(_status(url, target) for url in urls))
    found = {
        status.member_id: (url, status) for url, status in reversed(list(zip(urls, answers, strict=True))) if status
    }
    missing = [member for member in listed if member.member_id not in found]
    if missing:
        raise Unreachable(*(_missing(member) for member in missing))
    return tuple(
        ReachedMember(
            name=member.name,
            endpoint=found[member.member_id][0],
            client_urls=member.client_urls,
            status=found[member.member_id][1],
        )
        for member in listed
    )


async def _status(url: str, target: Target) -> MemberStatus | None:
    if not url.startswith("https://"):
        return None
    async with Client(url, target.credentials) as client:
        try:
            return await client.cluster.status()
        except ClusterError:
            return None


def _missing(member: ListedMember) -> Problem:
    where = ", ".join(member.client_urls) or "no client URL"
    return Problem(
        f"member {member.name or format(member.member_id, 'x')} does not answer ({where})",
        hint="every member is asked itself; start it, or remove it from the cluster",
    )
