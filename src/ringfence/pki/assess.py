"""What is to be done about a requested certificate: nothing, issue it, or issue it anew.

It looks at the files through the store and at the moment that it is given; it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509

from ringfence.errors import CertificateError, FileError, Problem
from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.model.issuance import Assessment, Condition, ListedCertificate
from ringfence.pki.chain import authority_problems, date_problems, load_chain
from ringfence.pki.describe import describe
from ringfence.pki.pair import load_pair, pair_problems, request_problems
from ringfence.pki.store import AUTHORITY, Store, StoredPair

_PARTS = 3
"""A certificate is due when less than one part in so many of its life is left."""

_AGAIN = "issue it again: `ringfence certs issue`"


def assess_all(
    requests: Iterable[CertificateRequest], store: Store, trusted: Sequence[x509.Certificate], now: datetime
) -> tuple[Assessment, ...]:
    """Every request held against the folder, in the order of the requests.

    Args:
        requests: with names that may be file names, see `Store.check_names`.
        trusted: the usable authorities; with none, nothing that is there can be good.
        now: the moment, with a time zone.

    Raises:
        FileError: files that cannot be read, or keys that others may read: all of them.
    """
    found: list[Assessment] = []
    problems: list[Problem] = []
    for request in requests:
        try:
            files = store.read_pair(request.name)
        except FileError as error:
            problems += error.problems
            continue
        found.append(assess(request, files, store, trusted, now))
    if problems:
        raise FileError(*problems)
    return tuple(found)


def assess(
    request: CertificateRequest,
    files: StoredPair,
    store: Store,
    trusted: Sequence[x509.Certificate],
    now: datetime,
) -> Assessment:
    """One request held against the content of its two files; reads nothing."""
    path = store.certificate_path(request.name)
    if files.certificate is None and files.key is None:
        return Assessment(request=request, path=path, condition=Condition.MISSING)
    if files.certificate is None or files.key is None:
        lost, kept = ("certificate", files.key) if files.certificate is None else ("key", files.certificate)
        assert kept is not None
        reasons: tuple[Problem, ...] = (Problem(f"its {lost} is missing", kept.place, _AGAIN),)
        return Assessment(request=request, path=path, condition=Condition.WRONG, reasons=reasons)
    try:
        pair = load_pair(files.certificate, files.key)
    except CertificateError as error:
        return Assessment(request=request, path=path, condition=Condition.WRONG, reasons=error.problems)
    reasons = (
        *pair_problems(pair, trusted, now),
        *request_problems(pair.certificate, pair.certificate_place, request),
    )
    condition = Condition.WRONG if reasons else Condition.DUE if is_due(pair.certificate, now) else Condition.GOOD
    return Assessment(
        request=request, path=path, condition=condition, reasons=reasons, certificate=describe(pair.certificate)
    )


def assess_unasked(name: str, store: Store, now: datetime) -> ListedCertificate:
    """A certificate of the folder that no request names: the authority, or somebody else's.

    Raises:
        FileError: it cannot be read.
    """
    path = store.certificate_path(name)
    kind = CertificateKind.CA if name == AUTHORITY else None
    file = store.read_certificate(name)
    if file is None:
        return ListedCertificate(name=name, path=path, kind=kind, request=None, condition=Condition.MISSING)
    try:
        certificate = load_chain(file)[0]
    except CertificateError as error:
        return ListedCertificate(
            name=name, path=path, kind=kind, request=None, condition=Condition.WRONG, reasons=error.problems
        )
    described = describe(certificate)
    check = authority_problems if kind is CertificateKind.CA else date_problems
    reasons = tuple(check(certificate, now, file.place))
    return ListedCertificate(
        name=name,
        path=path,
        kind=kind or described.kind,
        request=None,
        condition=Condition.WRONG if reasons else Condition.DUE if is_due(certificate, now) else Condition.GOOD,
        reasons=reasons,
        certificate=described,
    )


def is_due(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether less than a third of its life is left."""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return (end - now) * _PARTS < end - start
