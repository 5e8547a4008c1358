"""The proof of the v2 store: as every identity, on every member, what it must and must not do there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ringfence.errors import CertificateError, FileError, NoV2, Place
from ringfence.etcd.inflight import each
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.observe import observe_v2
from ringfence.etcd.v2.obstacles import CUT
from ringfence.etcd.v2.prober import ProberV2
from ringfence.model.credentials import Credentials
from ringfence.model.probe import Verdict
from ringfence.model.probe_v2 import OperationV2, OutcomeV2, ProbeV2
from ringfence.model.v2 import Pattern
from ringfence.ops.proving.impostors import UNKNOWN_NAME, strangers
from ringfence.ops.proving.keyring import Keyring
from ringfence.ops.reach.members import ReachedMember
from ringfence.ops.reach.target import Target
from ringfence.ops.telling import Advance
from ringfence.pki.describe import read_certificates
from ringfence.pki.pem import PemFile
from ringfence.proof.v2.probes import NOTHING_V2, probes_v2, refused_at_the_door_v2
from ringfence.proof.v2.stored import beyond_v2, short_v2
from ringfence.proof.v2.verification import API, AskedV2, ProofV2
from ringfence.proof.violation import Revision, Unproven, Violation
from ringfence.rules.v2.overlaps import reaches
from ringfence.wanted.v2.wanted import WantedV2

_SESSIONS = 4
"""Identities tried out at the same time; each has up to 16 requests under way, on connections of their own."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """Somebody to try out: what they show, and what is asked as them.

    ``first`` is asked before, and is all of it where etcd breaks off each of these requests; see ``_is_cut_off``.
    """

    identity: str
    credentials: Credentials
    probes: tuple[ProbeV2, ...]
    first: tuple[ProbeV2, ...] = ()


async def prove_v2(
    wanted: WantedV2,
    target: Target,
    keyring: Keyring,
    members: Sequence[ReachedMember],
    *,
    now: datetime,
    advance: Advance = lambda _done, _all: None,
) -> ProofV2:
    """The proof.

    A member that does not serve v2, or with v2 auth off, is a violation and is asked nothing more.

    Args:
        wanted: who is to reach what in v2.
        target: the cluster, and root.
        keyring: the identities' certificates.
        members: all of them.
        now: the time, with a time zone.
        advance: told how many of the trials are over, and how many there are.

    Raises:
        NoV2: no member serves the API.
        ClusterError: a member does not answer, or root may not ask.
    """
    auth = await asyncio.gather(*(_auth(member, target) for member in members))
    serving = [member for member, found in zip(members, auth, strict=True) if found is not None]
    if not serving:
        raise await _not_served(members, target)
    async with ClientV2(serving[0].endpoint, target.credentials) as client:
        observed = await observe_v2(client)
        before = await client.keys.settle()
    switches = tuple(_switches(members, auth))
    trials, unproven = _trials(wanted, target, keyring, now)
    fenced = [member for member, found in zip(members, auth, strict=True) if found]
    asked = await _try_all(trials, fenced, target, advance)
    async with ClientV2(serving[0].endpoint, target.credentials) as client:
        after = await client.keys.settle()
    segments: dict[str, frozenset[Pattern]] = {segment.owner: segment.patterns for segment in wanted.segments}
    return ProofV2(
        asked=asked,
        segments=segments,
        beyond=(
            *switches,
            *beyond_v2(observed, wanted.state, segments.values()),
            *short_v2(observed, wanted.state, unproven),
        ),
        unproven=unproven,
        index=Revision(before, after),
    )


async def _auth(member: ReachedMember, target: Target) -> bool | None:
    """Whether v2 auth is on, by the member's own store when it has caught up; None where it does not serve v2."""
    async with ClientV2(member.endpoint, target.credentials) as client:
        try:
            await client.keys.settle()
            return await client.auth.enabled()
        except NoV2:
            return None


async def _not_served(members: Sequence[ReachedMember], target: Target) -> NoV2:
    """The error of the first member, which says why."""
    async with ClientV2(members[0].endpoint, target.credentials) as client:
        try:
            await client.auth.enabled()
        except NoV2 as error:
            return error
    return NoV2.of("the members began to serve the v2 API only now", hint="try again")


def _switches(members: Sequence[ReachedMember], auth: Sequence[bool | None]) -> Iterator[Violation]:
    """The members that let everybody in, or nobody."""
    for member, found in zip(members, auth, strict=True):
        if found is None:
            yield Violation("(anybody)", member.name, "any", "every path", "v2 served", "v2 not served", API)
        elif not found:
            seen = "v2 auth off: everybody may do everything"
            yield Violation("(anybody)", member.name, "any", "every path", "v2 auth on", seen, API)


def _trials(
    wanted: WantedV2, target: Target, keyring: Keyring, now: datetime
) -> tuple[tuple[_Trial, ...], tuple[Unproven, ...]]:
    segments = [segment.patterns for segment in wanted.segments]
    ca = target.credentials.ca
    trials: list[_Trial] = []
    unproven: list[Unproven] = []
    for identity in wanted.identities:
        try:
            shown = keyring.of(identity.user, identity.certificates, ca, now)
        except (CertificateError, FileError) as error:
            unproven.append(Unproven(identity.user, "; ".join(problem.what for problem in error.problems), API))
            continue
        trials.append(_Trial(identity.user, shown, probes_v2(identity.reach, segments)))
    if keyring.authority is None:
        why = "the authority's key is not at hand to make such a certificate"
        unproven.append(Unproven(UNKNOWN_NAME, why, API))
    for name, shown in strangers(ca, keyring.authority, now).items():
        if name != UNKNOWN_NAME:
            trials.append(_Trial(name, shown, refused_at_the_door_v2()))
            continue
        # Whoever is no user is the guest, whose role the wanted state has with nothing in it.
        guest = probes_v2(NOTHING_V2, segments, guest=True)
        trials.append(_Trial(name, shown, guest, _one_each(guest, segments) if _is_cut_off(ca) else ()))
    return tuple(trials), tuple(unproven)


def _is_cut_off(ca: bytes) -> bool:
    """Whether etcd breaks off each request of a stranger instead of denying it.

    It asks for a user by the Common Name of every certificate in the chain, and fails where one has none, as the
    authority that ringfence makes (etcd ``api/v2http/client_auth.go`` userFromClientCertificate, ``api/v2auth/auth.go``
    getUser): nobody who is no user gets so far as to be the guest, whatever the path.
    """
    return any(not each.common_names for each in read_certificates(PemFile(ca, Place("the authority"))))


def _one_each(probes: Sequence[ProbeV2], segments: Sequence[frozenset[Pattern]]) -> tuple[ProbeV2, ...]:
    """One probe of each kind in each segment."""
    found: dict[tuple[int, OperationV2], ProbeV2] = {}
    for probe in probes:
        for number, patterns in enumerate(segments):
            if any(reaches(pattern, probe.path.rstrip("/")) for pattern in patterns):
                found.setdefault((number, probe.operation), probe)
    return tuple(dict.fromkeys(found.values()))


async def _try_all(
    trials: Sequence[_Trial], members: Sequence[ReachedMember], target: Target, advance: Advance
) -> tuple[AskedV2, ...]:
    turns = [(trial, member) for trial in trials for member in members]
    over = 0

    async def run(turn: tuple[_Trial, ReachedMember]) -> AskedV2:
        nonlocal over
        trial, member = turn
        async with ClientV2(member.endpoint, trial.credentials) as client:
            prober = ProberV2(client)
            outcomes = await prober.ask(trial.first)
            if not outcomes or not all(map(_was_cut, outcomes)):
                outcomes = await prober.ask(trial.probes)
        if trial.first:
            async with ClientV2(member.endpoint, target.credentials) as client:
                await client.keys.settle()  # the member is there: it was not it that went
            outcomes = [OutcomeV2(each.probe, Verdict.DENIED) if _was_cut(each) else each for each in outcomes]
        over += 1
        advance(over, len(turns))
        return AskedV2(trial.identity, member.name, tuple(outcomes), prober.raft_entries)

    return tuple(await each(turns, run, _SESSIONS))


def _was_cut(outcome: OutcomeV2) -> bool:
    return outcome.verdict is Verdict.ERROR and outcome.detail == CUT.what
