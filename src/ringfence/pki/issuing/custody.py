"""The authority as it lies in the store: finding it, making the first one, and never a second one by mistake.

A second authority made in silence is an outage: members and clients would trust different ones. So a lost one is an
error for as long as there is a certificate that it may have signed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from ringfence.errors import CertificateError, Place
from ringfence.model.certificate import KeyType
from ringfence.pki.chain import leads_to, load_chain
from ringfence.pki.folder.store import AUTHORITY, NewPair, Store
from ringfence.pki.issuing.authority import FileAuthority
from ringfence.pki.pair import load_trusted
from ringfence.pki.passphrase import Passphrase
from ringfence.pki.pem import PemFile

_OTHER = (
    "what runs may trust it: correct `pki.authority`; or, to change over, first put the certificates of both into "
    "this file and into what runs"
)
_BACKUP = "bring it back from a backup; or, to start anew, move all files of the folder away"


def stored_trust(store: Store, now: datetime) -> tuple[x509.Certificate, ...]:
    """The authorities that the store says to trust; none where there is no ``ca.pem`` yet.

    Raises:
        FileError: ``ca.pem`` cannot be read.
        CertificateError: it is broken, no authority, or expired.
    """
    bundle = store.read_certificate(AUTHORITY)
    return () if bundle is None else load_trusted(bundle, now)


def find_authority(
    store: Store,
    key_type: KeyType,
    now: datetime,
    passphrase: Passphrase | None = None,
    hosts: Collection[str] = (),
) -> FileAuthority | None:
    """The store's authority, ready to sign, or None where there is none yet.

    Args:
        store: the folder.
        key_type: the algorithm of the keys to make.
        now: the moment at which it must be valid, with a time zone.
        passphrase: what its key is encrypted with; None for one that is not.
        hosts: DNS names and addresses that it is to sign now.

    Raises:
        FileError: the files cannot be read, or others may read the key.
        CertificateError: it cannot sign; or one of the two files is missing, or both are and certificates are there.
    """
    files = store.read_pair(AUTHORITY)
    if files.certificate is not None and files.key is not None:
        return FileAuthority.load(files.certificate, files.key, key_type, now, passphrase, hosts)
    if files.certificate is not None:
        place = Place(str(store.key_path(AUTHORITY)))
        raise CertificateError.of("the authority's key is missing, so nothing can be issued", place=place, hint=_BACKUP)
    orphans = store.names()
    if orphans:
        place = Place(str(store.certificate_path(AUTHORITY)))
        what = f"the authority is missing, and certificates that it may have signed are there: {_some(orphans)}"
        raise CertificateError.of(what, place=place, hint=_BACKUP)
    return None


def stored_authority(
    store: Store, key_type: KeyType, now: datetime, passphrase: Passphrase | None = None
) -> FileAuthority:
    """As `find_authority`, for whoever needs one.

    Raises:
        FileError, CertificateError: as `find_authority`, or there is none.
    """
    authority = find_authority(store, key_type, now, passphrase)
    if authority is None:
        place = Place(str(store.certificate_path(AUTHORITY)))
        raise CertificateError.of("there is no authority", place=place, hint="make one: `ringfence certs issue`")
    return authority


def create_authority(
    store: Store,
    key_type: KeyType,
    lifetime: timedelta,
    now: datetime,
    replaced: Path,
    passphrase: Passphrase | None = None,
) -> FileAuthority:
    """Make the store's first authority and write it. To be called with the lock held, after `find_authority`.

    Args:
        store: a folder without certificates.
        key_type: the algorithm of all keys.
        lifetime: of the authority, from ``now`` on.
        now: the moment, with a time zone.
        replaced: where to move a key without certificate, which a crash here may have left.
        passphrase: to encrypt its key with; None for no encryption.

    Raises:
        FileError: the folder cannot be written.
    """
    authority, issued = FileAuthority.create(key_type, lifetime, now, passphrase)
    store.write([NewPair(AUTHORITY, issued, replaced)])
    return authority


def keep_bundle(store: Store, bundle: bytes, now: datetime) -> None:
    """Write the bundle of an authority elsewhere as ``ca.pem`` where there is none. To be called with the lock held.

    A ``ca.pem`` that holds more is left as it is: one authority may be on its way out.

    Args:
        store: the folder.
        bundle: PEM, what the authority's certificates lead up to.
        now: the moment at which it must be good, with a time zone.

    Raises:
        FileError: the folder cannot be read or written.
        CertificateError: the bundle is no good, the store trusts another authority, or certificates of another one lie
            in it.
    """
    path = store.certificate_path(AUTHORITY)
    authorities = load_trusted(PemFile(bundle, Place("the bundle of the authority")), now)
    stored = store.read_certificate(AUTHORITY)
    if stored is not None:
        if set(authorities) <= set(load_chain(stored)):
            return
        raise CertificateError.of(
            "this is another authority than the one in the spec", place=Place(str(path)), hint=_OTHER
        )
    strangers = []
    for name in store.names():
        file = store.read_certificate(name)
        if file is not None and not leads_to(load_chain(file), authorities):
            strangers.append(name)
    if strangers:
        what = f"there is no {path.name}, and the authority in the spec did not sign {_some(tuple(strangers))}"
        raise CertificateError.of(what, place=Place(str(store.directory)), hint=_BACKUP)
    store.write_bundle(bundle)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
