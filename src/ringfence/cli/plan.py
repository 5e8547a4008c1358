"""``ringfence plan``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.changing import prune, prune_option
from ringfence.cli.options import LiveVerb, live


@click.command("plan", cls=LiveVerb)
@click.option("--out", metavar="FILE", help="Write the plan there, for apply FILE.")
@prune_option
def command(out: str | None, prune_kinds: tuple[str, ...]) -> None:
    """Show what apply would change in etcd, each change also as the etcdctl command.

    Every member is asked itself whether auth is on, and which users and roles it has. Nothing is written to etcd.
    Exit 0: in sync. Exit 2: there is something to change, or a member says something else than the others.
    """
    from ringfence.ops.plan_file import check_out, write_plan
    from ringfence.ops.planning import plan
    from ringfence.reports.plan import agreement_text, alarms_text, plan_json, plan_text

    path = None if out is None else check_out(out)
    here = live(datetime.now(UTC))
    found = asyncio.run(plan(here.spec, here.wanted, here.target, prune(prune_kinds)))
    made = found.plan
    if path is not None:
        write_plan(path, made)
        output.note(f"wrote {out}; next: ringfence apply {out}")
    alarms = tuple(alarm.name for alarm in found.alarms)
    in_v2 = None if found.v2 is None else found.v2.agreement
    text = "\n".join(filter(None, (agreement_text(found.agreement, in_v2), alarms_text(alarms), plan_text(made))))
    output.data(text, plan_json(made, found.agreement, alarms, in_v2))
    output.answer(found.in_sync)
