"""``auth status``: every member is asked itself what it has, and the condition that follows from it is named.

Nothing is changed. Where root's certificate cannot be used, any other one of the spec shows at least whether auth is
on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ringfence.errors import AccessDenied, CertificateError, ClusterError, FileError, NotThere, Problem
from ringfence.etcd.client import Client
from ringfence.etcd.metrics import MemberMetrics
from ringfence.model.auth_status import AuthStatus, MemberAuth
from ringfence.model.credentials import Credentials
from ringfence.model.names import ROOT_ROLE, ROOT_USER, is_spare
from ringfence.ops.execution.last_seen import last_seen
from ringfence.ops.live import Connection, prepare
from ringfence.ops.load import load
from ringfence.ops.reach.connections import metrics_of
from ringfence.ops.reach.fitness import alarm_problems
from ringfence.ops.reach.members import ReachedMember, find_members
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.switch.guard_folder import GuardFolder
from ringfence.pki.folder.store import Store
from ringfence.pki.login import stored_credentials
from ringfence.proof.diagnosis import diagnose, unconfirmed
from ringfence.proof.v2.diagnosis import about_members, both, diagnose_v2
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted


async def auth_status(path: Path, connection: Connection, now: datetime) -> AuthStatus:
    """How auth stands, member by member.

    Args:
        path: the spec.
        connection: what the operator says about reaching etcd.
        now: the time at which certificates must be valid, with a time zone.

    Raises:
        SpecError, FileError: the spec cannot be used.
        ClusterError: no member answers.
    """
    spec, wanted = load(path, now.date())
    problems: tuple[Problem, ...] = ()
    target: Target | None
    try:
        target = prepare(path, connection, now).target
    except (CertificateError, FileError) as error:
        if connection.certificate is not None:
            raise
        problems = error.problems
        target = _other_target(spec, wanted, connection, now)
    members = () if target is None else await _ask_all(spec, target, is_root=not problems)
    findings = diagnose(members, last_seen(path), problems, () if target is None else await _alarms(target))
    members_v2 = None
    if spec.cluster.has_v2:
        from ringfence.ops.v2.status import ask_all_v2

        members_v2 = () if target is None else await ask_all_v2(spec, target, is_root=not problems)
        told = {member.name for member in members if member.problem is not None}
        findings = both(findings if spec.cluster.has_v3 else about_members(findings), diagnose_v2(members_v2, told))
    record, lives = GuardFolder.beside(spec.file).standing()
    on_v3, on_v2 = (any(each.enabled for each in members), any(each.enabled for each in members_v2 or ()))
    on = [store for store, is_on in (("v3", on_v3), ("v2", on_v2)) if is_on]
    return AuthStatus(
        members=members,
        findings=both(unconfirmed(record, lives=lives, on=on), findings),
        guard=record,
        guard_lives=lives,
        members_v2=members_v2,
    )


def _other_target(spec: Spec, wanted: Wanted, connection: Connection, now: datetime) -> Target | None:
    """The cluster as the first identity of the spec whose certificate can be used."""
    store = Store(spec.pki.directory)
    logins = [(identity.certificates[0].name, identity.user) for identity in wanted.identities]
    if wanted.v2 is not None:
        logins += [(identity.certificates[0].name, identity.user) for identity in wanted.v2.identities]
    for file, user in logins:
        try:
            credentials = stored_credentials(store, file, user, now)
        except (CertificateError, FileError):
            continue
        return Target(connection.endpoints or spec.cluster.endpoints, credentials)
    return None


async def _alarms(target: Target) -> Sequence[Problem]:
    """What etcd has raised; nothing where it cannot be asked, which the members' own lines say."""
    try:
        async with connected(target) as client:
            return alarm_problems(await client.cluster.alarms())
    except ClusterError:
        return ()


async def _ask_all(spec: Spec, target: Target, *, is_root: bool) -> tuple[MemberAuth, ...]:
    names = {member.client: member.name for member in spec.cluster.members}
    try:
        found, missing = await find_members(target)
    except ClusterError:  # no quorum, or a store that does not know root: then each is asked what it still tells
        asked = (_ask(names.get(url, url), url, target.credentials, is_root=is_root) for url in target.endpoints)
        return tuple(await asyncio.gather(*asked))
    metrics = await metrics_of(spec, found, target.credentials)
    answers = await asyncio.gather(*(_ask_member(each, target, metrics, is_root=is_root) for each in found))
    silent = (MemberAuth(name=each.name, problem=each.problem) for each in missing)
    return tuple(sorted((*answers, *silent), key=lambda member: member.name))


async def _ask_member(
    member: ReachedMember, target: Target, metrics: Mapping[str, MemberMetrics], *, is_root: bool
) -> MemberAuth:
    told = await _ask(member.name, member.endpoint, target.credentials, is_root=is_root)
    measured = metrics.get(member.name)
    return replace(
        told,
        version=member.status.version,
        cluster_id=member.status.cluster_id,
        watchers=None if measured is None else measured.watchers,
        watch_streams=None if measured is None else measured.watch_streams,
    )


async def _ask(name: str, endpoint: str, credentials: Credentials, *, is_root: bool) -> MemberAuth:
    """What this member has itself: its own auth store answers, after it has caught up with the others."""
    async with Client(endpoint, credentials) as client:
        try:
            with suppress(AccessDenied):  # of an identity that may not read there, or of a store that lost its users
                await client.keys.settle()
            enabled = await client.auth.enabled()
        except ClusterError as error:
            return MemberAuth(name=name, problem=error.problems[0])
        if not is_root:
            return MemberAuth(name=name, enabled=enabled)
        try:
            users, roles = await client.auth.users(), await client.auth.roles()
            revision = await client.auth.revision()
        except (AccessDenied, NotThere):
            return MemberAuth(name=name, enabled=enabled, knows_root=False)
        except ClusterError as error:
            return MemberAuth(name=name, enabled=enabled, problem=error.problems[0])
        has_root = ROOT_USER in users
        holds = has_root and ROOT_ROLE in (await client.auth.user(ROOT_USER)).roles
    return MemberAuth(
        name=name,
        enabled=enabled,
        revision=revision,
        users=len(users),
        roles=len(roles),
        root_user=has_root,
        root_role=holds,
        knows_root=True,
        spare_keys=tuple(sorted(filter(is_spare, users))),
    )
