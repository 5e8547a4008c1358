"""From the words of the command line to a request of v2: a verb of etcdctl and a path. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.errors import InputError, Problem
from ringfence.model.permission import Access
from ringfence.rules.question import nearest
from ringfence.rules.v2.requests import Request2, clean

VERBS_V2 = ("get", "put", "del", "watch")
"""Every verb; etcdctl's words for the same are taken too."""

_ACCESS: Mapping[str, Access] = {
    **dict.fromkeys(("get", "ls", "watch", "read", "list"), Access.READ),
    **dict.fromkeys(("put", "set", "mk", "mkdir", "setdir", "update", "updatedir", "write"), Access.WRITE),
    **dict.fromkeys(("del", "rm", "rmdir", "delete"), Access.WRITE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsV2:
    """A question as it is typed.

    Args:
        verb: see ``VERBS_V2``.
        path: what follows ``/v2/keys``.
        recursive: whether it is about all below the path.
        foreign: options that were given and are v3's.
    """

    verb: str
    path: str | None
    recursive: bool
    foreign: tuple[str, ...] = ()


def read_request_v2(words: WordsV2) -> Request2:
    """The request that is asked about.

    Raises:
        InputError: everything that is wrong with the words.
    """
    problems = [
        Problem(f"{option} is about keys of v3", hint="v2 has paths; --recursive asks about all below one")
        for option in words.foreign
    ]
    if words.verb not in _ACCESS:
        near = nearest(words.verb, _ACCESS)
        hint = f"did you mean {near}?" if near else f"one of {', '.join(VERBS_V2)}"
        problems.append(Problem(f"{words.verb!r} is no verb of v2", hint=hint))
    path = words.path
    if path is None:
        problems.append(Problem(f"{words.verb} needs a path", hint=f"write {words.verb} PATH, such as /calico/v1"))
    elif not path.startswith("/"):
        problems.append(Problem(f"{path!r} is no path of v2", hint=f"every path begins with a slash: /{path}"))
    elif clean(path) is None:
        problems.append(Problem(f"{path!r} leads out of the keys", hint="leave out .."))
    if problems:
        raise InputError(*problems)
    return Request2(path or "/", _ACCESS[words.verb], words.recursive)
