"""The authority as it lies in the store: finding it, making the first one, and never a second one by mistake.

A second authority made in silence is an outage: members and clients would trust different ones. So a lost one is an
error for as long as there is a certificate that it may have signed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from ringfence.errors import CertificateError, Place
from ringfence.model.certificate import KeyType
from ringfence.pki.authority import FileAuthority
from ringfence.pki.many import Signer
from ringfence.pki.pair import load_trusted
from ringfence.pki.store import AUTHORITY, NewPair, Store

_BACKUP = "bring it back from a backup; or, to start anew, move all files of the folder away"


def stored_trust(store: Store, now: datetime) -> tuple[x509.Certificate, ...]:
    """The authorities that the store says to trust; none where there is no ``ca.pem`` yet.

    Raises:
        FileError: ``ca.pem`` cannot be read.
        CertificateError: it is broken, no authority, or expired.
    """
    bundle = store.read_certificate(AUTHORITY)
    return () if bundle is None else load_trusted(bundle, now)


def stored_signer(store: Store, key_type: KeyType) -> Signer | None:
    """What the store has to sign with, or None where there is no authority yet. To be called with the lock held.

    Args:
        store: the folder.
        key_type: the algorithm of the keys to make.

    Raises:
        FileError: the files cannot be read, or others may read the key.
        CertificateError: one of the two files is missing, or both are and certificates are still there.
    """
    files = store.read_pair(AUTHORITY)
    if files.certificate is not None and files.key is not None:
        return Signer(files.certificate, files.key, key_type)
    if files.certificate is not None:
        place = Place(str(store.key_path(AUTHORITY)))
        raise CertificateError.of("the authority's key is missing, so nothing can be issued", place=place, hint=_BACKUP)
    orphans = store.names()
    if orphans:
        place = Place(str(store.certificate_path(AUTHORITY)))
        what = f"the authority is missing, and certificates that it may have signed are there: {_some(orphans)}"
        raise CertificateError.of(what, place=place, hint=_BACKUP)
    return None


def stored_authority(store: Store, key_type: KeyType, now: datetime) -> FileAuthority:
    """The store's authority, ready to sign; for the proof, which signs in memory.

    Raises:
        FileError: as `stored_signer`.
        CertificateError: as `stored_signer`, or there is none, or it cannot sign now.
    """
    signer = stored_signer(store, key_type)
    if signer is None:
        place = Place(str(store.certificate_path(AUTHORITY)))
        raise CertificateError.of("there is no authority", place=place, hint="make one: `ringfence certs issue`")
    return FileAuthority.load(signer.certificate, signer.key, key_type, now)


def create_signer(store: Store, key_type: KeyType, lifetime: timedelta, now: datetime, replaced: Path) -> Signer:
    """Make the store's first authority and write it. To be called with the lock held, after `stored_signer`.

    Args:
        store: a folder without certificates.
        key_type: the algorithm of all keys.
        lifetime: of the authority, from ``now`` on.
        now: the moment, with a time zone.
        replaced: where to move a key without certificate, which a crash here may have left.

    Raises:
        FileError: the folder cannot be written.
    """
    _, issued = FileAuthority.create(key_type, lifetime, now)
    store.write([NewPair(AUTHORITY, issued, replaced)])
    signer = stored_signer(store, key_type)
    assert signer is not None
    return signer


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
