"""The passphrase of a private key, with where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A passphrase, and the words for where it came from, which begin a sentence."""

    secret: bytes = field(repr=False)
    origin: str
