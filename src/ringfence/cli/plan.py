"""``ringfence plan``."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import click

from ringfence.cli import output
from ringfence.cli.options import LiveVerb, live


@click.command("plan", cls=LiveVerb)
@click.option("--out", metavar="FILE", help="Write the plan there, for apply FILE.")
def command(out: str | None) -> None:
    """Show what apply would change in etcd, each change also as the etcdctl command.

    Nothing is written to etcd. Exit 0: in sync. Exit 2: there is something to change.
    """
    from ringfence.ops.planning import plan
    from ringfence.ops.publish import publish
    from ringfence.reports.plan import plan_text

    here = live(datetime.now(UTC))
    made = asyncio.run(plan(here.spec, here.wanted, here.target)).plan
    if out is not None:
        publish({Path(out): json.dumps(made.to_json(), indent=2) + "\n"}, private=False)
        output.note(f"wrote {out}; next: ringfence apply {out}")
    output.data(plan_text(made), made.to_json())
    output.answer(not made.changes)
