"""``ringfence who-can``."""

from __future__ import annotations

import click

from ringfence.cli import output
from ringfence.cli.asking.question import is_about_v2, opened, question
from ringfence.cli.asking.v2 import QUESTION, who_v2
from ringfence.cli.asking.v3 import asked, source
from ringfence.cli.options import LiveVerb


@click.command("who-can", cls=LiveVerb)
@question
def command(
    verb: str | None,
    first: str | None,
    range_end: str | None,
    prefix: bool,
    from_key: bool,
    is_hex: bool,
    prev_kv: bool,
    is_live: bool,
    version: str | None,
    api: str | None,
    recursive: bool,
) -> None:
    """List who may do something, by etcd's own rules, and why; also who may do a part of it.

    The question is written as for can-i. Holes of this etcd by which others can have it by other requests are listed
    apart, and do not count. Exit 0: somebody may do all of it. Exit 2: nobody.
    """
    loaded = opened()
    if is_about_v2(api, loaded[0]):
        words = {name: value for name, value in click.get_current_context().params.items() if name in QUESTION}
        who_v2(loaded, is_live=is_live, words=words)
        return
    from ringfence.reports.answers import who_json, who_text
    from ringfence.wanted.answers.v3 import others_by_holes, who

    request = asked(
        verb,
        key=first,
        range_end=range_end,
        prefix=prefix,
        from_key=from_key,
        is_hex=is_hex,
        prev_kv=prev_kv,
        recursive=recursive,
    )
    where = source(loaded, is_live=is_live, version=version)
    found = who(where, request)
    others = others_by_holes(where, request)
    output.data(who_text(found, where, others), who_json(found, where, others))
    output.answer(any(one.answer.allowed for one in found))
