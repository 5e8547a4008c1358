"""Whom TLS turns away from v2 is told so, also by TLS 1.3, which refuses a certificate when a request is on its way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.prober import ProberV2
from ringfence.local.binary import Binary, built, find
from ringfence.model.credentials import Credentials
from ringfence.model.probe import Verdict
from ringfence.model.probe_v2 import OutcomeV2
from ringfence.ops.proving.impostors import ANONYMOUS, FOREIGN, strangers
from ringfence.proof.v2.probes import refused_at_the_door_v2
from tests.integration.stage import Authority, prepare

_SERVERS = [find("etcd", {}), *(one for one in built() if (3, 4) <= one.version.line <= (3, 5))]
_TRIES = 5


@pytest.mark.parametrize("etcd", _SERVERS, ids=lambda etcd: str(etcd.version))
@pytest.mark.parametrize("who", [ANONYMOUS, FOREIGN])
def test_a_refusal_by_tls_is_no_cut_connection(tmp_path: Path, etcd: Binary, who: str) -> None:
    """Each time: the server's close overtakes its alert only where it was told something."""
    authority = Authority()
    stage = prepare(tmp_path, etcd.path, authority, size=1, v2=True)
    shown = strangers(authority.ca, None, datetime.now(UTC))[who]
    with stage.cluster:
        outcomes = asyncio.run(_ask(stage.members[0].client, shown))
    assert [Verdict.REFUSED_TLS] * _TRIES == [outcome.verdict for outcome in outcomes]


async def _ask(endpoint: str, shown: Credentials) -> list[OutcomeV2]:
    found: list[OutcomeV2] = []
    for _ in range(_TRIES):
        async with ClientV2(endpoint, shown) as client:
            found += await ProberV2(client).ask(refused_at_the_door_v2())
    return found
