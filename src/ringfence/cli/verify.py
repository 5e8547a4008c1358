"""``ringfence verify``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.options import LiveVerb, live


@click.command("verify", cls=LiveVerb)
def command() -> None:
    """Prove on every live member that each identity reaches its own keys only.

    As every identity, and as nobody, a stranger and a foreigner, each member is asked what must and what must not be
    allowed. No key, value or revision is left behind. Exit 2: the fence does not hold, or the server has a known hole
    that the spec does not accept.
    """
    from ringfence.ops.verify import verify
    from ringfence.reports.verification import verification_json, verification_text

    now = datetime.now(UTC)
    here = live(now)
    with output.progress() as begin:
        work = verify(here.spec, here.wanted, here.target, here.keyring, now=now, advance=begin("verify"))
        result = asyncio.run(work)
    output.data(verification_text(result), verification_json(result))
    output.answer(result.holds and result.sound)
