"""``ringfence certs list``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.options import Verb, spec_path


@click.command("list", cls=Verb)
def command() -> None:
    """List every certificate in the pki folder, and what is wrong with it."""
    from ringfence.ops.certs.of_spec import listing
    from ringfence.ops.load import load
    from ringfence.reports.certs import listed_json, listed_text

    now = datetime.now(UTC)
    spec, wanted = load(spec_path(), now.date())
    result = asyncio.run(listing(spec, wanted, now))
    output.data(listed_text(result, now), listed_json(result))
