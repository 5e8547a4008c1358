"""What ``certs issue`` draws certificates from, whichever authority it is: the protocol, and an order for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ringfence.model.certificate import CertificateRequest
from ringfence.pki.authority import Issued


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

    def issue_many(self, orders: Sequence[Order], now: datetime) -> AsyncIterator[tuple[Issued, ...]]:
        """The certificates for the orders, in their order, some dozens at a time.

        Args:
            orders: what is to be made.
            now: the moment, with a time zone.

        Raises:
            CertificateError: a request does not fit its profile, or the authority refuses or cannot sign.
        """
