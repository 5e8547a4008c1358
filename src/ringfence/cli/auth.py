"""``ringfence auth``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.options import LiveVerb, Verb, connection, live, spec_path

_MEANING = """\
Auth off means: everybody who can connect reads and writes every key, Kubernetes' secrets included.
Users and roles stay as they are. Nothing has to be restarted. Clients that log in by password get no new tokens."""


@click.group("auth")
def command() -> None:
    """Look at auth on every member, keep it on, or switch it off."""


@command.command("status", cls=LiveVerb)
def status() -> None:
    """Ask every member itself whether auth is on, and name the condition it is in.

    Nothing is changed. Exit 0: on everywhere, and healthy. Exit 2: anything else.
    """
    from ringfence.ops.auth_status import auth_status
    from ringfence.reports.auth import status_json, status_text

    found = asyncio.run(auth_status(spec_path(), connection(), datetime.now(UTC)))
    output.data(status_text(found), status_json(found))
    output.answer(found.is_healthy)


@command.command("confirm", cls=Verb)
def confirm_() -> None:
    """Let auth stay on after apply --confirm-within, on the machine where that was run."""
    from ringfence.ops.auth import confirm

    asyncio.run(confirm(spec_path()))
    output.data("Confirmed: auth stays on.", {"confirmed": True})


@command.command("disable", cls=LiveVerb)
@click.option("--yes", is_flag=True, help="Do not ask.")
def disable_(yes: bool) -> None:
    """Switch auth off, and see on every member that it is."""
    from ringfence.ops.auth import disable, is_on
    from ringfence.ops.execution.journal import Act, Journal
    from ringfence.reports.auth import disabled_json, disabled_text

    target = live(datetime.now(UTC)).target
    if not asyncio.run(is_on(target)):
        output.data(disabled_text(None, (), ()), disabled_json(None, (), ()))
        return
    output.note(_MEANING)
    if not yes and not output.confirmed("Switch auth off?"):
        raise click.exceptions.Abort
    with Journal.beside(spec_path()).recording(Act(verb="auth disable")):
        done = asyncio.run(disable(target, spec_path()))
    output.data(disabled_text(done.through, done.off, done.unseen), disabled_json(done.through, done.off, done.unseen))
