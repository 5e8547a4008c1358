"""``ringfence certs issue``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ringfence.cli import output
from ringfence.cli.options import Verb, spec_path

if TYPE_CHECKING:
    from ringfence.spec.shape import Spec
    from ringfence.wanted.build import Wanted


@click.command("issue", cls=Verb)
def command() -> None:
    """Issue what is missing, wrong or due; leave the rest alone.

    The authority is made the first time. Keys are 0600 from the first byte; what is replaced is moved aside, never
    overwritten. With an authority elsewhere, requests for it are written instead; exit 2: certificates are waited for.
    """
    from ringfence.ops.certs.of_spec import issue
    from ringfence.ops.load import load
    from ringfence.reports.certs import issued_json, issued_text
    from ringfence.spec.shape import Source

    now = datetime.now(UTC)
    spec, wanted = load(spec_path(), now.date())
    if spec.pki.authority is Source.EXTERNAL:
        _request(spec, wanted, now)
        return
    with output.progress() as begin:
        result = asyncio.run(issue(spec, wanted, now, begin("certs")))
    output.data(issued_text(result), issued_json(result))


def _request(spec: Spec, wanted: Wanted, now: datetime) -> None:
    from ringfence.ops.certs.outside import request
    from ringfence.reports.outside import requested_json, requested_text

    with output.progress() as begin:
        result = asyncio.run(request(spec, wanted, now, progress=begin("requests")))
    output.data(requested_text(result), requested_json(result))
    output.answer(not result.waiting)
