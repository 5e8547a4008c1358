"""``ringfence certs accept``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from ringfence.cli import output
from ringfence.cli.options import Verb, spec_path


@click.command("accept", cls=Verb)
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--ca", metavar="FILE", type=click.Path(path_type=Path), help="The authority's bundle; needed once.")
def command(files: tuple[Path, ...], ca: Path | None) -> None:
    """Check what an authority elsewhere signed, and put it to use.

    FILE holds PEM certificates, with intermediates in any order; without one, everything in the folder of requests is
    looked at. What passes every check is installed with its key, the rest stays as it was. Exit 1: something was not
    accepted; exit 2: certificates are still waited for.
    """
    from ringfence.errors import CertificateError
    from ringfence.ops.certs.outside import accept
    from ringfence.ops.load import load
    from ringfence.reports.outside import accepted_json, accepted_text

    now = datetime.now(UTC)
    spec, wanted = load(spec_path(), now.date())
    result = asyncio.run(accept(spec, wanted, files=files, ca=ca, now=now))
    output.data(accepted_text(result), accepted_json(result))
    if result.problems:
        raise CertificateError(*result.problems)
    output.answer(not result.waiting)
