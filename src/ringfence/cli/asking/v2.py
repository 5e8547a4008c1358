"""A question about etcd v2: the request that is meant, and the answer of ``can-i`` and ``who-can``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ringfence.cli import output
from ringfence.cli.options import live
from ringfence.errors import InputError

if TYPE_CHECKING:
    from ringfence.rules.v2.requests import Request2
    from ringfence.spec.shape import Spec
    from ringfence.wanted.answers.v2 import SourceV2
    from ringfence.wanted.build import Wanted


QUESTION = ("verb", "first", "range_end", "prefix", "from_key", "is_hex", "prev_kv", "version", "recursive")
"""The arguments of which a question is made."""


def can_v2(
    loaded: tuple[Spec, Wanted], user: str, *, is_live: bool, is_list: bool, words: Mapping[str, object]
) -> None:
    """Answer ``can-i`` about v2."""
    from ringfence.reports.answers_v2 import can_v2_json, can_v2_text, list_v2_json, list_v2_text
    from ringfence.wanted.answers.v2 import can_v2 as can
    from ringfence.wanted.answers.v2 import known_v2

    if is_list:
        if any(words.values()):
            raise InputError.of("--list takes no question", hint="leave out one of the two")
        source = _source(loaded, user, is_live=is_live)
        known = known_v2(source, user)
        output.data(list_v2_text(known, source), list_v2_json(known, source))
        return
    request = _request(words)
    found = can(_source(loaded, user, is_live=is_live), user, request)
    output.data(can_v2_text(found), can_v2_json(found))
    output.answer(found.decision.allowed)


def who_v2(loaded: tuple[Spec, Wanted], *, is_live: bool, words: Mapping[str, object]) -> None:
    """Answer ``who-can`` about v2."""
    from ringfence.reports.answers_v2 import who_v2_json, who_v2_text
    from ringfence.wanted.answers.v2 import who_v2 as who

    request = _request(words)
    found = who(_source(loaded, None, is_live=is_live), request)
    output.data(who_v2_text(found), who_v2_json(found, request))
    output.answer(any(one.decision.allowed for one in found))


def _request(words: Mapping[str, object]) -> Request2:
    from ringfence.rules.v2.question import VERBS_V2, WordsV2, read_request_v2

    verb, path = words["verb"], words["first"]
    if not isinstance(verb, str):
        raise InputError.of("a verb is missing", hint=f"one of {', '.join(VERBS_V2)}")
    named = {"range_end": "RANGE_END", "is_hex": "--hex", "version": "--etcd"}
    foreign = tuple(named.get(each, f"--{each.replace('_', '-')}") for each in QUESTION[2:-1] if words[each])
    recursive = words["recursive"] is True
    return read_request_v2(
        WordsV2(verb=verb, path=path if isinstance(path, str) else None, recursive=recursive, foreign=foreign)
    )


def _source(loaded: tuple[Spec, Wanted], user: str | None, *, is_live: bool) -> SourceV2:
    if is_live:
        from ringfence.model.names import UserName
        from ringfence.ops.v2.answers import live_source_v2

        return asyncio.run(live_source_v2(live(datetime.now(UTC)), None if user is None else UserName(user)))
    from ringfence.wanted.answers.v2 import from_spec_v2

    spec, wanted = loaded
    return from_spec_v2(spec, wanted.v2)
