"""How a question is typed, and which store it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from ringfence.cli.options import spec_path

if TYPE_CHECKING:
    from ringfence.spec.shape import Spec
    from ringfence.wanted.build import Wanted

C = TypeVar("C", bound=Callable[..., None])

# The argument KEY has another name inside: the option --key, the private key to log in with, takes that one.
_OPTIONS = (
    click.argument("verb", required=False, metavar="VERB"),
    click.argument("first", required=False, metavar="[KEY"),
    click.argument("range_end", required=False, metavar="[RANGE_END]]"),
    click.option("--prefix", is_flag=True, help="Every key that begins with KEY."),
    click.option("--from-key", is_flag=True, help="Every key from KEY on."),
    click.option("--hex", "is_hex", is_flag=True, help="KEY and RANGE_END are hex."),
    click.option("--prev-kv", is_flag=True, help="A put, del or watch that also asks for the old value."),
    click.option("--live", "is_live", is_flag=True, help="Ask about the users of the cluster, not of the spec."),
    click.option("--etcd", "version", metavar="VERSION", help="Judge as this release does; default: the one in use."),
    click.option("--api", type=click.Choice(["v2", "v3"]), help="Which store; default: v3, where the spec has it."),
    click.option("--recursive", is_flag=True, help="In v2, where KEY is a path: all below it."),
)


def question(command: C) -> C:
    """Give a command the arguments and options of a question."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def opened() -> tuple[Spec, Wanted]:
    """The spec, and what it asks for."""
    from ringfence.ops.load import load

    return load(spec_path(), datetime.now(UTC).date())


def is_about_v2(api: str | None, spec: Spec) -> bool:
    """Whether a question is about v2: by ``--api``, else where the spec is for nothing else."""
    return api == "v2" if api is not None else not spec.cluster.has_v3
