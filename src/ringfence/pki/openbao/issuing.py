"""OpenBao as an `Issuer`: keys made here, requests signed there, several at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import MappingProxyType

from ringfence.errors import CertificateError
from ringfence.model.certificate import KeyType
from ringfence.model.issuance import Ending
from ringfence.pki.chain import as_pem
from ringfence.pki.issuing.issuer import Order
from ringfence.pki.keys import generate, key_pem
from ringfence.pki.openbao.at_once import at_once
from ringfence.pki.openbao.client import Client, Server
from ringfence.pki.openbao.engine import Chain, Engine
from ringfence.pki.openbao.login import Login
from ringfence.pki.openbao.names import unpinnable
from ringfence.pki.outside.csr import make_csr
from ringfence.pki.pem import Issued
from ringfence.pki.profiles import check_request, key_type_for

BATCH = 64
"""How many certificates are handed on, and then written, together."""


class OpenBaoIssuer:
    """The engine as an authority that can be asked for many certificates, key and all.

    Args:
        engine: with a login that may sign.
        chain: of the engine.
        key_type: the algorithm of the keys to make.
        roles: the PKI role of a Common Name, where it is another than its own.
    """

    def __init__(self, engine: Engine, chain: Chain, key_type: KeyType, roles: Mapping[str, str]) -> None:
        self._engine = engine
        self._chain = chain
        self._key_type = key_type
        self._roles = roles

    @property
    def ca_certificate(self) -> bytes:
        """The PEM bundle that members and clients have to trust."""
        return as_pem(self._chain.trusted)

    @property
    def ending(self) -> Ending:
        """What ends first of it and of what is above it."""
        return self._chain.ending

    async def issue_many(self, orders: Sequence[Order], now: datetime) -> AsyncIterator[tuple[Issued, ...]]:
        """The certificates for the orders, in their order, a batch at a time; see `Issuer.issue_many`."""
        problems = [problem for _, problem in unpinnable(order.request for order in orders)]
        if problems:
            raise CertificateError(*problems)
        for start in range(0, len(orders), BATCH):
            yield await self._issue_batch(orders[start : start + BATCH], now)

    async def _issue_batch(self, orders: Sequence[Order], now: datetime) -> tuple[Issued, ...]:
        return await at_once(orders, lambda order: self._issue(order, now))

    async def _issue(self, order: Order, now: datetime) -> Issued:
        request = order.request
        check_request(request)
        key_type = key_type_for(request.kind, self._key_type)
        key = generate(key_type)
        csr = make_csr(request, key, key_type)
        role = self._roles.get(request.common_name or "")
        signed = await self._engine.sign(request, csr, key.public_key(), order.lifetime, self._chain, now, role)
        return Issued(signed, key_pem(key))


@asynccontextmanager
async def connect(
    server: Server,
    login: Login,
    mount: str,
    key_type: KeyType,
    now: datetime,
    roles: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[OpenBaoIssuer]:
    """Log in, look who signs there, and log out at the end.

    Args:
        server: which.
        login: as whom; it must be allowed to sign, see `policies.issuing_policy`.
        mount: the path of the PKI engine.
        key_type: ``pki.key`` of the spec.
        now: the moment at which its authority must be valid, with a time zone.
        roles: the PKI role of a Common Name, where it is another than its own.

    Raises:
        AuthorityError: no answer, or a refusal.
        CertificateError: it has no CA, or none that can sign now.
        FileError: the file of the CA of the server's own certificate cannot be read.
    """
    async with Client(server, login) as client:
        engine = Engine(client, mount)
        chain = await engine.chain(now)
        if chain is None:
            hint = "import one, or make one: `ringfence certs prepare`"
            raise CertificateError.of("the PKI engine has no CA", place=engine.place, hint=hint)
        yield OpenBaoIssuer(engine, chain, key_type, roles)
