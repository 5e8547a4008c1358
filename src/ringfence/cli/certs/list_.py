"""``ringfence certs list``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import click

from ringfence.cli import output
from ringfence.cli.certs.spans import Length
from ringfence.cli.options import Verb, spec_path


@click.command("list", cls=Verb)
@click.option(
    "--expiring",
    type=Length(),
    help="Only what ends within this time, such as 30d, or is missing or wrong; exit 2 when there is any.",
)
def command(expiring: timedelta | None) -> None:
    """List every certificate in the pki folder, and what is wrong with it.

    For monitoring there is --expiring: plain, it is a list, and ends with 0 whatever is in it.
    """
    from ringfence.ops.certs import of_spec
    from ringfence.ops.load import load
    from ringfence.reports.certs import expiring_text, listed_json, listed_text

    now = datetime.now(UTC)
    spec, wanted = load(spec_path(), now.date())
    if expiring is None:
        result = asyncio.run(of_spec.listing(spec, wanted, now))
        output.data(listed_text(result, now), listed_json(result))
    else:
        result = asyncio.run(of_spec.expiring(spec, wanted, now, expiring))
        output.data(expiring_text(result, now), listed_json(result))
        output.answer(not result)
