"""Reading ``cluster.accept``: known holes of the server that the operator lives with, each until a day."""

from __future__ import annotations

import re
from datetime import date

from ringfence.spec.reader import Cursor, shown
from ringfence.spec.shape import Acceptance

_ADVISORY = re.compile(r"(CVE|GHSA|etcd)-[A-Za-z0-9-]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_acceptances(cursor: Cursor, today: date) -> tuple[Acceptance, ...]:
    """The accepted holes, none twice; one whose last day is before ``today`` is marked as expired.

    That is no problem of the spec: it would stop every verb on that day, the way to the upgrade included.
    """
    accepted: dict[str, Acceptance] = {}
    for item in cursor.items():
        fields = item.fields(("id", "until", "reason"))
        name, until, reason = fields.need("id"), fields.need("until", "give a day: until: 2027-01-31"), None
        why = fields.need("reason", "say in a few words why it is acceptable until then")
        if why is not None:
            reason = why.text()
            if reason is not None and not reason.strip():
                why.problem("is empty", "say in a few words why it is acceptable until then")
        advisory = None if name is None else _advisory(name)
        day = None if until is None else _until(until)
        if advisory is None or day is None or not reason:
            continue
        if advisory in accepted:
            item.problem(f"{advisory} is accepted twice", "keep one of them")
            continue
        accepted[advisory] = Acceptance(id=advisory, until=day, reason=reason, expired=day < today, place=item.place)
    return tuple(accepted.values())


def _advisory(cursor: Cursor) -> str | None:
    written = cursor.text()
    if written is None or _ADVISORY.fullmatch(written):
        return written
    cursor.problem(f"{shown(written)} is no advisory", "write it as CVE-2026-33343 or GHSA-rfx7-8w68-q57q")
    return None


def _until(cursor: Cursor) -> date | None:
    written = cursor.text()
    if written is None:
        return None
    try:
        day = date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        day = None
    if day is None:
        cursor.problem(f"{shown(written)} is not a day", "write it as 2027-01-31")
    return day
