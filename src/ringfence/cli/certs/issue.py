"""``ringfence certs issue``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.options import Verb, spec_path


@click.command("issue", cls=Verb)
def command() -> None:
    """Issue what is missing, wrong or due; leave the rest alone.

    The authority is made the first time. Keys are 0600 from the first byte; what is replaced is moved aside, never
    overwritten.
    """
    from ringfence.ops.certs.of_spec import issue
    from ringfence.ops.load import load
    from ringfence.reports.certs import issued_json, issued_text

    now = datetime.now(UTC)
    spec, wanted = load(spec_path(), now.date())
    with output.progress() as begin:
        result = asyncio.run(issue(spec, wanted, now, begin("certs")))
    output.data(issued_text(result), issued_json(result))
