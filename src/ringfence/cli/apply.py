"""``ringfence apply``."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ringfence.cli import output
from ringfence.cli.changing import ahead, pace, pace_option, prune, prune_option
from ringfence.cli.options import LiveVerb, live, spec_path
from ringfence.errors import FileError, InputError, Place, PlanError

if TYPE_CHECKING:
    from ringfence.changes.diff import Prune
    from ringfence.changes.plan import Plan
    from ringfence.model.state import State
    from ringfence.ops.apply import Applied
    from ringfence.ops.live import Live
    from ringfence.spec.shape import Spec

_DURATION = re.compile(r"([0-9]{1,5})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@click.command("apply", cls=LiveVerb)
@click.argument("file", required=False, metavar="[PLAN]")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--confirm-within",
    "within",
    metavar="T",
    help="Auth goes off again after T (30s, 5m) unless ringfence auth confirm follows; default: the proof suffices.",
)
@click.option(
    "--keep-v2-root-password",
    "keep",
    metavar="FILE",
    help="Write the password of v2's root to this new file, mode 0600; default: it is thrown away.",
)
@prune_option
@pace_option
def command(
    file: str | None,
    yes: bool,
    within: str | None,
    keep: str | None,
    prune_kinds: tuple[str, ...],
    pace_text: str | None,
) -> None:
    """Carry out a plan, switch auth on, and prove the result.

    Without PLAN one is made and shown now. Auth is switched on last, after root was proved to get in everywhere and
    nobody without a certificate; if the proof then fails, it is switched off again, also when this process or its
    terminal dies. Where the spec has v2, its auth is switched on and proved before that of v3, in the same way. Exit 2:
    the proof failed, or the server has a known hole that the spec does not accept.
    """
    from ringfence.changes.change import EnableAuth
    from ringfence.ops.apply import apply
    from ringfence.ops.execution.journal import Journal
    from ringfence.ops.execution.recorded import recorded
    from ringfence.ops.v2.alone import v2_alone
    from ringfence.ops.verify import verify
    from ringfence.proof.verification import Verification
    from ringfence.reports.apply import SwitchTold, applied_json, applied_text
    from ringfence.reports.plan import plan_text

    if file is not None and prune_kinds:
        raise InputError.of("--prune does not go with a plan", hint="say it when the plan is made: plan --prune")
    now, chosen_pace, kinds = datetime.now(UTC), pace(pace_text), prune(prune_kinds)
    confirm_within = None if within is None else _duration(within)
    here = live(now)
    chosen, seen = _made(here, kinds) if file is None else (_read(file), None)
    if chosen.changes:  # else the result says it
        output.note(plan_text(chosen, kept=keep))
        chosen_pace = ahead(here, chosen, chosen_pace, auth_on=EnableAuth() not in chosen.changes_v3, yes=yes)

    async def carried_out() -> bool:
        with output.progress() as begin:

            async def prove(spec: Spec) -> Verification:
                advance = begin("verify")
                return await verify(spec, here.wanted, here.target, here.keyring, now=now, advance=advance)

            def work(advance: Callable[[int, int], None]) -> Awaitable[Applied]:
                return apply(
                    here.spec,
                    here.wanted,
                    here.target,
                    plan=chosen,
                    seen=seen,
                    prove=lambda: prove(here.spec),
                    prove_v2=lambda: prove(v2_alone(here.spec)),
                    today=now.date(),
                    pace=chosen_pace,
                    confirm_within=confirm_within,
                    keep_v2_root_password=None if keep is None else Path(keep),
                    advance=advance,
                    tell=output.note,
                )

            journal, advance = Journal.beside(spec_path()), begin("apply")
            result = await recorded(journal, "apply", chosen, here.target, work, advance=advance, result=_word)
        told = SwitchTold(
            off_again=result.switched_off_again,
            v2_off_again=result.v2_switched_off_again,
            confirm_until=result.confirm_until,
            watches=result.watches,
        )
        output.data(
            applied_text(result.plan, result.verification, told), applied_json(result.plan, result.verification, told)
        )
        return result.succeeded

    output.answer(asyncio.run(_to_the_end(here, carried_out)))


async def _to_the_end(here: Live, work: Callable[[], Awaitable[bool]]) -> bool:
    """Do it, and stay until auth is confirmed or off where the guard would end with us."""
    from ringfence.ops.auth_by_hand import staying
    from ringfence.ops.switch.outliving import guard_outlives_us

    return await (work() if guard_outlives_us() else staying(spec_path(), here.target, work, output.note))


def _made(here: Live, kinds: frozenset[Prune]) -> tuple[Plan, State]:
    """A plan of now, of a cluster on which it can be carried out, and what is there; silent members are named."""
    from ringfence.ops.execution.readiness import check_ready
    from ringfence.ops.planning import plan
    from ringfence.reports.plan import agreement_text

    found = asyncio.run(plan(here.spec, here.wanted, here.target, kinds))
    check_ready(found)
    told = agreement_text(found.agreement, None if found.v2 is None else found.v2.agreement)
    if told:
        output.note(told)
    return found.plan, found.observed.state


def _word(result: Applied) -> str:
    """What the journal calls it."""
    if result.switched_off_again or result.v2_switched_off_again:
        return "switched-off-again"
    return "done" if result.succeeded else "not-proved"


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    length = timedelta(seconds=int(found[1]) * _SECONDS[found[2]]) if found else timedelta()
    if not timedelta() < length <= timedelta(days=1):
        raise click.BadParameter(
            f"{text!r} is not a time between 1s and 24h, such as 30s, 5m or 1h", param_hint="--confirm-within"
        )
    return length


def _read(file: str) -> Plan:
    from ringfence.changes.plan import Verb, read_plan

    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        hint = "ringfence plan --out writes one"
        raise FileError.of(f"cannot be read: {why}", place=Place(file), hint=hint) from None
    plan = read_plan(text, file)
    if plan.verb is not Verb.APPLY:
        what = "this is a plan of destroy: it takes away what the spec names, and apply does not carry it out"
        raise PlanError.of(what, place=Place(file), hint="ringfence destroy makes its own, shows it and asks")
    return plan
