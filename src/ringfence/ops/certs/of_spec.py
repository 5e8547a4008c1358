"""What the spec says about its certificates, as the arguments of the other modules here."""

from __future__ import annotations

from datetime import datetime

from ringfence.model.issuance import Issuance, ListedCertificate
from ringfence.ops.certs.issuing import Progress, issue_certificates
from ringfence.ops.certs.listing import list_certificates
from ringfence.pki.store import Store
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.certificates import requests


async def issue(spec: Spec, wanted: Wanted, now: datetime, progress: Progress | None = None) -> Issuance:
    """Issue what the spec asks for; see ``issue_certificates``."""
    return await issue_certificates(
        requests(spec, wanted),
        Store(spec.pki.directory),
        key_type=spec.pki.key,
        validity=spec.pki.validity,
        now=now,
        progress=progress,
    )


async def listing(spec: Spec, wanted: Wanted, now: datetime) -> tuple[ListedCertificate, ...]:
    """List what the spec asks for and what lies beside it; see ``list_certificates``."""
    return await list_certificates(requests(spec, wanted), Store(spec.pki.directory), now)
