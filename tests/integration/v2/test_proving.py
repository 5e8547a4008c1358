"""The proof of v2 alone, on each line of etcd that has it, by an authority with a Common Name: strangers are guests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ringfence.etcd.v2.client import ClientV2
from ringfence.model.certificate import CertificateRequest
from ringfence.model.names import ROOT_ROLE, UserName
from ringfence.model.v2 import GUEST_ROLE, Pattern
from ringfence.ops.load import understand
from ringfence.ops.proving.keyring import Keyring
from ringfence.ops.reach.members import reach_members
from ringfence.ops.reach.target import Target
from ringfence.ops.v2.proving import prove_v2
from ringfence.pki.folder.store import Store
from ringfence.pki.pem import Issued
from ringfence.proof.v2.verification import ProofV2
from ringfence.wanted.v2.wanted import WantedV2
from tests.integration.stage import Stage
from tests.integration.v2.conftest import clear

_SPEC = """\
version: 1
cluster: {endpoints: [https://a.example:2379], api: [v2]}
components:
  - {name: kubernetes, patterns: [{pattern: /registry, access: readwrite}, {pattern: /registry/*, access: readwrite}]}
  - {use: calico, calico: "2.6", """
_SINGLE = _SPEC + "segmentation: single}\n"
_COMPONENTS = _SPEC + "segmentation: component, calicoctl: [read-only, policy-editor, full]}\n"
_STRANGER = "(unknown name)"


@dataclass(frozen=True, slots=True)
class _Office:
    """The authority of a stage as verify knows authorities."""

    stage: Stage

    @property
    def ca_certificate(self) -> bytes:
        """Its own certificate, which has a Common Name."""
        return self.stage.authority.ca

    def issue(self, request: CertificateRequest, lifetime: timedelta, now: datetime) -> Issued:
        """One for a client, for a day from now on."""
        assert lifetime < timedelta(days=1)
        assert now <= datetime.now(UTC)
        pair = self.stage.authority.issue(str(request.common_name))
        return Issued(certificate_pem=pair.certificate, key_pem=pair.key)


def _wanted(spec: str) -> WantedV2:
    _, wanted = understand(spec, "ringfence.yaml", Path("/"), date(2026, 1, 1))
    assert wanted.v2 is not None
    return wanted.v2


def _proved(stage: Stage, folder: Path, wanted: WantedV2) -> ProofV2:
    target = Target((stage.members[0].client,), stage.as_user("root"))
    keyring = Keyring(Store(folder / "pki"), _Office(stage))

    async def prove() -> ProofV2:
        members = await reach_members(target)
        return await prove_v2(wanted, target, keyring, members, now=datetime.now(UTC))

    return asyncio.run(prove())


async def _fence(stage: Stage, wanted: WantedV2) -> None:
    async with ClientV2(stage.members[0].client, stage.as_user("root")) as client:
        await client.auth.add_user(UserName("root"), "a password")
        for role in wanted.state.roles.values():
            if role.name != ROOT_ROLE:
                await client.auth.add_role(role)
        for identity in wanted.identities:
            user = wanted.state.users[identity.user]
            await client.auth.add_user(user.name, "a password", user.roles)
        await client.auth.enable()


def test_a_stranger_is_a_guest(stage_v2: Stage, tmp_path: Path) -> None:
    """Closed, the guest is denied everywhere; open, each member lets the stranger in, and every such path is named."""
    wanted = _wanted(_SINGLE)
    asyncio.run(_fence(stage_v2, wanted))

    async def open_guest() -> None:
        async with ClientV2(stage_v2.members[0].client, stage_v2.as_user("root")) as client:
            await client.auth.grant(GUEST_ROLE, read=[Pattern("/calico/*")])

    try:
        closed = _proved(stage_v2, tmp_path, wanted)
        assert (True, ()) == (closed.holds, closed.unproven)
        assert 2 + 3 == len(closed.identities)
        assert closed.index.before == closed.index.after
        asyncio.run(open_guest())
        found = _proved(stage_v2, tmp_path, wanted)
        by_stranger = {(each.member, each.operation) for each in found.violations if each.identity == _STRANGER}
        # to the guest etcd's rules take a recursive request for a plain one
        assert {(each.name, kind) for each in stage_v2.members for kind in ("read", "read the tree")} == by_stranger
        assert {("(guest)", "/calico/*")} == {
            (each.identity, each.key) for each in found.violations if each.identity != _STRANGER
        }
        assert all(each.key.startswith("/calico/") for each in found.violations)
    finally:
        asyncio.run(clear(stage_v2))


@pytest.mark.long
def test_each_component_of_calico(stage_v2: Stage, tmp_path: Path) -> None:
    """Node, CNI, controllers and three calicoctls: each may do what its patterns say, and nothing else."""
    wanted = _wanted(_COMPONENTS)
    asyncio.run(_fence(stage_v2, wanted))
    try:
        found = _proved(stage_v2, tmp_path, wanted)
        assert (True, (), 7 + 3) == (found.holds, found.violations, len(found.identities))
    finally:
        asyncio.run(clear(stage_v2))
