"""``ringfence auth``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ringfence.cli import output
from ringfence.cli.group import Group
from ringfence.cli.options import LiveVerb, connection, live, spec_path

if TYPE_CHECKING:
    from ringfence.ops.switch.off import Disabled

_MEANING = """\
Auth off means: everybody who can connect reads and writes every key, Kubernetes' secrets included.
Users and roles stay as they are. Nothing has to be restarted. Clients that log in by password get no new tokens."""


_MEANING_V2 = """\
v2 auth off means: everybody who can connect reads and writes every key of the v2 store, Calico's policies included.
Users and roles stay as they are. Nothing has to be restarted."""


@click.group("auth", cls=Group)
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


@command.command("confirm", cls=LiveVerb)
def confirm_() -> None:
    """Let auth stay on after apply --confirm-within, on the machine where that was run.

    Where the guard died before (auth status: unconfirmed) this says that you vouch for auth as it is: run verify first.
    Exit 2: the guard stands down, but somebody has switched auth off.
    """
    from ringfence.ops.auth_by_hand import confirm, stores_on
    from ringfence.reports.auth import confirmed_json, confirmed_text

    async def look(stores: Sequence[str]) -> tuple[str, ...]:
        return await stores_on(live(datetime.now(UTC)).target, stores)

    off = asyncio.run(confirm(spec_path(), look))
    output.data(confirmed_text(off), confirmed_json(off))
    output.answer(not off)


@command.command("disable", cls=LiveVerb)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--api", type=click.Choice(["v2", "v3"]), help="Of this store alone; default: of all of the spec's.")
def disable_(yes: bool, api: str | None) -> None:
    """Switch auth off, and see on every member that it is."""
    from ringfence.ops.auth_by_hand import disable, stores_on
    from ringfence.reports.auth import disabled_json, disabled_text

    here = live(datetime.now(UTC))
    chosen = here.spec.cluster.api if api is None else (api,)
    done: dict[str, Disabled] = {}
    on = asyncio.run(stores_on(here.target, chosen))
    if on:
        output.note(_MEANING if "v3" in on else _MEANING_V2)
        if not yes and not output.confirmed("Switch auth off?"):
            raise click.exceptions.Abort
        done = asyncio.run(disable(here.target, spec_path(), on))
    told: dict[str, tuple[str | None, tuple[str, ...], tuple[str, ...]]] = {
        each: (done[each].through, done[each].off, done[each].unseen) if each in done else (None, (), ())
        for each in chosen
    }
    text = "\n".join(disabled_text(*of, name="Auth" if each == "v3" else "v2 auth") for each, of in told.items())
    if told.keys() == {"v3"}:
        output.data(text, disabled_json(*told["v3"]))
    else:
        output.data(text, {each: disabled_json(*of) for each, of in told.items()})
