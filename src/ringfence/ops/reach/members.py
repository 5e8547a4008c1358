"""Every member of the live cluster, reached one by one: proofs and preflights ask each of them itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.errors import AccessDenied, ClusterError, Problem, TlsRefused, Unreachable
from ringfence.etcd.client import Client
from ringfence.etcd.cluster import MemberStatus
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentMember:
    """A member that the cluster lists and that could not be asked.

    Args:
        name: its name, or its ID as long as it never started.
        client_urls: where it should answer.
        failure: what came in the place of an answer there; None where no URL of it is https.
    """

    name: str
    client_urls: tuple[str, ...]
    failure: ClusterError | None

    @property
    def problem(self) -> Problem:
        """Why it could not be asked."""
        if self.failure is not None:
            return self.failure.problems[0]
        hint = "start it, or see its listen-client-urls and advertise-client-urls"
        return Problem(", ".join(self.client_urls) or "it lists no client URL", hint=hint)


async def reach_members(target: Target) -> tuple[ReachedMember, ...]:
    """All members that the cluster lists, by name, each reached at an endpoint of the target or at its own URL.

    Raises:
        Unreachable: some member does not answer; a problem for each.
        ClusterError: nobody answers, or the identity may not ask.
    """
    found, missing = await find_members(target)
    if missing:
        raise Unreachable(*(problem for member in missing for problem in _reasons(member)))
    return found


async def find_members(target: Target) -> tuple[tuple[ReachedMember, ...], tuple[SilentMember, ...]]:
    """The members that answer, and those that the cluster lists and that do not, with what came instead.

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
    failures = {url: each for url, each in zip(urls, answers, strict=True) if isinstance(each, ClusterError)}
    silent = tuple(
        SilentMember(
            name=member.name or format(member.member_id, "x"),
            client_urls=member.client_urls,
            failure=_telling([failures[url] for url in member.client_urls if url in failures]),
        )
        for member in listed
        if member.member_id not in found
    )
    return reached, silent


def _telling(failures: Sequence[ClusterError]) -> ClusterError | None:
    """Of what came from the URLs of one member: what itself said, else the first."""
    said = (failure for failure in failures if isinstance(failure, AccessDenied))
    return next(iter((*said, *failures)), None)


async def _status(url: str, target: Target) -> MemberStatus | ClusterError | None:
    if not url.startswith("https://"):
        return None
    async with Client(url, target.credentials) as client:
        try:
            return await client.cluster.status()
        except ClusterError as failure:
            return failure


def _reasons(member: SilentMember) -> tuple[Problem, ...]:
    """Why a member is not there: it does not answer, or answers what is no use."""
    if isinstance(member.failure, AccessDenied):
        return member.failure.problems
    if isinstance(member.failure, TlsRefused):  # it runs: starting it would mend nothing
        problem = member.problem
        return (Problem(f"member {member.name} cannot be asked: {problem}", hint=problem.hint),)
    what = f"member {member.name} does not answer ({', '.join(member.client_urls) or 'no client URL'})"
    return (Problem(what, hint="every member is asked itself; start it, or remove it from the cluster"),)
