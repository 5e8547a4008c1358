"""The PKI engine under one mount: its chain, and single signatures, each checked before anybody gets to see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ringfence.errors import AuthorityRefused, CertificateError, Place, Problem
from ringfence.model.certificate import CertificateRequest
from ringfence.model.issuance import Ending
from ringfence.pki.chain import find, first_to_end, load_chain
from ringfence.pki.openbao.client import Client
from ringfence.pki.openbao.names import role_name
from ringfence.pki.openbao.policies import SIGN, names_in
from ringfence.pki.outside.acceptance import Expected, judge
from ringfence.pki.outside.delivery import load_bundle, roots_of
from ringfence.pki.pem import PemFile

_SPARE = timedelta(minutes=1)
"""How long before its authority a certificate ends at the latest, for clocks that differ."""

_SHORT = timedelta(minutes=10)
"""How much shorter than asked a certificate may be, for the same reason."""

_ROLE = "somebody wrote the role otherwise: `ringfence certs prepare` shows how"


@dataclass(frozen=True, slots=True)
class Chain:
    """Who signs: the engine's own certificate first, up to what is to be trusted."""

    certificates: tuple[x509.Certificate, ...]
    trusted: tuple[x509.Certificate, ...]

    @property
    def links(self) -> tuple[x509.Certificate, ...]:
        """What stands between a certificate and those that are trusted."""
        return tuple(each for each in self.certificates if each not in self.trusted)

    @property
    def ending(self) -> Ending:
        """What ends first of it; nothing that it signs lives longer."""
        return first_to_end(self.certificates)


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine that ``client`` reaches under ``mount``."""

    client: Client
    mount: str

    @property
    def place(self) -> Place:
        """It, for messages."""
        return Place(f"{self.client.address}/v1/{self.mount}")

    async def chain(self, now: datetime) -> Chain | None:
        """Its certificate and what is above it; None where it has no CA yet.

        Raises:
            AuthorityError: no answer, or another one.
            CertificateError: one of them is no authority that is valid now.
        """
        pem = await self.chain_pem()
        if pem is None:
            return None
        certificates = load_bundle(PemFile(pem, self.place), now)
        return Chain(certificates, roots_of(certificates))

    async def chain_pem(self) -> bytes | None:
        """The same as PEM, unchecked."""
        try:
            answer = await self.client.read(f"{self.mount}/cert/ca_chain")
        except AuthorityRefused as error:
            if "has no CA" in error.problems[0].what:
                return None
            raise
        if answer is None:
            return None
        return answer.part("data").text("certificate").encode() + b"\n"

    async def sign(
        self,
        request: CertificateRequest,
        csr_pem: bytes,
        key: PublicKeyTypes,
        lifetime: timedelta,
        chain: Chain,
        now: datetime,
        role: str | None = None,
    ) -> bytes:
        """The certificate for a signing request, with what stands between it and the trusted ones, as PEM.

        Args:
            request: what it is to be.
            csr_pem: signed by the key; nothing but the key is taken from it.
            key: the public one.
            lifetime: from ``now`` on; cut where the authority ends.
            chain: of the engine.
            now: the moment, with a time zone.
            role: another than its own.

        Raises:
            AuthorityError: no answer, or a refusal.
            CertificateError: what was signed is not what was asked for.
        """
        lifetime = min(lifetime, chain.ending.not_after - now - _SPARE)
        if lifetime <= timedelta():
            hint = "renew it on the server first"
            raise CertificateError.of("the authority's own certificate ends now", place=self.place, hint=hint)
        path = f"{self.mount}/{SIGN}/{role or role_name(request)}"
        body: dict[str, object] = {
            "csr": csr_pem.decode(),
            "format": "pem",
            "ttl": f"{int(lifetime.total_seconds())}s",
            **names_in(request),
        }
        if request.common_name is not None:
            body["exclude_cn_from_sans"] = True  # what a client shows is not for a host of its name
        answer = (await self.client.write(path, body)).part("data")
        place = Place(f"{self.client.address}/v1/{path}")
        certificate = load_chain(PemFile(answer.text("certificate").encode(), place))[0]
        links = _links(answer.texts("ca_chain"), place) or chain.links
        expected = Expected(request=request, key=key, lifetime=lifetime, trusted=chain.trusted, links=links)
        verdict = judge(certificate, place, expected, now)
        problems = (*verdict.problems, *_beyond(certificate, place, now + lifetime))
        if problems:
            raise CertificateError(*(Problem(f"{request.name}: {each.what}", place, _ROLE) for each in problems))
        return verdict.chain_pem


def _links(pems: tuple[str, ...], place: Place) -> tuple[x509.Certificate, ...]:
    found = load_chain(PemFile("\n".join(pems).encode(), place)) if pems else ()
    return tuple(each for each in found if each.subject != each.issuer)


def _beyond(certificate: x509.Certificate, place: Place, end: datetime) -> tuple[Problem, ...]:
    """What an outside authority may do and a role of ours does not."""
    problems = []
    alternative = find(certificate, x509.SubjectAlternativeName)
    others = [name for name in alternative or () if not isinstance(name, x509.DNSName | x509.IPAddress)]
    if others:
        problems.append(Problem("has alternative names that are no hosts", place))
    if certificate.not_valid_after_utc < end - _SHORT:
        ends = f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        problems.append(Problem(f"ends {ends}, earlier than pki.validity asks for", place))
    return tuple(problems)
