"""``ringfence apply``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ringfence.cli import output
from ringfence.cli.options import LiveVerb, live
from ringfence.errors import FileError, Place

if TYPE_CHECKING:
    from ringfence.changes.plan import Plan
    from ringfence.ops.pace import Pace


@click.command("apply", cls=LiveVerb)
@click.argument("file", required=False, metavar="[PLAN]")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--pace",
    metavar="N/s",
    envvar="RINGFENCE_PACE",
    show_envvar=True,
    help="Auth writes a second while auth is on; default: one request in a thousand may have to be repeated.",
)
def command(file: str | None, yes: bool, pace: str | None) -> None:
    """Carry out a plan, switch auth on, and prove the result.

    Without PLAN one is made and shown now. Auth is switched on last, after root was proved to get in everywhere and
    nobody without a certificate; if the proof then fails, it is switched off again. Exit 2: the proof failed, or the
    server has a known hole that the spec does not accept.
    """
    from ringfence.ops.apply import apply
    from ringfence.ops.planning import plan
    from ringfence.ops.verify import verify
    from ringfence.proof.verification import Verification
    from ringfence.reports.apply import applied_json, applied_text
    from ringfence.reports.plan import plan_text

    now = datetime.now(UTC)
    here = live(now)
    chosen = asyncio.run(plan(here.spec, here.wanted, here.target)).plan if file is None else _read(file)
    output.note(plan_text(chosen))
    if chosen.changes and not yes and not output.confirmed("Carry it out?"):
        raise click.exceptions.Abort

    with output.progress() as begin:

        async def prove() -> Verification:
            advance = begin("verify")
            return await verify(here.spec, here.wanted, here.target, here.keyring, now=now, advance=advance)

        advance = begin("apply")
        work = apply(
            here.spec,
            here.wanted,
            here.target,
            plan=chosen,
            prove=prove,
            today=now.date(),
            pace=_pace(pace),
            advance=advance,
            tell=output.note,
        )
        result = asyncio.run(work)
    output.data(
        applied_text(result.plan, result.verification, switched_off_again=result.switched_off_again),
        applied_json(result.plan, result.verification, switched_off_again=result.switched_off_again),
    )
    output.answer(result.succeeded)


def _pace(text: str | None) -> Pace | None:
    from ringfence.ops.pace import Pace

    if text is None:
        return None
    try:
        per_second = float(text.removesuffix("/s"))
    except ValueError:
        per_second = 0.0
    if not 0 < per_second < float("inf"):
        raise click.BadParameter(f"{text!r} is not a number of writes a second, such as 2/s", param_hint="--pace")
    return Pace(per_second)


def _read(file: str) -> Plan:
    from ringfence.changes.plan import read_plan

    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        hint = "ringfence plan --out writes one"
        raise FileError.of(f"cannot be read: {why}", place=Place(file), hint=hint) from None
    return read_plan(text, file)
