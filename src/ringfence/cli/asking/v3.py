"""A question about etcd v3: the request that is meant, and where the users and roles come from."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ringfence.cli.options import live
from ringfence.errors import InputError
from ringfence.model.version import Version

if TYPE_CHECKING:
    from ringfence.rules.requests import Request
    from ringfence.spec.shape import Spec
    from ringfence.wanted.answers.v3 import Source
    from ringfence.wanted.build import Wanted


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
    from ringfence.wanted.answers.v3 import from_spec

    spec, wanted = loaded
    if not spec.cluster.has_v3:
        hint = "say cluster.api: [v2, v3] in it, or ask about v2: --api v2"
        raise InputError.of("the spec is for etcd v2 alone", place=spec.cluster.place, hint=hint)
    return from_spec(spec, wanted, named)
