"""What is to be done about a requested certificate: nothing, issue it, or issue it anew.

It looks at the files through the store and at the moment that it is given; it changes nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from itertools import repeat
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ringfence.errors import CertificateError, FileError, Problem
from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.model.issuance import Assessment, Condition, ListedCertificate
from ringfence.pki.chain import authority_problems, date_problems, load_chain
from ringfence.pki.describe import describe
from ringfence.pki.folder.store import AUTHORITY, Store, StoredPair
from ringfence.pki.issuing.pool import pool, workers
from ringfence.pki.pair import chain_problems, load_pair, pair_problems, request_problems
from ringfence.pki.pem import PemFile

_PARTS = 3
"""A certificate is due when less than one part in so many of its life is left."""

_POOL_PAYS, _PIECE = 3000, 500
"""From how many requests on it pays to start processes, and how many one gets at a time."""

_Piece = tuple[list[Assessment], list[Problem]]
_AGAIN = "issue it again: `ringfence certs issue`"


def assess_all(
    requests: Iterable[CertificateRequest],
    store: Store,
    trusted: Sequence[x509.Certificate],
    now: datetime,
    on_node: Container[str] = (),
) -> tuple[Assessment, ...]:
    """Every request held against the folder, in the order of the requests.

    Args:
        requests: with names that may be file names, see `Store.check_names`.
        trusted: the usable authorities; with none, nothing that is there can be good.
        now: the moment, with a time zone.
        on_node: the names whose keys are where they are used, so that none need be here.

    Raises:
        FileError: files that cannot be read, or keys that others may read: all of them.
    """
    asked = tuple(requests)
    if len(asked) < _POOL_PAYS:
        return _whole([_piece(asked, store, trusted, now, on_node)])
    pieces = [asked[start : start + _PIECE] for start in range(0, len(asked), _PIECE)]
    bundle = b"".join(each.public_bytes(Encoding.PEM) for each in trusted)
    with pool(workers(len(pieces))) as executor:
        there = ({each.name for each in piece if each.name in on_node} for piece in pieces)
        return _whole(executor.map(_piece_elsewhere, pieces, repeat(store), repeat(bundle), repeat(now), there))


def _piece_elsewhere(
    requests: Sequence[CertificateRequest], store: Store, bundle: bytes, now: datetime, on_node: Container[str]
) -> _Piece:
    """A piece of the work in another process; certificates do not go through pipes, PEM does."""
    trusted = x509.load_pem_x509_certificates(bundle) if bundle else ()
    return _piece(requests, store, trusted, now, on_node)


def _piece(
    requests: Iterable[CertificateRequest],
    store: Store,
    trusted: Sequence[x509.Certificate],
    now: datetime,
    on_node: Container[str],
) -> _Piece:
    found: list[Assessment] = []
    problems: list[Problem] = []
    for request in requests:
        try:
            files = store.read_pair(request.name)
        except FileError as error:
            problems += error.problems
            continue
        found.append(assess(request, files, store, trusted, now, key_on_node=request.name in on_node))
    return found, problems


def _whole(pieces: Iterable[_Piece]) -> tuple[Assessment, ...]:
    found: list[Assessment] = []
    problems: list[Problem] = []
    for assessed, refused in pieces:
        found += assessed
        problems += refused
    if problems:
        raise FileError(*problems)
    return tuple(found)


def assess(
    request: CertificateRequest,
    files: StoredPair,
    store: Store,
    trusted: Sequence[x509.Certificate],
    now: datetime,
    *,
    key_on_node: bool = False,
) -> Assessment:
    """One request held against the content of its two files; reads nothing."""
    path = store.certificate_path(request.name)
    if key_on_node and files.key is None and files.certificate is not None:
        return _assess_without_key(request, files.certificate, path, trusted, now)
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


def _assess_without_key(
    request: CertificateRequest, file: PemFile, path: Path, trusted: Sequence[x509.Certificate], now: datetime
) -> Assessment:
    """A certificate whose key is on the node: that the two fit was seen when it was accepted."""
    try:
        chain = load_chain(file)
    except CertificateError as error:
        return Assessment(
            request=request, path=path, condition=Condition.WRONG, reasons=error.problems, key_on_node=True
        )
    reasons = (*chain_problems(chain, file.place, trusted, now), *request_problems(chain[0], file.place, request))
    condition = Condition.WRONG if reasons else Condition.DUE if is_due(chain[0], now) else Condition.GOOD
    return Assessment(
        request=request,
        path=path,
        condition=condition,
        reasons=reasons,
        certificate=describe(chain[0]),
        key_on_node=True,
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
