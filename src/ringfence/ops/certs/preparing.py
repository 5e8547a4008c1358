"""``certs prepare``: OpenBao made ready for the spec: the engine, its CA, a role and a policy for each identity.

It needs a login that may do all that, and nothing else of ringfence does. A second run finds nothing to change.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.errors import CertificateError, FileError, InputError, Place
from ringfence.model.certificate import CertificateRequest
from ringfence.model.preparation import Preparation, PreparationStep
from ringfence.ops.certs.bao import server_of
from ringfence.ops.telling import Advance
from ringfence.spec.shape import OpenBaoPki, Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.certificates import requests, with_drawn

if TYPE_CHECKING:
    from ringfence.pki.openbao.access import Access
    from ringfence.pki.openbao.change import Change
    from ringfence.pki.openbao.client import Client
    from ringfence.pki.openbao.login import Login
    from ringfence.pki.openbao.own_ca import Choice
    from ringfence.pki.pair import Pair

_PROTECTED_BY = "RINGFENCE_CA_PASSPHRASE"
"""What the key of an authority from files is encrypted with, where it is."""


@dataclass(frozen=True, slots=True)
class CaChoice:
    """Where the CA of the engine comes from: at most one of these.

    Args:
        imported: a folder with ``ca.pem`` and ``ca-key.pem`` that the engine is to have.
        signed_with: a folder with those of a root that is to sign the engine's own.
        generated: whether the engine is to make a root.
    """

    imported: Path | None = None
    signed_with: Path | None = None
    generated: bool = False


async def prepare(
    spec: Spec,
    wanted: Wanted,
    login: Login,
    ca: CaChoice,
    now: datetime,
    *,
    carry_out: bool,
    progress: Advance | None = None,
) -> Preparation:
    """Look what is to be changed on the server of the spec, and change it where asked.

    Args:
        spec: with ``pki.authority: openbao``.
        wanted: whose certificates it is for.
        login: of somebody who may manage mounts, policies and the engine.
        ca: for an engine that has none yet.
        now: the moment, with a time zone.
        carry_out: whether to change anything.
        progress: told after each role and policy that is written.

    Raises:
        InputError: the spec names another authority, or the choice is none.
        CertificateError: an identity that no role can pin; no answer or a refusal; another CA than chosen is there.
        FileError: the files of the authority cannot be read.
    """
    from ringfence.pki.openbao.client import Client
    from ringfence.pki.openbao.names import unpinnable
    from ringfence.pki.openbao.policies import issuing_policy
    from ringfence.pki.profiles import check_requests

    openbao = spec.pki.openbao
    if openbao is None:
        hint = "write authority: openbao, or leave this out: no other authority needs it"
        raise InputError.of("the authority is not OpenBao", place=spec.pki.place, hint=hint)
    asked = requests(spec, wanted)
    check_requests(asked)
    problems = [problem for _, problem in unpinnable(with_drawn(spec, wanted))]
    if problems:
        raise CertificateError(*problems)
    choice = _choice(ca, now)
    async with Client(server_of(openbao), login) as client:
        found = await _look(client, openbao, spec, asked, choice, now)
        steps = (*found.first, *found.access.changes)
        if carry_out:
            if found.method:
                # Roles and policies call the method by a name that it has only when it is there.
                for change in found.method:
                    await change.carry_out()
                found = await _look(client, openbao, spec, asked, choice, now)
            await _carry_out(found, progress)
    return Preparation(
        steps=tuple(PreparationStep(change.what, change.command) for change in steps),
        done=carry_out,
        unneeded=found.access.unneeded,
        issuing_policy=issuing_policy(openbao.mount).name,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What is to be done one after the other, and what in any order after that; ``method`` is the beginning."""

    method: tuple[Change, ...]
    first: tuple[Change, ...]
    access: Access


async def _look(
    client: Client,
    openbao: OpenBaoPki,
    spec: Spec,
    asked: Sequence[CertificateRequest],
    choice: Choice | None,
    now: datetime,
) -> _Found:
    from ringfence.ops.certs.pods import look_at_drawing
    from ringfence.pki.openbao.access import access_changes
    from ringfence.pki.openbao.engine import Engine
    from ringfence.pki.openbao.mount import is_mounted, mount_changes
    from ringfence.pki.openbao.own_ca import own_ca_changes
    from ringfence.pki.openbao.policies import issuing_policy, policy_for
    from ringfence.pki.openbao.roles import role_for

    pki, engine = spec.pki, Engine(client, openbao.mount)
    drawing = await look_at_drawing(client, spec, openbao.mount)
    mounted = await is_mounted(client, openbao.mount)
    chain = await engine.chain(now) if mounted else None
    longest = max(pki.validity.member, pki.validity.client) if chain is not None else pki.validity.ca
    own = (role_for(request, pki.key, pki.validity) for request in asked)
    roles = {role.name: role for role in (*own, *drawing.roles)}
    pinned = (policy_for(openbao.mount, request) for request in asked)
    policies = {policy.name: policy for policy in (*pinned, *drawing.policies)}
    access = await access_changes(
        engine, (*roles.values(),), (issuing_policy(openbao.mount), *policies.values()), mounted=mounted
    )
    return _Found(
        method=drawing.method,
        first=(
            *drawing.method,
            *await mount_changes(client, openbao.mount, longest),
            *own_ca_changes(engine, chain, choice, pki.key, pki.validity.ca, now),
        ),
        access=replace(access, changes=(*access.changes, *drawing.logins)),
    )


async def _carry_out(found: _Found, progress: Advance | None) -> None:
    from ringfence.pki.openbao.access import carry_out

    for change in found.first:
        await change.carry_out()
    await carry_out(found.access.changes, progress)


def _choice(ca: CaChoice, now: datetime) -> Choice | None:
    from ringfence.pki.openbao.own_ca import GenerateRoot, ImportCa, SignWith, check_choice

    made: list[Choice] = []
    if ca.imported is not None:
        made.append(ImportCa(_pair(ca.imported)))
    if ca.signed_with is not None:
        made.append(SignWith(_pair(ca.signed_with)))
    if ca.generated:
        made.append(GenerateRoot())
    if len(made) > 1:
        raise InputError.of("the engine has one CA", hint="choose one of --import-ca, --sign-with, --generate-root")
    for choice in made:
        check_choice(choice, now)
    return made[0] if made else None


def _pair(folder: Path) -> Pair:
    from ringfence.pki.chain import load_chain
    from ringfence.pki.folder.store import AUTHORITY, Store
    from ringfence.pki.keys import load_key
    from ringfence.pki.pair import Pair
    from ringfence.pki.passphrase_source import PassphraseSource

    files = Store(folder).read_pair(AUTHORITY)
    if files.certificate is None or files.key is None:
        hint = f"name the folder that holds {AUTHORITY}.pem and {AUTHORITY}-key.pem"
        raise FileError.of("there is no authority with its key in it", place=Place(str(folder)), hint=hint)
    protected = _PROTECTED_BY in os.environ
    passphrase = PassphraseSource(variable=_PROTECTED_BY).read(os.environ) if protected else None
    return Pair(
        chain=load_chain(files.certificate),
        certificate_place=files.certificate.place,
        key=load_key(files.key, passphrase),
        key_place=files.key.place,
    )
