"""Which authority elsewhere is trusted: said once by the operator, and never changed by what is handed in later."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ringfence.errors import CertificateError, Place
from ringfence.model.outside import TrustedAuthority
from ringfence.pki.chain import as_pem, load_chain
from ringfence.pki.folder.store import AUTHORITY, Store, read_file
from ringfence.pki.issuing.custody import keep_bundle
from ringfence.pki.outside.delivery import load_bundle, roots_of
from ringfence.pki.pair import load_trusted


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe.

    Args:
        anchors: those that are trusted.
        links: other authorities of the bundle, which may stand between.
        is_new: whether the operator has just named them, and ``ca.pem`` is to be written.
    """

    anchors: tuple[x509.Certificate, ...]
    links: tuple[x509.Certificate, ...] = ()
    is_new: bool = False

    def keep(self, store: Store, now: datetime) -> None:
        """Write ``ca.pem``. To be called with the lock held, once a certificate was found that they vouch for.

        Raises:
            FileError: the folder cannot be written.
            CertificateError: certificates of another authority lie there.
        """
        keep_bundle(store, as_pem(self.anchors), now)

    def described(self) -> tuple[TrustedAuthority, ...]:
        """The anchors, as people compare them."""
        return tuple(
            TrustedAuthority(each.subject.rfc4514_string(), _fingerprint(each), each.not_valid_after_utc)
            for each in self.anchors
        )


def find_trust(store: Store, ca: Path | None, now: datetime) -> Trust:
    """The authority to trust: the one in ``ca.pem``, or the one that the operator names for the first time.

    Args:
        store: the folder.
        ca: the bundle that the operator names; None for the one that is there.
        now: the moment at which it must be valid, with a time zone.

    Raises:
        FileError: a file cannot be read.
        CertificateError: there is none, it is no good, or it is another one than in ``ca.pem``.
    """
    place = Place(str(store.certificate_path(AUTHORITY)))
    stored = store.read_certificate(AUTHORITY)
    if ca is None:
        if stored is None:
            hint = "name the bundle that the authority gave you, once: `ringfence certs accept --ca FILE`"
            raise CertificateError.of("it is not known yet which authority to trust", place=place, hint=hint)
        return Trust(load_trusted(stored, now))
    bundle = load_bundle(read_file(ca, private=False), now)
    anchors = roots_of(bundle)
    if stored is None:
        return Trust(anchors, bundle, is_new=True)
    strangers = set(anchors) - set(load_chain(stored))
    if strangers:
        what = f"this is another authority than the one in {place.file}: SHA-256 {_some(strangers)}"
        hint = "members and clients trust the one that is there: to change it, first trust both everywhere"
        raise CertificateError.of(what, place=Place(str(ca)), hint=hint)
    return Trust(load_trusted(stored, now), bundle)


def _some(certificates: Sequence[x509.Certificate] | set[x509.Certificate]) -> str:
    return ", ".join(sorted(_fingerprint(each) for each in certificates))


def _fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of the whole certificate, as `openssl x509 -fingerprint -sha256` shows it."""
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest().upper()
    return ":".join(digest[start : start + 2] for start in range(0, len(digest), 2))
