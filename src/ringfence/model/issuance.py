"""What is known of a certificate, what is to be done about it, and what was done.

These are results: made by ``pki`` and ``ops``, shown by ``reports``. No key and no certificate bytes are in them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ringfence.errors import Problem
from ringfence.model.certificate import CertificateKind, CertificateRequest


class Condition(enum.Enum):
    """How a pair of files stands to the request for it.

    ``DUE``: good, with less than a third of its life left. ``WRONG``: it is there and cannot serve the request.
    """

    MISSING = "missing"
    WRONG = "wrong"
    DUE = "due"
    GOOD = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateInfo:
    """What a certificate says of itself.

    Args:
        common_names: every Common Name of the subject, in order; etcd wants exactly one.
        kind: a guess from the usages; None where they fit no profile. A peer's certificate reads as a server's.
        hosts: DNS names and IP addresses of the subject alternative name.
        usages: extended key usages by OpenSSL's name (``clientAuth``), the unknown ones as dotted numbers.
        not_before, not_after: UTC, both included.
        serial: lower-case hex, without leading zeros.
        subject, issuer: RFC 4514 text.
    """

    common_names: tuple[str, ...]
    kind: CertificateKind | None
    hosts: tuple[str, ...]
    usages: tuple[str, ...]
    is_authority: bool
    not_before: datetime
    not_after: datetime
    serial: str
    subject: str
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One request held against the files.

    Args:
        path: the certificate's file, whether or not it exists.
        reasons: why it is WRONG, all of them; empty for the other conditions.
        certificate: None where there is none or it cannot be read.
        key_on_node: whether the key is where it is used, and was never meant to lie here.
    """

    request: CertificateRequest
    path: Path
    condition: Condition
    reasons: tuple[Problem, ...] = ()
    certificate: CertificateInfo | None = None
    key_on_node: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCertificate:
    """One certificate of the folder, or one that should be in it.

    Args:
        request: None for what nobody asked for: the authority itself, and files that the spec does not name.
        condition: held against the request; without one, WRONG means unreadable or expired.
        key_on_node: whether the key is where it is used, and was never meant to lie here.
    """

    name: str
    path: Path
    kind: CertificateKind | None
    request: CertificateRequest | None
    condition: Condition
    reasons: tuple[Problem, ...] = ()
    certificate: CertificateInfo | None = None
    key_on_node: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether somebody relies on it: the authority, or what the spec asks for."""
        return self.request is not None or self.kind is CertificateKind.CA

    @property
    def is_broken(self) -> bool:
        """Whether nobody can use it, however long it has to live: it is missing, unreadable or wrong."""
        return self.condition in {Condition.MISSING, Condition.WRONG}


@dataclass(frozen=True, slots=True)
class Replacement:
    """A pair that was issued anew although there was one, and why."""

    name: str
    condition: Condition
    reasons: tuple[Problem, ...] = ()


class Uptake(enum.Enum):
    """When a program that runs takes a new pair of files into use.

    ``HANDSHAKE``: at each new TLS connection. ``RUN``: each time that it is started, which is for each task.
    ``POD``: when the pod of calico-node is made again, which alone copies them to the host. ``UNKNOWN``: it depends on
    the program.
    """

    HANDSHAKE = "handshake"
    RUN = "run"
    POD = "pod"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Effect:
    """How new files get into use: whose they are, which, and when they count."""

    component: str
    names: tuple[str, ...]
    uptake: Uptake


@dataclass(frozen=True, slots=True)
class Ending:
    """Which authority ends, and when: of those up to the root the first. What is signed lives no longer."""

    authority: str
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuance:
    """What a run of ``certs issue`` or ``certs renew`` did; names are file names without ``.pem``.

    Args:
        authority_created: whether a new authority was made in this run.
        set_aside: the folder that files were moved to because they were wrong, if any were.
        effects: by component, how what was replaced gets into use.
        cut: the end of the authority, where what was made lives shorter for it than asked.
    """

    authority_created: bool
    created: tuple[str, ...]
    replaced: tuple[Replacement, ...]
    kept: tuple[str, ...]
    set_aside: Path | None = None
    effects: tuple[Effect, ...] = ()
    cut: Ending | None = None
