"""PEM as it comes in, with its place, so that an error can name it; and PEM as an authority hands it out."""

from __future__ import annotations

from dataclasses import dataclass, field

from ringfence.errors import Place


@dataclass(frozen=True, slots=True)
class PemFile:
    """Bytes that should be PEM; kept out of every ``repr`` because they may be a private key."""

    content: bytes = field(repr=False)
    place: Place


@dataclass(frozen=True, slots=True)
class Issued:
    """A new certificate with its key, both PEM."""

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)
