"""What ``certs issue`` draws certificates from, whichever authority it is: the protocols, and an order for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from ringfence.model.certificate import CertificateRequest
from ringfence.model.issuance import Ending
from ringfence.pki.folder.store import Store
from ringfence.pki.pem import Issued


@dataclass(frozen=True, slots=True)
class Order:
    """One certificate to be made, good for ``lifetime`` from now on."""

    request: CertificateRequest
    lifetime: timedelta


class Issuer(Protocol):
    """An authority that can be asked for many certificates, key and all."""

    @property
    def ca_certificate(self) -> bytes:
        """The PEM bundle that members and clients have to trust."""

    @property
    def ending(self) -> Ending:
        """What ends first of it and of what is above it."""

    def issue_many(self, orders: Sequence[Order], now: datetime) -> AsyncIterator[tuple[Issued, ...]]:
        """The certificates for the orders, in their order, some dozens at a time.

        Args:
            orders: what is to be made.
            now: the moment, with a time zone.

        Raises:
            CertificateError: a request does not fit its profile, or the authority refuses or cannot sign.
        """


@dataclass(frozen=True, slots=True)
class Opened:
    """An authority that is ready; ``created`` tells that it was made just now."""

    issuer: Issuer
    created: bool = False


class IssuerSource(Protocol):
    """Where ``certs issue`` gets its authority from, once it knows that there is something to issue."""

    def open(
        self, store: Store, now: datetime, replaced: Path, hosts: Collection[str] = ()
    ) -> AbstractAsyncContextManager[Opened]:
        """The authority, ready to issue, and its bundle in the store as ``ca.pem``.

        Args:
            store: the folder, its lock held.
            now: the moment, with a time zone.
            replaced: where to move what may be replaced.
            hosts: DNS names and addresses that it is to sign now.

        Raises:
            CertificateError: it cannot sign now, or not for these hosts, or the store trusts another one.
            FileError: its files cannot be used, or the folder cannot be written.
        """
