"""A folder of certificates on a real disk, and short ways to fill it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ringfence.model.certificate import CertificateRequest, KeyType, Validity
from ringfence.model.issuance import Issuance
from ringfence.ops.certs.issuing import is_not_good, issue_certificates
from ringfence.ops.telling import Advance
from ringfence.pki.folder.store import Store
from ringfence.pki.issuing.existing import ExistingFiles
from ringfence.pki.issuing.sources import FileSource
from ringfence.pki.passphrase_source import PassphraseSource
from tests.unit.pki.making import LEAVES, NOW

VALIDITY = Validity(ca=timedelta(days=3650), member=timedelta(days=365), client=timedelta(days=90))

Issue = Callable[..., Issuance]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store whose folder does not exist yet."""
    return Store(tmp_path / "pki")


@pytest.fixture
def issue(store: Store) -> Issue:
    """``certs issue`` with everything usual, but for what is given; ``renew`` names good ones to issue as well."""

    def run(
        requests: Sequence[CertificateRequest] = LEAVES,
        now: datetime = NOW,
        key_type: KeyType = KeyType.ECDSA_P256,
        renew: Collection[str] = (),
        existing: ExistingFiles | None = None,
        passphrase: PassphraseSource | None = None,
        progress: Advance | None = None,
    ) -> Issuance:
        return asyncio.run(
            issue_certificates(
                requests,
                store,
                FileSource(key_type=key_type, lifetime=VALIDITY.ca, existing=existing, passphrase=passphrase),
                validity=VALIDITY,
                now=now,
                choose=(lambda found: is_not_good(found) or found.request.name in renew) if renew else is_not_good,
                progress=progress,
            )
        )

    return run
