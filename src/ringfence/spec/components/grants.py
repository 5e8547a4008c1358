"""Reading grants: access to one key, prefix or range, less what is excepted.

Narrow reading is guarded: a prefix that does not end in a slash also covers its neighbours, and every write of
kube-apiserver and Calico needs read as well (a transaction's untaken branch is checked too), so both must be meant.
"""

from __future__ import annotations

import re

from ringfence.keyspace import FIRST_KEY, Span, SpanSet
from ringfence.model.permission import Access
from ringfence.model.text import key_text, span_text
from ringfence.spec.reader import Cursor, Fields, shown
from ringfence.spec.shape import Grant
from ringfence.yamlio import nodes

FORMS = ("prefix", "key", "range", "from-key")
_HEX = re.compile(r"([0-9A-Fa-f]{2})*")
_EVERYTHING = 'from-key: {hex: "00"} is every key'


def read_grants(cursor: Cursor) -> tuple[Grant, ...]:
    """The grants of a list; those that cannot be used are left out, and their problems noted."""
    grants = tuple(grant for item in cursor.items() if (grant := read_grant(item)) is not None)
    if cursor.is_empty_list:
        cursor.problem("grants nothing", "add a grant: {prefix: /NAME/, access: readwrite}")
    return grants


def read_grant(cursor: Cursor) -> Grant | None:
    """One grant: exactly one of ``prefix``, ``key``, ``range`` and ``from-key``, with ``access`` and its options.

    A grant with any problem is left out whole, so that no further problem is made up from what remains of it.
    """
    noted = len(cursor.report.problems)
    fields = cursor.fields((*FORMS, "access", "except", "beyond-slash", "write-only", "shares-with"))
    access = _access(fields)
    span = _span(fields)
    exclude = fields.read("except", lambda at: _exclude(at, span)) or ()
    shares = fields.read("shares-with", read_shares) or ()
    if access is None or span is None or len(cursor.report.problems) > noted:
        return None
    return Grant(access=access, span=span, exclude=exclude, shares_with=shares, place=cursor.place)


def _access(fields: Fields) -> Access | None:
    cursor = fields.need("access", "add access: read, write or readwrite")
    access = None if cursor is None else cursor.enum(Access)
    meant = fields.get("write-only")
    if access is Access.WRITE and cursor is not None and meant is None:
        cursor.problem(
            "write without read: transactions that read what they replace are denied",
            "use readwrite, or add write-only: true if that is meant",
        )
    elif meant is not None and meant.flag() is True and access not in {Access.WRITE, None}:
        meant.problem("says nothing unless access is write", "remove it")
    elif meant is not None and access is Access.WRITE and meant.flag() is False:
        meant.problem("contradicts access: write", "use readwrite, or write-only: true")
    return access


def _span(fields: Fields) -> Span | None:
    """The span of the one form that is written."""
    forms = [name for name in FORMS if fields.get(name) is not None]
    beyond = fields.get("beyond-slash")
    wide = None if beyond is None else beyond.flag()
    if len(forms) != 1:
        what = f"has {' and '.join(forms)}" if forms else f"needs one of {', '.join(FORMS)}"
        fields.owner.problem(what, "a grant names one key, one prefix or one range; write one grant for each")
        return None
    cursor = fields.get(forms[0])
    assert cursor is not None
    if beyond is not None and wide and forms[0] != "prefix":
        beyond.problem(f"says nothing beside {forms[0]}", "remove it")
    if forms[0] == "prefix":
        return _prefix(cursor, beyond, wide=wide is True)
    if forms[0] == "range":
        return _range(cursor)
    return _from_key(cursor) if forms[0] == "from-key" else _key(cursor)


def _prefix(cursor: Cursor, beyond: Cursor | None, *, wide: bool) -> Span | None:
    prefix = read_bytes(cursor)
    if prefix is None:
        return None
    if not prefix:
        cursor.problem("the empty prefix is every key", f"if that is meant: {_EVERYTHING}")
        return None
    slashed = prefix.endswith(b"/")
    if beyond is not None and wide and slashed:
        beyond.problem("says nothing where the prefix ends in a slash", "remove it")
    elif not slashed and not wide:
        text = key_text(prefix)
        cursor.problem(f"{text} also covers {text}2/", f"write {text}/, or add beyond-slash: true if that is meant")
    return Span.of_prefix(prefix)


def _key(cursor: Cursor) -> Span | None:
    key = read_bytes(cursor)
    if key == b"":
        cursor.problem("the empty key does not exist in etcd", "name a key")
        return None
    return None if key is None else Span.of_key(key)


def _from_key(cursor: Cursor) -> Span | None:
    key = read_bytes(cursor)
    if key == b"":
        cursor.problem("the empty key does not exist in etcd", _EVERYTHING)
        return None
    return None if key is None else Span(key, None)


def _range(cursor: Cursor) -> Span | None:
    ends = list(cursor.items())
    if not isinstance(cursor.node, nodes.Sequence):
        return None
    if len(ends) != 2:
        cursor.problem(f"has {len(ends)} ends", "write [FIRST, END]; END is the first key that is not covered")
        return None
    start, end = (read_bytes(item) for item in ends)
    if start is None or end is None:
        return None
    if not start:
        ends[0].problem("the empty key does not exist in etcd", f'{{hex: "{FIRST_KEY.hex()}"}} is the first key')
    elif not end:
        ends[1].problem("the range has no end", f"if that is meant: from-key: {key_text(start)}")
    elif end == start:
        cursor.problem(f"[{key_text(start)}, {key_text(end)}) holds no key", "for that one key: key, not range")
    elif end < start:
        cursor.problem(f"[{key_text(start)}, {key_text(end)}) is inverted", "write the smaller key first")
    else:
        return Span(start, end)
    return None


def _exclude(cursor: Cursor, span: Span | None) -> tuple[Span, ...]:
    """The spans of ``except``, each inside the grant, and together less than all of it."""
    spans: list[Span] = []
    for item in cursor.items():
        out = _excluded(item)
        if out is None or span is None:
            continue
        if not span.covers(out):
            item.problem(f"{span_text(out)} is not inside {span_text(span)}", "except takes keys out of its own grant")
            continue
        spans.append(out)
    if span is not None and SpanSet(spans).covers(span):
        cursor.problem("leaves nothing of the grant", "remove the grant, or except less")
    return tuple(spans)


def _excluded(cursor: Cursor) -> Span | None:
    """One item of ``except``: a prefix with its slash, or a mapping with one of the forms."""
    if isinstance(cursor.node, nodes.Mapping) and cursor.node.get("hex") is None:
        return _span(cursor.fields((*FORMS, "beyond-slash")))
    prefix = read_bytes(cursor)
    if prefix is None:
        return None
    if not prefix.endswith(b"/"):
        text = key_text(prefix) or "''"
        cursor.problem(
            f"{text} is neither a prefix that ends in a slash nor a form", f"write {text}/, or {{key: {text}}}"
        )
        return None
    return Span.of_prefix(prefix)


def read_shares(cursor: Cursor) -> tuple[str, ...]:
    """``shares-with``: the owners whose keys are reached on purpose."""
    owners: list[str] = []
    for item, owner in cursor.texts():
        if owner in owners:
            item.problem(f"{owner} is listed twice", "keep one of them")
        else:
            owners.append(owner)
    if cursor.is_empty_list:
        cursor.problem("names nobody", "list the owners whose keys this grant reaches on purpose, or remove it")
    return tuple(owners)


def read_bytes(cursor: Cursor) -> bytes | None:
    """A key as bytes: text as UTF-8, or ``{hex: "00ff"}``."""
    if isinstance(cursor.node, nodes.Scalar):
        written = cursor.text()
        return None if written is None else written.encode()
    if isinstance(cursor.node, nodes.Sequence):
        cursor.problem("must be a key, not a list", 'write it as text, or as {hex: "00ff"}')
        return None
    digits = cursor.fields(("hex",)).need("hex", 'write {hex: "00ff"}')
    written = None if digits is None else digits.text()
    if digits is None or written is None:
        return None
    if not _HEX.fullmatch(written):
        digits.problem(f"{shown(written)} is not hex", "write two of 0-9 a-f for each byte, without spaces")
        return None
    return bytes.fromhex(written)
