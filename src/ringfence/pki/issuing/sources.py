"""Where ``certs issue`` gets its authority from: files that ringfence keeps, or an authority elsewhere.

Both leave the store with a ``ca.pem`` that holds what the authority's certificates lead up to, and neither replaces
one that says otherwise: what runs trusts the one that is there.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ringfence.model.certificate import KeyType
from ringfence.pki.folder.store import Store
from ringfence.pki.issuing.authority import FileAuthority
from ringfence.pki.issuing.custody import create_authority, find_authority, keep_bundle
from ringfence.pki.issuing.existing import ExistingFiles, load_existing
from ringfence.pki.issuing.issuer import Issuer, Opened
from ringfence.pki.issuing.many import FileIssuer
from ringfence.pki.passphrase import Passphrase
from ringfence.pki.passphrase_source import PassphraseSource


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """The built-in authority; made in the store where there is none and no existing one is named.

    Args:
        key_type: the algorithm of all keys.
        lifetime: of the authority, where it is to be made.
        existing: the files of an authority that somebody else made.
        passphrase: where the passphrase of its key stands; None for a key that is not encrypted.
    """

    key_type: KeyType
    lifetime: timedelta
    existing: ExistingFiles | None = None
    passphrase: PassphraseSource | None = None

    @asynccontextmanager
    async def open(
        self, store: Store, now: datetime, replaced: Path, hosts: Collection[str] = ()
    ) -> AsyncIterator[Opened]:
        """See `IssuerSource.open`."""
        authority = self.find(store, now, hosts)
        created = authority is None
        if authority is None:
            authority = create_authority(store, self.key_type, self.lifetime, now, replaced, self._passphrase())
        if self.existing is not None:
            keep_bundle(store, authority.ca_certificate, now)
        yield Opened(FileIssuer(authority), created)

    def find(self, store: Store, now: datetime, hosts: Collection[str] = ()) -> FileAuthority | None:
        """The authority, ready to sign; None where it is still to be made.

        Args:
            store: the folder.
            now: the moment at which it must be valid, with a time zone.
            hosts: DNS names and addresses that it is to sign now.

        Raises:
            FileError: a file cannot be read, or others may read the key or the passphrase.
            CertificateError: it cannot sign, or its key does not open.
        """
        if self.existing is not None:
            return load_existing(self.existing, self.key_type, now, self._passphrase(), hosts)
        return find_authority(store, self.key_type, now, self._passphrase(), hosts)

    def _passphrase(self) -> Passphrase | None:
        return None if self.passphrase is None else self.passphrase.read(os.environ)


@dataclass(frozen=True, slots=True)
class ForeignSource:
    """An authority elsewhere, which keeps its key to itself.

    Args:
        connect: logs in to it, and out again when the block ends.
    """

    connect: Callable[[], AbstractAsyncContextManager[Issuer]]

    @asynccontextmanager
    async def open(
        self, store: Store, now: datetime, replaced: Path, hosts: Collection[str] = ()
    ) -> AsyncIterator[Opened]:
        """See `IssuerSource.open`; nothing is replaced, and each certificate is judged when it comes back."""
        del replaced, hosts
        async with self.connect() as issuer:
            keep_bundle(store, issuer.ca_certificate, now)
            yield Opened(issuer)
