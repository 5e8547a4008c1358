"""Options that verbs share which change users and roles: how fast, and what else is deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from ringfence.changes.diff import Prune
    from ringfence.ops.execution.pace import Pace

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
    from ringfence.ops.execution.pace import Pace

    if text is None:
        return None
    try:
        per_second = float(text.removesuffix("/s"))
    except ValueError:
        per_second = 0.0
    if not 0 < per_second < float("inf"):
        raise click.BadParameter(f"{text!r} is not a number of writes a second, such as 2/s", param_hint="--pace")
    return Pace(per_second)


def prune_option(command: C) -> C:
    """``--prune``, for a verb that makes a plan; ``prune`` reads it."""
    return click.option(
        "--prune",
        "prune_kinds",
        type=click.Choice(["users", "roles"]),
        multiple=True,
        help="Delete the users, or the roles, that the spec does not name; may be given twice.",
    )(command)


def prune(kinds: tuple[str, ...]) -> frozenset[Prune]:
    """What ``--prune`` says."""
    from ringfence.changes.diff import Prune

    return frozenset(Prune(kind) for kind in kinds)
