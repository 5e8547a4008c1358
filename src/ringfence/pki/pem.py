"""The content of a PEM file together with where it came from, so that an error can name the place."""

from __future__ import annotations

from dataclasses import dataclass, field

from ringfence.errors import Place


@dataclass(frozen=True, slots=True)
class PemFile:
    """Bytes that should be PEM; kept out of every ``repr`` because they may be a private key."""

    content: bytes = field(repr=False)
    place: Place
