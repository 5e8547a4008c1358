"""``ringfence certs renew``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import click

from ringfence.cli import output
from ringfence.cli.certs.spans import Length, Share
from ringfence.cli.options import Verb, spec_path

if TYPE_CHECKING:
    from ringfence.ops.certs.due import Due
    from ringfence.spec.shape import Spec
    from ringfence.wanted.build import Wanted


@click.command("renew", cls=Verb)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--due", type=Share(), help="Renew what has less than this share of its life left. [default: 1/3]")
@click.option("--within", type=Length(), help="Renew what ends within this time, such as 30d.")
def command(names: tuple[str, ...], due: Fraction | None, within: timedelta | None) -> None:
    """Renew the named certificates, or those that are due, each with a new key.

    A pair is exchanged as a whole: its two files become links into a folder of its version, and one link is switched;
    the version before is kept. The result says by component what makes the new files count.
    """
    from ringfence.ops.certs.due import THIRD, Due
    from ringfence.ops.certs.of_spec import renew
    from ringfence.ops.load import load
    from ringfence.reports.certs import issued_json, renewed_text
    from ringfence.spec.shape import Source

    if (bool(names), due is not None, within is not None).count(True) > 1:
        raise click.UsageError("names, --due and --within exclude each other")
    now = datetime.now(UTC)
    rule = Due(share=due or THIRD, within=within)
    spec, wanted = load(spec_path(), now.date())
    if spec.pki.authority is Source.EXTERNAL:
        _request(spec, wanted, now, names, rule)
        return
    with output.progress() as begin:
        result = asyncio.run(renew(spec, wanted, now, names=names, due=rule, progress=begin("certs")))
    output.data(renewed_text(result), issued_json(result))


def _request(spec: Spec, wanted: Wanted, now: datetime, names: tuple[str, ...], rule: Due) -> None:
    """With an authority elsewhere: ask for what is named or due."""
    from ringfence.ops.certs.of_spec import due_names
    from ringfence.ops.certs.outside import request
    from ringfence.reports.outside import requested_json, requested_text

    with output.progress() as begin:
        result = asyncio.run(
            request(
                spec,
                wanted,
                now,
                renew=names or asyncio.run(due_names(spec, wanted, now, rule)),
                progress=begin("requests"),
            )
        )
    output.data(requested_text(result), requested_json(result))
    output.answer(not result.waiting)
