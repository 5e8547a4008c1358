"""From the words of the command line to a request: verbs, keys as text, escapes or hex, prefixes and ranges. Pure."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ringfence.errors import InputError, Problem
from ringfence.keyspace import prefix_end
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import OPEN_END
from ringfence.model.text import key_text
from ringfence.rules.calls import Call
from ringfence.rules.requests import (
    DeleteRange,
    OfLease,
    Put,
    Range,
    RangeStream,
    Request,
    RoleGet,
    Service,
    UserGet,
    Watch,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A question as it is typed.

    Args:
        verb: see ``VERBS``.
        key: the key, or for ``user-get`` and ``role-get`` the name.
        range_end: the first key after the range.
        prefix: every key that begins with ``key``.
        from_key: every key from ``key`` on.
        is_hex: ``key`` and ``range_end`` are hex.
        prev_kv: the request also asks for the old value.
    """

    verb: str
    key: str | None = None
    range_end: str | None = None
    prefix: bool = False
    from_key: bool = False
    is_hex: bool = False
    prev_kv: bool = False


_BY_KEY: Mapping[str, Callable[[bytes, bytes, bool], Request]] = {
    "get": lambda key, end, _: Range(key, end),
    "put": lambda key, _, prev_kv: Put(key, prev_kv),
    "del": DeleteRange,
    "watch": Watch,
    "range-stream": lambda key, end, _: RangeStream(key, end),
}
_WITH_OLD_VALUE = frozenset({"put", "del", "watch"})
_NAMED: Mapping[str, Callable[[str], Request]] = {
    "user-get": lambda name: UserGet(UserName(name)),
    "role-get": lambda name: RoleGet(RoleName(name)),
}
_OTHER_WORDS = {
    "read": "get",
    "range": "get",
    "list": "get",
    "write": "put",
    "delete": "del",
    "endpoint-status": "status",
    "alarm-disarm": "alarm-set",
    "alarm-activate": "alarm-set",
    "snapshot-save": "snapshot",
    "defragment": "defrag",
    "hashkv": "hash-kv",
    "lease-keepalive": "lease-keep-alive",
    "lease-leases": "lease-list",
    **{f"member-{word}": "member-change" for word in ("add", "remove", "update", "promote")},
    **{f"auth-{word}": "auth-change" for word in ("enable", "disable")},
    **{f"user-{word}": "auth-change" for word in ("add", "delete", "passwd", "grant-role", "revoke-role")},
    **{f"role-{word}": "auth-change" for word in ("add", "delete", "grant-permission", "revoke-permission")},
}
_ON_LEASES = frozenset(
    {Call.LEASE_REVOKE, Call.LEASE_KEEP_ALIVE, Call.LEASE_TIME_TO_LIVE, Call.LEASE_KEYS, Call.LEASE_LIST}
)
VERBS = (*_BY_KEY, *_NAMED, *(call.value for call in Call if call.value not in _BY_KEY))
"""Every verb; etcdctl's words for the same are taken too."""


def read_request(words: Words) -> Request:
    """The request that is asked about.

    Raises:
        InputError: everything that is wrong with the words.
    """
    verb = _OTHER_WORDS.get(words.verb, words.verb)
    if verb not in VERBS:
        near = nearest(words.verb, (*VERBS, *_OTHER_WORDS))
        hint = f"did you mean {near}?" if near else f"one of {', '.join(VERBS)}"
        raise InputError.of(f"{words.verb!r} is no verb", hint=hint)
    if words.prev_kv and verb not in _WITH_OLD_VALUE:
        raise InputError.of(f"{verb} has no old value to ask for", hint="leave out --prev-kv")
    if verb in _NAMED:
        return _named(verb, words)
    if verb in _BY_KEY:
        key, range_end = _keys(words, verb)
        return _BY_KEY[verb](key, range_end, words.prev_kv)
    return _call(Call(verb), words)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` was probably meant to be."""
    found = difflib.get_close_matches(name, list(known), 1)
    return found[0] if found else None


def _named(verb: str, words: Words) -> Request:
    if not words.key:
        raise InputError.of(f"{verb} needs a name", hint=f"write {verb} NAME")
    if _is_ranged(words) or words.is_hex:
        raise InputError.of(f"{verb} takes a name and nothing else", hint=f"write {verb} NAME")
    return _NAMED[verb](words.key)


def _is_ranged(words: Words) -> bool:
    return words.prefix or words.from_key or words.range_end is not None


def _call(call: Call, words: Words) -> Request:
    if call in _ON_LEASES:
        if _is_ranged(words):
            raise InputError.of(f"{call.value} takes one key that the lease holds, not a range")
        key = None if words.key is None else _keys(words, call.value)[0]
        return OfLease(call, () if key is None else (key,))
    if _is_ranged(words) or words.is_hex or words.key is not None:
        raise InputError.of(f"{call.value} takes no key", hint=f"write {call.value} alone")
    return Service(call)


def _keys(words: Words, verb: str) -> tuple[bytes, bytes]:
    problems: list[Problem] = []
    chosen = [words.prefix, words.from_key, words.range_end is not None]
    if sum(chosen) > 1:
        problems.append(Problem("RANGE_END, --prefix and --from-key exclude each other", hint="keep one of them"))
    if verb == "put" and any(chosen):
        problems.append(Problem("put writes one key, not a range", hint="ask about one key"))
    if words.key is None:
        problems.append(Problem(f"{verb} needs a key", hint=f"write {verb} KEY, or {verb} '' --prefix for every key"))
    key = _bytes(words.key or "", words, problems)
    end = _bytes(words.range_end or "", words, problems)
    if words.key == "" and not (words.prefix or words.from_key):
        problems.append(Problem("the empty key does not exist in etcd", hint="the first key is \\x00"))
    if words.range_end == "":
        problems.append(Problem("the empty end is no end", hint="leave it out for one key; --from-key for no end"))
    elif words.range_end is not None and end != OPEN_END and end <= key and not problems:
        where = "where" if end == key else "before"
        what = f"the range ends {where} it starts: [{key_text(key)}, {key_text(end)}) holds no key"
        problems.append(Problem(what, hint="RANGE_END is the first key after the range"))
    if problems:
        raise InputError(*problems)
    if words.prefix:
        return key or b"\x00", prefix_end(key) or OPEN_END
    return key or b"\x00", OPEN_END if words.from_key else end


_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(x[0-9A-Fa-f]?|.?))", re.DOTALL)
_SHORT = {b"\\": b"\\", b"n": b"\n", b"t": b"\t", b"r": b"\r", b"0": b"\x00"}


def _bytes(text: str, words: Words, problems: list[Problem]) -> bytes:
    """The key that ``text`` means; what Python could not decode of an argument comes back as the bytes it was."""
    if words.is_hex:
        try:
            return bytes.fromhex(text) if text == "".join(text.split()) else bytes.fromhex("-")
        except ValueError:
            problems.append(Problem(f"{text!r} is not hex", hint="write two of 0-9 a-f for each byte"))
            return b""
    wrong: list[bytes] = []

    def meant(found: re.Match[bytes]) -> bytes:
        if found[1] is not None:
            return bytes.fromhex(found[1].decode())
        if found[2] not in _SHORT:
            wrong.append(found[0])
        return _SHORT.get(found[2], b"")

    key = _ESCAPE.sub(meant, os.fsencode(text))
    if wrong:
        shown = wrong[0].decode("ascii", "backslashreplace")
        hint = "a byte is \\x00 to \\xff, a backslash \\\\; or give the key as --hex"
        problems.append(Problem(f"{shown} is no escape", hint=hint))
    return key
