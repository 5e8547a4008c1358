"""``certs renew``: new certificates, with new keys, for those that are named, or that have little of their life left.

A pair is exchanged as a whole (`ringfence.pki.folder.swap`). What is missing or was never right is left to
``certs issue``, unless it is named. The authority itself is not renewed here: that is a change of what everybody
trusts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ringfence.errors import CertificateError, Place, Problem
from ringfence.model.certificate import CertificateRequest, Validity
from ringfence.model.issuance import Assessment, Issuance
from ringfence.ops.certs.due import Due
from ringfence.ops.certs.issuing import issue_certificates
from ringfence.ops.telling import Advance

if TYPE_CHECKING:
    from ringfence.pki.folder.store import Store
    from ringfence.pki.issuing.issuer import IssuerSource


async def renew_certificates(
    requests: Sequence[CertificateRequest],
    store: Store,
    source: IssuerSource,
    *,
    validity: Validity,
    now: datetime,
    names: Collection[str] = (),
    due: Due | None = None,
    progress: Advance | None = None,
) -> Issuance:
    """Renew what is named or, where nothing is, what is due.

    Args:
        requests: all certificates that should exist, each with its own name.
        store: the folder.
        source: where the authority comes from; asked only when there is something to renew.
        validity: the life of new certificates.
        now: the moment, with a time zone.
        names: what to renew, however much of its life is left.
        due: what is due, where nothing is named; a third of its life.
        progress: told after each batch that is safely on disk.

    Raises:
        CertificateError: a name that the spec does not ask for; there is no authority, or it cannot sign.
        FileError: the folder or a file in it cannot be used, or somebody else is writing there.
    """
    from ringfence.pki.folder.store import AUTHORITY

    check_known(requests, names)
    if store.read_certificate(AUTHORITY) is None:
        place = Place(str(store.certificate_path(AUTHORITY)))
        hint = "begin with `ringfence certs issue`"
        raise CertificateError.of("there is no authority, so there is nothing to renew", place=place, hint=hint)
    rule = due or Due()

    def choose(found: Assessment) -> bool:
        return found.request.name in names if names else rule.holds(found.certificate, now)

    return await issue_certificates(
        requests, store, source, validity=validity, now=now, choose=choose, progress=progress
    )


def check_known(requests: Sequence[CertificateRequest], names: Collection[str]) -> None:
    """Refuse names that nobody asked for, and the authority's.

    Raises:
        CertificateError: with each of them.
    """
    known = {request.name for request in requests}
    problems = [_unknown(name) for name in names if name not in known]
    if problems:
        raise CertificateError(*problems)


def _unknown(name: str) -> Problem:
    from ringfence.pki.folder.store import AUTHORITY

    if name == AUTHORITY:
        hint = "docs/runbook.md, chapter 2, is the way to a new one: members and clients come to trust it first"
        return Problem("the authority is not renewed here", hint=hint)
    return Problem(f"no certificate is called {name!r}", hint="`ringfence certs list` shows what there is")
