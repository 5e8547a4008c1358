"""Reading ``patterns:``: what a component of one's own may touch in etcd v2.

A pattern is a path, or with a star at its end all paths that begin so. etcd compares it with the path of a request as
it was sent, so a pattern that no request can have is refused here instead of silently giving nothing.
"""

from __future__ import annotations

from ringfence.model.permission import Access
from ringfence.model.v2 import Pattern
from ringfence.spec.components.grants import read_shares
from ringfence.spec.reader import Cursor, Report, shown
from ringfence.spec.shape import PatternGrant
from ringfence.yamlio import nodes


def read_patterns(cursor: Cursor) -> tuple[PatternGrant, ...]:
    """The patterns of a list; those that cannot be used are left out, and their problems noted."""
    found: dict[Pattern, PatternGrant] = {}
    for item in cursor.items():
        grant = _read(item)
        if grant is not None and grant.pattern in found:
            item.problem(f"{grant.pattern} is listed twice", "keep one of them, with the access of both")
        elif grant is not None:
            found[grant.pattern] = grant
    if cursor.is_empty_list:
        cursor.problem("grants nothing", "add a pattern: {pattern: /NAME/*, access: readwrite}")
    return tuple(found.values())


def is_pattern(text: str) -> bool:
    """Whether a spec takes a pattern that stands in no file yet."""
    return _pattern(Cursor(nodes.Scalar(text, False, nodes.Extent(0, 0, 1, 0)), 1, "", Report(""))) is not None


def _read(cursor: Cursor) -> PatternGrant | None:
    noted = len(cursor.report.problems)
    fields = cursor.fields(("pattern", "access", "shares-with"))
    written = fields.need("pattern", "name the paths: pattern: /NAME/*")
    asked = fields.need("access", "add access: read, write or readwrite")
    pattern = None if written is None else _pattern(written)
    access = None if asked is None else asked.enum(Access)
    shares = fields.read("shares-with", read_shares) or ()
    if pattern is None or access is None or len(cursor.report.problems) > noted:
        return None
    return PatternGrant(access=access, pattern=pattern, shares_with=shares, place=cursor.place)


def _pattern(cursor: Cursor) -> Pattern | None:
    """One that a request can match."""
    written = cursor.text()
    if written is None:
        return None
    stem = written.removesuffix("*")
    if not written:
        cursor.problem("the empty pattern matches nothing", "write a path such as /NAME/*")
    elif not written.startswith("/"):
        cursor.problem(f"{shown(written)} matches no path", f"every path begins with a slash: write /{written}")
    elif "*" in stem:
        cursor.problem(
            f"{shown(written)} has a star inside, where etcd takes it for a plain character",
            "only a star at the end stands for anything: write one pattern for each",
        )
    elif not written.isprintable():
        cursor.problem(f"{shown(written)} holds control characters", "leave them out")
    elif any(step in {"", ".", ".."} for step in stem.removesuffix("/").split("/")[1:]) and stem != "/":
        cursor.problem(f"{shown(written)} matches no path", "etcd cleans paths: leave out . and .. and doubled slashes")
    elif len(written) > 1 and written.endswith("/"):
        path = written.removesuffix("/")
        cursor.problem(
            f"{written} matches only a request that ends in that slash",
            f"write {path} for the directory, and {path}/* for what is below it",
        )
    else:
        return Pattern(written)
    return None
