"""``ringfence auth``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ringfence.cli import output
from ringfence.cli.options import LiveVerb, Verb, connection, live, spec_path

if TYPE_CHECKING:
    from ringfence.ops.auth import Disabled
    from ringfence.ops.reach.target import Target

_MEANING = """\
Auth off means: everybody who can connect reads and writes every key, Kubernetes' secrets included.
Users and roles stay as they are. Nothing has to be restarted. Clients that log in by password get no new tokens."""


_MEANING_V2 = """\
v2 auth off means: everybody who can connect reads and writes every key of the v2 store, Calico's policies included.
Users and roles stay as they are. Nothing has to be restarted."""


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
@click.option("--api", type=click.Choice(["v2", "v3"]), help="Of this store alone; default: of all of the spec's.")
def disable_(yes: bool, api: str | None) -> None:
    """Switch auth off, and see on every member that it is."""
    from ringfence.ops.auth import is_on
    from ringfence.ops.execution.journal import Act, Journal
    from ringfence.reports.auth import disabled_json, disabled_text

    here = live(datetime.now(UTC))
    chosen = here.spec.cluster.api if api is None else (api,)
    done: dict[str, Disabled | None] = dict.fromkeys(chosen)
    on = [each for each in chosen if asyncio.run(is_on(here.target) if each == "v3" else _is_on_v2(here.target))]
    if on:
        output.note(_MEANING if "v3" in on else _MEANING_V2)
        if not yes and not output.confirmed("Switch auth off?"):
            raise click.exceptions.Abort
        with Journal.beside(spec_path()).recording(Act(verb="auth disable")):
            for each in on:
                done[each] = asyncio.run(_disabled(each, here.target))
    told = {
        each: (None, (), ()) if found is None else (found.through, found.off, found.unseen)
        for each, found in done.items()
    }
    text = "\n".join(disabled_text(*of, name="Auth" if each == "v3" else "v2 auth") for each, of in told.items())
    if told.keys() == {"v3"}:
        output.data(text, disabled_json(*told["v3"]))
    else:
        output.data(text, {each: disabled_json(*of) for each, of in told.items()})


async def _is_on_v2(target: Target) -> bool:
    from ringfence.ops.v2.switch import V2

    return await V2.is_on_anywhere(target)


async def _disabled(api: str, target: Target) -> Disabled:
    from ringfence.ops.auth import disable

    if api == "v3":
        return await disable(target, spec_path())
    from ringfence.ops.v2.status import disable_v2

    return await disable_v2(target, spec_path())
