"""A folder of certificates on a real disk, and short ways to fill it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ringfence.model.certificate import CertificateRequest, KeyType, Validity
from ringfence.model.issuance import Issuance
from ringfence.ops.certs.issuing import issue_certificates
from ringfence.pki.store import Store
from tests.unit.pki.making import LEAVES, NOW

VALIDITY = Validity(ca=timedelta(days=3650), member=timedelta(days=365), client=timedelta(days=90))

Issue = Callable[..., Issuance]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store whose folder does not exist yet."""
    return Store(tmp_path / "pki")


@pytest.fixture
def issue(store: Store) -> Issue:
    """``certs issue`` with everything usual, but for what is given."""

    def run(
        requests: Sequence[CertificateRequest] = LEAVES,
        now: datetime = NOW,
        key_type: KeyType = KeyType.ECDSA_P256,
        **others: object,
    ) -> Issuance:
        return asyncio.run(
            issue_certificates(requests, store, key_type=key_type, validity=VALIDITY, now=now, **others)  # type: ignore[arg-type]  # renew, progress
        )

    return run
