"""Credentials with which to log in to etcd, checked before anybody dials.

etcd and a TLS library answer a wrong certificate with a bare alert at best; here every reason has its own words.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from ringfence.errors import CertificateError, Place, Problem
from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.model.credentials import Credentials
from ringfence.model.names import ROOT_USER, UserName
from ringfence.pki.folder.store import AUTHORITY, Store, read_file
from ringfence.pki.issuing.authority import Authority
from ringfence.pki.pair import load_pair, load_trusted, login_problems, pair_problems, request_problems
from ringfence.pki.pem import PemFile

_ISSUE = "issue it: `ringfence certs issue`"

SHORT_LIFE = timedelta(minutes=10)
"""The life of a certificate that is made for a proof and never written down."""


def stored_credentials(store: Store, name: str, user: UserName, now: datetime) -> Credentials:
    """The credentials of an identity from the store.

    Args:
        store: the folder with the identity's pair and the authority's certificate.
        name: the file name without ``.pem``.
        user: the etcd user that the certificate must name.
        now: the moment at which it must be valid, with a time zone.

    Raises:
        FileError: a file cannot be read, or others may read the key.
        CertificateError: missing, unreadable or wrong, with every reason.
    """
    bundle = store.read_certificate(AUTHORITY)
    files = store.read_pair(name)
    missing = [
        Problem(f"there is no {what}", Place(str(path)), _ISSUE)
        for what, path, found in (
            ("certificate of the authority", store.certificate_path(AUTHORITY), bundle),
            (f"certificate for {user}", store.certificate_path(name), files.certificate),
            (f"key for {user}", store.key_path(name), files.key),
        )
        if found is None
    ]
    if bundle is None or files.certificate is None or files.key is None:
        raise CertificateError(*missing)
    kind = CertificateKind.ROOT if user == ROOT_USER else CertificateKind.CLIENT
    request = CertificateRequest(name=name, kind=kind, common_name=user)
    return _checked(bundle, files.certificate, files.key, request, now)


def named_credentials(ca: Path, certificate: Path | None, key: Path | None, now: datetime) -> Credentials:
    """The credentials from files that the operator named, as etcdctl takes them; whom they name is not known before.

    Args:
        ca: the PEM bundle to trust (``--cacert``).
        certificate, key: both or neither (``--cert``, ``--key``).
        now: the moment at which they must be valid, with a time zone.

    Raises:
        FileError: a file is missing or cannot be read, or others may read the key.
        CertificateError: unreadable or wrong, with every reason.
    """
    bundle = read_file(ca, private=False)
    if certificate is None and key is None:
        load_trusted(bundle, now, to_dial=True)
        return Credentials(bundle.content)
    if certificate is None or key is None:
        raise CertificateError.of(
            "a certificate and its key go together", hint="name both --cert and --key, or neither"
        )
    return _checked(bundle, read_file(certificate, private=False), read_file(key, private=True), None, now)


def fleeting_credentials(authority: Authority, user: UserName, now: datetime) -> Credentials:
    """A ten-minute certificate for any user, made in memory for a proof.

    Raises:
        CertificateError: the name is too long, or the authority cannot sign.
    """
    kind = CertificateKind.ROOT if user == ROOT_USER else CertificateKind.CLIENT
    request = CertificateRequest(name=f"proof for {user}", kind=kind, common_name=user)
    issued = authority.issue(request, SHORT_LIFE, now)
    return Credentials(authority.ca_certificate, issued.certificate_pem, issued.key_pem)


def _checked(
    bundle: PemFile, certificate: PemFile, key: PemFile, request: CertificateRequest | None, now: datetime
) -> Credentials:
    problems: list[Problem] = []
    trusted, pair = None, None
    try:
        trusted = load_trusted(bundle, now, to_dial=True)
    except CertificateError as error:
        problems += error.problems
    try:
        pair = load_pair(certificate, key)
    except CertificateError as error:
        problems += error.problems
    if pair is not None:
        if trusted is not None:
            problems += pair_problems(pair, trusted, now)
        if request is not None:
            problems += request_problems(pair.certificate, pair.certificate_place, request)
        else:
            problems += login_problems(pair.certificate, pair.certificate_place)
    if problems:
        raise CertificateError(*problems)
    return Credentials(bundle.content, certificate.content, key.content)
