"""``ringfence certs``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.options import Verb, spec_path


@click.group("certs")
def command() -> None:
    """Issue and list the certificates that the spec asks for."""


@command.command("issue", cls=Verb)
def issue_() -> None:
    """Issue what is missing, wrong or due; leave the rest alone.

    The authority is made the first time. Keys are 0600 from the first byte; what is replaced is moved aside, never
    overwritten.
    """
    from ringfence.ops.issue import issue
    from ringfence.ops.load import load
    from ringfence.reports.certs import issued_json, issued_text

    now = datetime.now(UTC)
    spec, wanted = load(spec_path(), now.date())
    with output.progress() as begin:
        result = asyncio.run(issue(spec, wanted, now, begin("certs")))
    output.data(issued_text(result), issued_json(result))


@command.command("list", cls=Verb)
def list_() -> None:
    """List every certificate in the pki folder, and what is wrong with it."""
    from ringfence.ops.issue import listing
    from ringfence.ops.load import load
    from ringfence.reports.certs import listed_json, listed_text

    now = datetime.now(UTC)
    spec, wanted = load(spec_path(), now.date())
    result = asyncio.run(listing(spec, wanted, now))
    output.data(listed_text(result, now), listed_json(result))
