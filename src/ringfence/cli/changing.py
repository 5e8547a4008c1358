"""What verbs share that change users and roles: how fast, what else is deleted, and the question before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from ringfence.cli import output

if TYPE_CHECKING:
    from ringfence.changes.diff import Prune
    from ringfence.changes.plan import Plan
    from ringfence.ops.live import Live
    from ringfence.ops.reach.pace import Pace

_SLOWEST = 0.001
"""Writes a second: a write every quarter of an hour. Ten of them take hours already."""

C = TypeVar("C", bound=Callable[..., None])


def pace_option(command: C) -> C:
    """``--pace``; ``pace`` reads it."""
    return click.option(
        "--pace",
        "pace_text",
        metavar="N/s",
        envvar="RINGFENCE_PACE",
        show_envvar=True,
        help="Auth writes a second while auth is on; default: one request in a thousand may have to be repeated.",
    )(command)


def pace(text: str | None) -> Pace | None:
    """What ``--pace`` says."""
    from ringfence.ops.reach.pace import Pace

    if text is None:
        return None
    try:
        per_second = float(text.removesuffix("/s"))
    except ValueError:
        per_second = 0.0
    if not 0 < per_second < float("inf"):
        raise click.BadParameter(f"{text!r} is not a number of writes a second, such as 2/s", param_hint="--pace")
    if per_second < _SLOWEST:
        raise click.BadParameter(f"{text!r} is slower than {_SLOWEST}/s, and would hardly end", param_hint="--pace")
    return Pace(per_second)


def ahead(here: Live, plan: Plan, pace: Pace | None, *, auth_on: bool, yes: bool) -> Pace | None:
    """Tell how long a plan with changes takes, and ask for a yes where none was given.

    Args:
        here: the cluster that it is for, which the question names.
        plan: what was shown.
        pace: what ``--pace`` says.
        auth_on: whether auth of v3 is on.
        yes: do not ask.

    Returns:
        The pace to go at, as it was told.

    Raises:
        Abort: the answer is no.
    """
    from ringfence.ops.execution.forecast import forecast

    expected = asyncio.run(forecast(here.target, plan, pace, auth_on=auth_on))
    if expected.sentence:
        output.note(expected.sentence)
    if not yes and not output.confirmed(f"Carry it out on {_cluster(here, plan)}?"):
        raise click.exceptions.Abort
    return expected.pace


def _cluster(here: Live, plan: Plan) -> str:
    """Its name in the spec, etcd's own id of it, and how it is reached: variables of etcdctl may say otherwise."""
    through = ", ".join(here.target.endpoints)
    others = "" if here.target.endpoints == here.spec.cluster.endpoints else " (not the spec's endpoints)"
    return f"{here.spec.cluster.name} ({plan.cluster_id:x}) through {through}{others}"


def prune_option(command: C) -> C:
    """``--prune``, for a verb that makes a plan; ``prune`` reads it."""
    return click.option(
        "--prune",
        "prune_kinds",
        type=click.Choice(["users", "roles"]),
        multiple=True,
        help="Plan to delete the users, or the roles, that the spec does not name; may be given twice.",
    )(command)


def prune(kinds: tuple[str, ...]) -> frozenset[Prune]:
    """What ``--prune`` says."""
    from ringfence.changes.diff import Prune

    return frozenset(Prune(kind) for kind in kinds)
