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
    from ringfence.wanted.answers import Source

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
)


def question(command: C) -> C:
    """Give a command the arguments and options of a question."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked(verb: str | None, **words: object) -> Request:
    """The request that the words mean."""
    from ringfence.rules.question import VERBS, Words, read_request

    if verb is None:
        raise InputError.of("a verb is missing", hint=f"one of {', '.join(VERBS)}")
    return read_request(Words(verb=verb, **words))  # type: ignore[arg-type]  # click's values, by the names of Words


def source(*, is_live: bool, version: str | None) -> Source:
    """Where the answer comes from: the spec, or with ``--live`` the cluster."""
    named = None if version is None else Version.parse(version)
    if version is not None and named is None:
        raise InputError.of(f"{version!r} is no version of etcd", hint="write it as 3.5.1 or 3.5")
    now = datetime.now(UTC)
    if is_live:
        from ringfence.ops.answers import live_source

        return asyncio.run(live_source(live(now), named))
    from ringfence.ops.load import load
    from ringfence.wanted.answers import from_spec

    return from_spec(*load(spec_path(), now.date()), named)
