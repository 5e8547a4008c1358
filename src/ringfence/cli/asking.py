"""What ``can-i`` and ``who-can`` share: how a question is typed, and where the users and roles come from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from ringfence.cli.options import live, spec_path
from ringfence.errors import InputError
from ringfence.model.version import Version

if TYPE_CHECKING:
    from ringfence.rules.requests import Request
    from ringfence.spec.shape import Spec
    from ringfence.wanted.answers import Source
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


def asked(verb: str | None, *, recursive: bool, **words: object) -> Request:
    """The request that the words mean."""
    from ringfence.rules.question import VERBS, Words, read_request

    if recursive:
        raise InputError.of("--recursive is about paths of v2", hint="write --prefix, or ask about v2: --api v2")
    if verb is None:
        raise InputError.of("a verb is missing", hint=f"one of {', '.join(VERBS)}")
    return read_request(Words(verb=verb, **words))  # type: ignore[arg-type]  # click's values, by the names of Words


def source(loaded: tuple[Spec, Wanted], *, is_live: bool, version: str | None) -> Source:
    """Where the answer comes from: the spec, or with ``--live`` the cluster."""
    named = None if version is None else Version.parse(version)
    if version is not None and named is None:
        raise InputError.of(f"{version!r} is no version of etcd", hint="write it as 3.5.1 or 3.5")
    if is_live:
        from ringfence.ops.answers import live_source

        return asyncio.run(live_source(live(datetime.now(UTC)), named))
    from ringfence.wanted.answers import from_spec

    spec, wanted = loaded
    if not spec.cluster.has_v3:
        hint = "say cluster.api: [v2, v3] in it, or ask about v2: --api v2"
        raise InputError.of("the spec is for etcd v2 alone", place=spec.cluster.place, hint=hint)
    return from_spec(spec, wanted, named)
