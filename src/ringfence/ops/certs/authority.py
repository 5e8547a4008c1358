"""The one place where ``pki.authority`` of the spec becomes something that issues."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ringfence.errors import CertificateError, FileError
from ringfence.spec.shape import OpenBaoPki, Pki, Source

if TYPE_CHECKING:
    from ringfence.pki.folder.store import Store
    from ringfence.pki.issuing.authority import Authority
    from ringfence.pki.issuing.issuer import IssuerSource
    from ringfence.pki.issuing.sources import FileSource


def issuer_source(pki: Pki) -> IssuerSource:
    """Where the certificates of this spec are issued; opening it may log in somewhere.

    An external authority is none of these: it takes requests as files, see ``ops.certs.requesting``.

    Raises:
        CertificateError: this kind of authority issues nothing by itself.
    """
    match pki.authority:
        case Source.FILE:
            return _files(pki)
        case Source.OPENBAO:
            assert pki.openbao is not None
            return _openbao(pki.openbao, pki)
        case Source.EXTERNAL:
            hint = "hand the requests in, and take the answers: `ringfence certs accept`"
            raise CertificateError.of("the authority is outside: it issues by request", place=pki.place, hint=hint)


def proof_authority(pki: Pki, store: Store, now: datetime) -> Authority | None:
    """What can sign for a proof, in memory; None where no key is at hand or usable: a proof goes on without it."""
    if pki.authority is not Source.FILE:
        return None
    try:
        return _files(pki).find(store, now)
    except (CertificateError, FileError):
        return None


def _files(pki: Pki) -> FileSource:
    from ringfence.pki.issuing.existing import ExistingFiles
    from ringfence.pki.issuing.sources import FileSource
    from ringfence.pki.passphrase_source import PassphraseSource

    files, existing, passphrase = pki.file, None, None
    if files.ca is not None and files.key is not None:
        existing = ExistingFiles(files.ca, files.key, files.chain)
    if files.passphrase is not None:
        passphrase = PassphraseSource(files.passphrase.file, files.passphrase.variable)
    return FileSource(key_type=pki.key, lifetime=pki.validity.ca, existing=existing, passphrase=passphrase)


def _openbao(openbao: OpenBaoPki, pki: Pki) -> IssuerSource:
    from ringfence.ops.certs.bao import connected
    from ringfence.pki.issuing.sources import ForeignSource

    return ForeignSource(lambda: connected(pki, openbao))
