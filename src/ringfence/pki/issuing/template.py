"""Certificates for clients by the hundred thousand: what they have in common is encoded once.

The library's builder encodes, checks and parses each certificate as if it were the first; for clients with ECDSA keys
from one authority only the serial, the dates, the name and the key differ. Here those are put between parts that were
cut from a certificate of the builder (decision record: docs/adr/0009-a-template-for-client-certificates.md). It is for
requests without hosts and for ECDSA alone; everything else keeps the builder. Before a template is used, certificates
are made both ways and have to be the same, byte for byte.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ringfence.errors import CertificateError

SERIAL_BYTES = 17
"""The length of a serial, as `ringfence.pki.issuing.authority` makes them: a 1 and 128 random bits."""

Build = Callable[[str, int], x509.Certificate]
"""The builder, for one key and its dates: Common Name and serial."""

_INTEGER, _BIT_STRING, _UTF8, _UTC, _TIME, _SEQUENCE, _SET = 0x02, 0x03, 0x0C, 0x17, 0x18, 0x30, 0x31
_COMMON_NAME = bytes.fromhex("0603550403")
_UTC_ENDS = 2050
"""The year from which on X.509 writes dates with four digits (RFC 5280, 4.1.2.5)."""
_LINE = 64
_NAMES = ("a", "calico-node.worker-1.example.org", "\u00fc" * 32)
"""Names to compare with: the shortest, a usual one, and the longest, in letters of two bytes."""
_DIFFERS = "report it, with the version of the package `cryptography`"


@dataclass(frozen=True, slots=True)
class Template:
    """The parts that all certificates of a kind share, DER.

    Args:
        version: the field of that name.
        issuer: the signature algorithm and the issuer's name, which stand side by side up to the dates.
        key: the header of the public key, up to the point.
        before_identifier, after_identifier: the extensions, around the identifier of the key.
        algorithm: the signature algorithm.
    """

    version: bytes
    issuer: bytes
    key: bytes
    before_identifier: bytes
    after_identifier: bytes
    algorithm: bytes

    def to_be_signed(self, name: str, point: bytes, serial: bytes, dates: bytes) -> bytes:
        """What the authority signs.

        Args:
            name: the Common Name, of at most 64 bytes.
            point: the public key, uncompressed.
            serial: ``SERIAL_BYTES`` bytes, the first from 1 to 127.
            dates: of `validity`.
        """
        text = name.encode()
        # All lengths in a subject of at most 64 bytes fit into one byte.
        size = len(text)
        subject = bytes((_SEQUENCE, size + 11, _SET, size + 9, _SEQUENCE, size + 7)) + _COMMON_NAME
        return _tlv(
            _SEQUENCE,
            b"".join(
                (
                    self.version,
                    bytes((_INTEGER, SERIAL_BYTES)),
                    serial,
                    self.issuer,
                    dates,
                    subject,
                    bytes((_UTF8, size)),
                    text,
                    self.key,
                    point,
                    self.before_identifier,
                    hashlib.sha1(point, usedforsecurity=False).digest(),
                    self.after_identifier,
                )
            ),
        )

    def certificate(self, to_be_signed: bytes, signature: bytes) -> bytes:
        """The certificate as PEM."""
        signed = _tlv(_BIT_STRING, b"\0" + signature)
        return _pem(_tlv(_SEQUENCE, b"".join((to_be_signed, self.algorithm, signed))))


def cut(build: Build, point: bytes, dates: bytes) -> Template:
    """The template of the certificates that ``build`` makes.

    Args:
        build: makes one with the library's builder.
        point: the key that it makes them for.
        dates: those that it gives them, of `validity`.

    Raises:
        CertificateError: what the template gives is not what the builder gives.
    """
    serial = b"\x01" + bytes(range(SERIAL_BYTES - 1))
    made = [build(name, int.from_bytes(serial, "big")) for name in _NAMES]
    version, _, algorithm, issuer, _, _, key, extensions = _parts(made[0].tbs_certificate_bytes)
    before, _, after = extensions.partition(hashlib.sha1(point, usedforsecurity=False).digest())
    template = Template(version, algorithm + issuer, key.removesuffix(point), before, after, algorithm)
    for name, expected in zip(_NAMES, made, strict=True):
        ours = template.to_be_signed(name, point, serial, dates)
        pem = template.certificate(ours, expected.signature)
        if ours != expected.tbs_certificate_bytes or pem != expected.public_bytes(Encoding.PEM):
            what = "the quick way of making certificates does not make what the library makes"
            raise CertificateError.of(what, hint=_DIFFERS)
    return template


@lru_cache(maxsize=8)
def validity(start: datetime, end: datetime) -> bytes:
    """The dates of a certificate, both included; the same for thousands of them."""
    return _tlv(_SEQUENCE, _date(start) + _date(end))


def point_of(public: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as it stands in a certificate."""
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _date(moment: datetime) -> bytes:
    if moment.year < _UTC_ENDS:
        return _tlv(_UTC, f"{moment:%y%m%d%H%M%SZ}".encode())
    return _tlv(_TIME, f"{moment:%Y%m%d%H%M%SZ}".encode())


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 | len(length))) + length + content


def _parts(der: bytes) -> Iterator[bytes]:
    """The elements of a SEQUENCE, each whole."""
    _, at, _ = _header(der, 0)
    while at < len(der):
        _, content, size = _header(der, at)
        yield der[at : content + size]
        at = content + size


def _header(der: bytes, at: int) -> tuple[int, int, int]:
    """Tag, where the content begins, and its length."""
    size, content = der[at + 1], at + 2
    if size & 128:
        count = size & 127
        size, content = int.from_bytes(der[content : content + count], "big"), content + count
    return der[at], content, size


def _pem(der: bytes) -> bytes:
    text = b2a_base64(der, newline=False)
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return b"\n".join((b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""))
