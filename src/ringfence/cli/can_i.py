"""``ringfence can-i``."""

from __future__ import annotations

import click

from ringfence.cli import output
from ringfence.cli.asking.question import is_about_v2, opened, question
from ringfence.cli.asking.v2 import QUESTION, can_v2
from ringfence.cli.asking.v3 import asked, source
from ringfence.cli.options import LiveVerb
from ringfence.errors import InputError


@click.command("can-i", cls=LiveVerb)
@question
@click.option("--as", "user", metavar="USER", required=True, help="Who asks: a user of etcd.")
@click.option("--list", "is_list", is_flag=True, help="List everything that USER may do, and what holes give it.")
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
    user: str,
    is_list: bool,
) -> None:
    r"""Say whether USER may do something, by etcd's own rules, and why.

    VERB is get, put, del, watch or range-stream with a KEY, which is one key unless RANGE_END, --prefix or --from-key
    say otherwise; user-get or role-get with a name; lease-revoke and the like with a key that the lease holds; or
    compact, status, member-list and the like alone. Bytes are written \x00. In etcd v2 (--api v2) VERB is get, put,
    del or watch with a path. Exit 0: yes. Exit 2: no.
    """
    from ringfence.model.names import UserName

    loaded = opened()
    if is_about_v2(api, loaded[0]):
        words = {name: value for name, value in click.get_current_context().params.items() if name in QUESTION}
        can_v2(loaded, user, is_live=is_live, is_list=is_list, words=words)
        return
    from ringfence.reports.answers import can_json, can_text, list_json, list_text
    from ringfence.wanted.answers.v3 import calls, can, check_user, more_by_holes

    name = UserName(user)
    if is_list:
        if verb is not None or prefix or from_key or is_hex or prev_kv or recursive:
            raise InputError.of("--list takes no question", hint="leave out one of the two")
        where = source(loaded, is_live=is_live, version=version)
        check_user(where, name)
        open_calls = calls(where, name)
        more = more_by_holes(where, name, open_calls)
        output.data(list_text(name, open_calls, where, more), list_json(name, open_calls, where, more))
        return
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
    found = can(source(loaded, is_live=is_live, version=version), name, request)
    output.data(can_text(found), can_json(found))
    output.answer(found.answer.allowed)
