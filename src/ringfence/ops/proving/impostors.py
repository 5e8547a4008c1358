"""Those who must get nothing: no certificate, an unknown name, a certificate of somebody else's authority."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ringfence.keyspace import SpanSet
from ringfence.model.certificate import KeyType
from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.model.probe import Probe
from ringfence.pki.issuing.authority import Authority, FileAuthority
from ringfence.pki.login import SHORT_LIFE, fleeting_credentials
from ringfence.proof.probes import NOTHING, probes, refused_at_the_door

ANONYMOUS, UNKNOWN_NAME, FOREIGN = "(no certificate)", "(unknown name)", "(foreign authority)"
"""What they are called in results; no etcd user can be confused with them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Somebody to try out: what they show, and what is asked as them."""

    identity: str
    credentials: Credentials
    probes: tuple[Probe, ...]


def impostors(ca: bytes, authority: Authority | None, segments: Iterable[SpanSet], now: datetime) -> tuple[Trial, ...]:
    """All that can be had: without the authority's key nobody can make a certificate with an unknown name.

    Args:
        ca: the bundle by which the servers are trusted.
        authority: signs the unknown name, where it is at hand.
        segments: the keys of all owners.
        now: from when the short-lived certificates are valid.
    """
    segments = tuple(segments)
    door = refused_at_the_door(segments)
    return tuple(
        Trial(name, shown, probes(NOTHING, segments) if name == UNKNOWN_NAME else door)
        for name, shown in strangers(ca, authority, now).items()
    )


def strangers(ca: bytes, authority: Authority | None, now: datetime) -> dict[str, Credentials]:
    """What each of them shows, by what they are called; for the arguments see ``impostors``."""
    stranger = UserName(f"ringfence-nobody-{secrets.token_hex(4)}")
    known = None if authority is None else fleeting_credentials(authority, stranger, now)
    other, _ = FileAuthority.create(KeyType.ECDSA_P256, SHORT_LIFE, now)
    shown = fleeting_credentials(other, stranger, now)
    return {
        ANONYMOUS: Credentials(ca),
        **({} if known is None else {UNKNOWN_NAME: Credentials(ca, known.certificate, known.key)}),
        FOREIGN: Credentials(ca, shown.certificate, shown.key),
    }
