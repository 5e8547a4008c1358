"""``verify``: as every identity, on every member, what it must and must not do; and what etcd's own store says.

An identity is tried out with its own certificate where that is at hand, else with one that is made in memory for ten
minutes (by the authority's key, or by OpenBao for what only pods log in as), else not at all, and then it is reported
as unproven.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ringfence.errors import CertificateError, ClusterError, FileError
from ringfence.etcd.channel import Channel
from ringfence.etcd.client import Client
from ringfence.etcd.inflight import each
from ringfence.etcd.observe import observe
from ringfence.etcd.prober import Prober
from ringfence.keyspace import SpanSet
from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.model.state import Login, Reach
from ringfence.ops.proving.compacting import look_at_compaction
from ringfence.ops.proving.drawn import draw_for_proof
from ringfence.ops.proving.holes import Tried, server_holes, try_holes
from ringfence.ops.proving.impostors import UNKNOWN_NAME, Trial, impostors
from ringfence.ops.proving.keyring import Keyring
from ringfence.ops.proving.selection import Selection, select
from ringfence.ops.reach.members import ReachedMember, reach_members
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.telling import Advance
from ringfence.ops.v2.findings import findings_v2
from ringfence.ops.v2.proving import prove_v2
from ringfence.proof.probes import probes
from ringfence.proof.stored import beyond, short
from ringfence.proof.v2.findings import FindingV2
from ringfence.proof.verification import Asked, Verification
from ringfence.proof.violation import Revision, Unproven, Violation
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Identity, Wanted
from ringfence.wanted.components.compaction import compactors
from ringfence.wanted.components.drawers import drawn_users

_TRY_AS = 3
"""Identities that a hole is tried as before it is left to its release."""

_SESSIONS = 8
"""Identities tried out at the same time; each has up to 64 requests under way."""


async def verify(
    spec: Spec,
    wanted: Wanted,
    target: Target,
    keyring: Keyring,
    *,
    now: datetime,
    advance: Advance = lambda _done, _all: None,
) -> Verification:
    """The proof.

    Args:
        spec: for what it accepts.
        wanted: who is to reach what.
        target: the cluster, and root.
        keyring: the identities' certificates.
        now: the time, with a time zone.
        advance: told about progress.

    Raises:
        ClusterError: a member does not answer, or root may not ask.
    """
    members = await reach_members(target)
    in_v2 = None
    if wanted.v2 is not None:
        in_v2 = await prove_v2(wanted.v2, target, keyring, members, now=now, advance=advance)
    versions = {member.name: member.status.version for member in members}
    if not spec.cluster.has_v3:
        return Verification(
            versions=versions,
            asked=(),
            segments={},
            unproven=() if in_v2 is None else in_v2.unproven,
            revision=None,
            v2=in_v2,
            findings=await _findings(spec, wanted, target, members),
        )
    async with connected(target) as client:
        before = await observe(client)
    segments: dict[str, SpanSet] = {segment.owner: segment.spans for segment in wanted.segments}
    switched_off = await _switched_off(members, target)
    keyring = await _with_drawn(keyring, spec, wanted, now)
    trials, unproven = _trials(wanted, target, keyring, now)
    asked: tuple[Asked, ...] = () if switched_off else await _try_all(trials, members, advance)
    tried = Tried() if switched_off else await try_holes(members, _can_try(trials, wanted))
    compaction = await look_at_compaction(
        compactors(spec), target, lambda name: _login(name, wanted, target, keyring, now)
    )
    async with connected(target) as client:
        after = await client.keys.settle()
        alarms = await client.cluster.alarms()
    return Verification(
        versions=versions,
        alarms=frozenset(alarm.name for alarm in alarms),
        asked=asked,
        segments=segments,
        beyond=(
            *switched_off,
            *beyond(before.state, wanted.state, segments.values()),
            *short(before.state, wanted.state, unproven),
        ),
        holes=server_holes(members, spec, now.date(), tried),
        entries_for_holes=tried.raft_entries,
        unproven=(*unproven, *(() if in_v2 is None else in_v2.unproven)),
        revision=Revision(before.revision, after),
        compaction=compaction,
        v2=in_v2,
        findings=await _findings(spec, wanted, target, members),
    )


async def _findings(
    spec: Spec, wanted: Wanted, target: Target, members: Sequence[ReachedMember]
) -> tuple[FindingV2, ...]:
    """What to know of v2; where it is none of the spec's business and cannot be asked, nothing."""
    try:
        return await findings_v2(spec, wanted.v2, target, members)
    except ClusterError:
        if spec.cluster.has_v2:
            raise
        return ()


async def _with_drawn(keyring: Keyring, spec: Spec, wanted: Wanted, now: datetime) -> Keyring:
    """The keyring with certificates for what only pods log in as, and is to be tried."""
    by_pods = drawn_users(spec)
    users = [one.user for one in select(wanted).tried if one.user in by_pods and not wanted.state.is_root(one.user)]
    return replace(keyring, drawn=await draw_for_proof(spec, users, now))


def _can_try(trials: Iterable[Trial], wanted: Wanted) -> list[tuple[Credentials, Reach]]:
    """Who holes can be tried as: the identities with a role, those first that may write what they may not read."""
    known = {identity.user: identity.reach for identity in wanted.identities}
    found = [
        (trial.credentials, known[UserName(trial.identity)]) for trial in trials if UserName(trial.identity) in known
    ]
    blind = [pair for pair in found if pair[1].write - pair[1].read]
    return [*found[:_TRY_AS], *blind[:1]]


def _trials(
    wanted: Wanted, target: Target, keyring: Keyring, now: datetime
) -> tuple[tuple[Trial, ...], tuple[Unproven, ...]]:
    segments = [segment.spans for segment in wanted.segments]
    trials: list[Trial] = []
    unproven: list[Unproven] = []
    selection = select(wanted)
    for identity in selection.tried:
        if wanted.state.is_root(identity.user):
            unproven.append(Unproven(identity.user, "it holds the role root and may do everything"))
            continue
        try:
            credentials = _credentials(identity, target, keyring, now)
        except (CertificateError, FileError) as error:
            unproven.append(Unproven(identity.user, "; ".join(problem.what for problem in error.problems)))
            continue
        trials.append(Trial(identity.user, credentials, probes(identity.reach, segments, identity.examples)))
    unproven += _left(selection, trials)
    if keyring.authority is None:
        unproven.append(Unproven(UNKNOWN_NAME, "the authority's key is not at hand to make such a certificate"))
    return (*trials, *impostors(target.credentials.ca, keyring.authority, segments, now)), tuple(unproven)


def _left(selection: Selection, trials: Iterable[Trial]) -> Iterator[Unproven]:
    """Those who were not tried because others stand for them."""
    tried = {trial.identity for trial in trials}
    for user, others in selection.left.items():
        like = next((other for other in others if other in tried), None)
        if like is None:
            yield Unproven(user, f"not probed: the same roles as {others[0]}, which could not be tried")
        else:
            yield Unproven(user, f"not probed: the same roles as {like}, which was; they were read back")


def _login(name: UserName, wanted: Wanted, target: Target, keyring: Keyring, now: datetime) -> Credentials | None:
    identity = next((one for one in wanted.identities if one.user == name), None)
    try:
        return None if identity is None else _credentials(identity, target, keyring, now)
    except (CertificateError, FileError):
        return None  # it is unproven already


def _credentials(identity: Identity, target: Target, keyring: Keyring, now: datetime) -> Credentials:
    if identity.login is not Login.CERTIFICATE:
        raise CertificateError.of("it logs in by password, and passwords are not tried; its roles were read back")
    return keyring.of(identity.user, identity.certificates, target.credentials.ca, now)


async def _try_all(
    trials: tuple[Trial, ...], members: tuple[ReachedMember, ...], advance: Advance
) -> tuple[Asked, ...]:
    turns = [(trial, member) for trial in trials for member in members]
    over = 0

    async def run(turn: tuple[Trial, ReachedMember]) -> Asked:
        nonlocal over
        trial, member = turn
        async with Channel(member.endpoint, trial.credentials) as channel:
            prober = Prober(channel)
            outcomes = await prober.ask(trial.probes)
        over += 1
        advance(over, len(turns))
        return Asked(trial.identity, member.name, tuple(outcomes), prober.raft_entries)

    return tuple(await each(turns, run, _SESSIONS))


async def _switched_off(members: tuple[ReachedMember, ...], target: Target) -> tuple[Violation, ...]:
    """The members on which auth is off, each asked itself; after this each has caught up with the others."""

    async def ask(member: ReachedMember) -> bool:
        async with Client(member.endpoint, target.credentials) as client:
            await client.keys.settle()
            return await client.auth.enabled()

    answers = await asyncio.gather(*(ask(member) for member in members))
    return tuple(
        Violation("(anybody)", member.name, "any", "every key", "auth on", "auth off: everybody may do everything")
        for member, enabled in zip(members, answers, strict=True)
        if not enabled
    )
