"""What passes between ringfence and an authority elsewhere: what waits for whom, what was asked, what was accepted.

Results, as in ``model.issuance``: no key and no certificate bytes are in them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ringfence.errors import Problem
from ringfence.model.issuance import Effect, Replacement


class Awaited(enum.Enum):
    """What has to come: the request, from whoever makes the key, or the certificate, from the authority."""

    REQUEST = "request"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A certificate that is not there yet.

    Args:
        name: its file name without ``.pem``.
        awaited: what has to come next.
        file: where it is expected.
        script: what makes the request on the machine that uses the key; None where ringfence itself does.
        reasons: why what lies there already does not do.
    """

    name: str
    awaited: Awaited
    file: Path
    script: Path | None = None
    reasons: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What a run of ``certs issue`` did for an authority elsewhere; names are file names without ``.pem``.

    Args:
        made: requests that were made in this run, with a new key unless one waited already.
        remade: requests that were made anew, with a new key, and why.
        waiting: everything that is waited for, those of this run included.
        kept: certificates that are there, and for which nothing is asked.
        manifest: the file that lists what waits.
        set_aside: the folder that keys were moved to that nobody waits for any more, if any were.
    """

    made: tuple[str, ...]
    remade: tuple[Replacement, ...]
    waiting: tuple[Waiting, ...]
    kept: tuple[str, ...]
    manifest: Path
    set_aside: Path | None = None


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """An authority that ``ca.pem`` trusts from now on, with what people compare by telephone."""

    subject: str
    sha256: str
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What a run of ``certs accept`` did; names are file names without ``.pem``.

    Args:
        authorities: those that were put into ``ca.pem`` in this run; empty where it was there before.
        accepted: certificates that are in use from now on.
        replaced: those of them that took the place of another.
        unchanged: certificates that were handed in again, and are in use already.
        problems: why others were not accepted, each at its file.
        waiting: what is still waited for.
        set_aside: the folder that replaced pairs were moved to, if any were.
        effects: by component, how what was replaced gets into use.
    """

    authorities: tuple[TrustedAuthority, ...]
    accepted: tuple[str, ...]
    unchanged: tuple[str, ...]
    problems: tuple[Problem, ...]
    waiting: tuple[Waiting, ...]
    set_aside: Path | None = None
    replaced: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
