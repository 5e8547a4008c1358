"""Certificates for the proof of what only pods log in as: theirs never lie where ``verify`` runs, so it draws its own.

They are drawn from OpenBao with the login of the spec, live for minutes and are never written down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ringfence.errors import RingfenceError
from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.ops.certs.bao import connected
from ringfence.pki.issuing.issuer import Order
from ringfence.pki.login import SHORT_LIFE
from ringfence.spec.shape import Spec
from ringfence.wanted.components.drawers import drawn_alone


@dataclass(frozen=True, slots=True)
class Drawn:
    """What could be drawn, by user; ``why`` tells why of the other ``users`` nothing could."""

    users: Collection[UserName] = ()
    credentials: dict[UserName, Credentials] = field(default_factory=dict)
    why: str = ""


async def draw_for_proof(spec: Spec, users: Collection[UserName], now: datetime) -> Drawn:
    """A certificate for each of the users.

    Args:
        spec: in which pods draw them.
        users: some of ``wanted.components.drawers.drawn_users``; for none nobody is asked.
        now: the moment, with a time zone.
    """
    openbao = spec.pki.openbao
    if not users or openbao is None:
        return Drawn()
    roles: dict[str, str] = {name: role for name, role in _roles(spec) if name in users}
    orders = [
        Order(CertificateRequest(name=f"proof for {name}", kind=CertificateKind.CLIENT, common_name=name), SHORT_LIFE)
        for name in roles
    ]
    made: dict[UserName, Credentials] = {}
    try:
        async with connected(spec.pki, openbao, roles) as issuer:
            async for batch in issuer.issue_many(orders, now):
                for name, issued in zip(list(roles)[len(made) :], batch, strict=False):
                    made[UserName(name)] = Credentials(issuer.ca_certificate, issued.certificate_pem, issued.key_pem)
    except RingfenceError as error:
        return Drawn(users, made, "; ".join(problem.what for problem in error.problems))
    return Drawn(users, made)


def _roles(spec: Spec) -> Iterator[tuple[UserName, str]]:
    for drawn in drawn_alone(spec):
        for name in (drawn.identity,) if drawn.names is None else drawn.names.values():
            yield name, drawn.proof_role
