"""Certificates for clients with ECDSA keys, from a template where that is the same as the builder's."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType
from ringfence.pki.issuing.leaves import Blank, Leaves
from ringfence.pki.issuing.template import SERIAL_BYTES, Template, cut, point_of, validity
from ringfence.pki.keys import PrivateKey, digest_for, generate

_RANDOM = SERIAL_BYTES - 1
_ECDSA = {KeyType.ECDSA_P256, KeyType.ECDSA_P384}


@dataclass(frozen=True, slots=True)
class Clients:
    """What makes them: a template that was held against the builder, and the authority's key."""

    template: Template
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    algorithm: ec.ECDSA

    def issue_all(self, blanks: Sequence[Blank]) -> list[bytes]:
        """The certificates, PEM, in the order of the blanks: clients' alone, with keys of the template's type."""
        points = [_point_of(blank) for blank in blanks]
        template, random = self.template, secrets.token_bytes(_RANDOM * len(blanks))
        signed = [
            template.to_be_signed(
                blank.request.common_name or "",
                point,
                b"\x01" + random[at : at + _RANDOM],
                validity(blank.start, blank.end),
            )
            for at, blank, point in zip(range(0, len(random), _RANDOM), blanks, points, strict=True)
        ]
        signatures = [self.key.sign(each, self.algorithm) for each in signed]
        return [template.certificate(each, signature) for each, signature in zip(signed, signatures, strict=True)]


def _point_of(blank: Blank) -> bytes:
    assert isinstance(blank.key, ec.EllipticCurvePrivateKey)
    return point_of(blank.key.public_key())


def clients_of(leaves: Leaves, certificate: x509.Certificate, key: PrivateKey, key_type: KeyType) -> Clients | None:
    """What makes certificates for clients of that authority; None where only the builder can.

    Args:
        leaves: makes them with the builder.
        certificate: of the authority.
        key: its private key.
        key_type: of the clients' keys.

    Raises:
        CertificateError: the template does not make what the builder makes.
    """
    digest = digest_for(key)
    if key_type not in _ECDSA or not isinstance(key, ec.EllipticCurvePrivateKey) or digest is None:
        return None
    start, end = (
        each.replace(tzinfo=None) for each in (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    )
    client = generate(key_type)

    assert isinstance(client, ec.EllipticCurvePrivateKey)

    def build(name: str, serial: int) -> x509.Certificate:
        request = CertificateRequest(name="template", kind=CertificateKind.CLIENT, common_name=name)
        return leaves.build(Blank(request, client, start, end), serial)

    template = cut(build, point_of(client.public_key()), validity(start, end))
    return Clients(template, key, ec.ECDSA(digest))
