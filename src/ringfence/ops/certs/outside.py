"""What the spec says of an authority elsewhere, as the arguments of the other modules here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ringfence.errors import InputError
from ringfence.model.outside import Acceptance, Requested
from ringfence.ops.certs.accepting import accept_certificates
from ringfence.ops.certs.effects import effects
from ringfence.ops.certs.requesting import request_certificates
from ringfence.ops.telling import Advance
from ringfence.spec.shape import Source, Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.certificates import requests


async def request(
    spec: Spec, wanted: Wanted, now: datetime, *, renew: Collection[str] = (), progress: Advance | None = None
) -> Requested:
    """Ask for what the spec asks for; see ``request_certificates``."""
    return await request_certificates(
        requests(spec, wanted), spec.pki, spec.cluster.name, now=now, renew=renew, progress=progress
    )


async def accept(
    spec: Spec, wanted: Wanted, *, files: Sequence[Path] = (), ca: Path | None = None, now: datetime
) -> Acceptance:
    """Take what was signed; see ``accept_certificates``.

    Raises:
        InputError: the authority of the spec is not elsewhere.
    """
    if spec.pki.authority is not Source.EXTERNAL:
        what = f"there is nothing to accept: the authority is {spec.pki.authority.value}"
        raise InputError.of(what, place=spec.pki.place, hint="its certificates come with `ringfence certs issue`")
    asked = requests(spec, wanted)
    result = await accept_certificates(asked, spec.pki, spec.cluster.name, files=files, ca=ca, now=now)
    return replace(result, effects=effects(spec, wanted, asked, result.replaced))
