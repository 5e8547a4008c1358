"""``ringfence destroy``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.changing import ahead, pace, pace_option
from ringfence.cli.options import LiveVerb, live, spec_path


@click.command("destroy", cls=LiveVerb)
@click.option("--with-auth", is_flag=True, help="Switch auth off first, and delete root too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pace_option
def command(with_auth: bool, yes: bool, pace_text: str | None) -> None:
    """Delete the users and roles of the spec from etcd, and nothing else.

    Who logs in as one of these users may do nothing from then on. Root and auth stay, unless --with-auth: then every
    client may do everything. Users under protect stay, and so does what the spec does not name; keys, certificates
    and configuration are not touched.
    """
    from ringfence.ops.destroy import Removal, destroy
    from ringfence.ops.execution.journal import Journal
    from ringfence.ops.execution.readiness import check_ready
    from ringfence.ops.execution.recorded import recorded
    from ringfence.reports.plan import destroyed_json, destroyed_text, plan_text

    here, chosen_pace = live(datetime.now(UTC)), pace(pace_text)
    removal = Removal(here.spec, here.wanted, with_auth)
    found = asyncio.run(removal.plan(here.target))
    check_ready(found)
    plan = found.plan
    if plan.changes:
        output.note(plan_text(plan))
        auth_on = found.observed.state.auth_enabled and not with_auth
        chosen_pace = ahead(here, plan, chosen_pace, auth_on=auth_on, yes=yes)
    if plan.changes:
        with output.progress() as begin:
            advance = begin("destroy")
            work = recorded(
                Journal.beside(spec_path()),
                "destroy",
                plan,
                here.target,
                lambda told: destroy(removal, here.target, plan=plan, pace=chosen_pace, advance=told, tell=output.note),
                advance=advance,
            )
            asyncio.run(work)
    output.data(destroyed_text(plan), destroyed_json(plan))
