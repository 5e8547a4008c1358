"""``ringfence check``."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.options import Verb, spec_path


@click.command("check", cls=Verb)
@click.option("--prove", is_flag=True, help="Show every span, and ask etcd's own rules who else reaches it.")
def command(prove: bool) -> None:
    """Validate the spec and prove, offline, that its segments are disjoint.

    Nothing is dialled and no key is opened. All problems are reported at once, each with its line and a hint.
    Exit 0: the fence is sound as it is written. Exit 1: the spec has problems; a grant that reaches into a segment
    without shares-with is one. Exit 2: the proof failed, or the etcd that the spec names has a known hole that it does
    not accept.
    """
    from ringfence.ops.check import check
    from ringfence.ops.load import load
    from ringfence.reports.check import check_json, check_text

    spec, wanted = load(spec_path(), datetime.now(UTC).date())
    result = check(spec, wanted, closely=prove)
    output.data(check_text(result, prove=prove), check_json(result))
    output.answer(result.is_sound)
