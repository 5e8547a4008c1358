"""What ``check`` found, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.keyspace import SpanSet
from ringfence.model.state import Reach
from ringfence.model.text import span_text
from ringfence.reports.table import counted, table
from ringfence.wanted.build import Identity
from ringfence.wanted.disjoint import Plot, Proof
from ringfence.yamlio.dump import Plain

_MOST_SPANS = 4
"""More than this many spans of one kind are counted in the text; the JSON, and ``--prove``, have them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """A spec without problems: who is in it, whose keys are whose, and what to know of it."""

    file: str
    identities: tuple[Identity, ...]
    proof: Proof
    notes: tuple[str, ...]


def check_text(result: CheckResult, *, prove: bool = False) -> str:
    """The segments and who reaches them, then the notes.

    Args:
        result: what was found.
        prove: every span of every segment in the order of keys, instead of a summary.
    """
    parts = [_segments(result, prove=prove), _users(result), _verdict(result.proof)]
    parts += [] if not result.notes else ["\n".join(f"note: {note}" for note in result.notes)]
    return "\n\n".join(part for part in parts if part) + "\n"


def check_json(result: CheckResult) -> dict[str, Plain]:
    """The same as data: ``{"valid", "disjoint", "segments": [...], "identities": [...], "notes": [...]}``."""
    return {
        "valid": True,
        "disjoint": result.proof.holds,
        "compared": result.proof.compared,
        "segments": [_plot(plot) for plot in result.proof.plots],
        "identities": [
            {
                "name": identity.user,
                "kind": identity.label,
                "login": identity.login.value,
                "read": _spans(identity.reach.read),
                "write": _spans(identity.reach.write),
                "place": str(identity.place),
            }
            for identity in result.identities
        ],
        "notes": list(result.notes),
    }


def _segments(result: CheckResult, *, prove: bool) -> str:
    """A row for the owner of each segment, and one for each visitor."""
    rows = [("SEGMENT", "KEYS", "WHO", "MAY")]
    reaches = {identity.user: identity.reach for identity in result.identities}
    for plot in result.proof.plots:
        spans = [span_text(span) for span in plot.spans] or ["none"]
        if len(spans) > _MOST_SPANS and not prove:
            spans = [*spans[: _MOST_SPANS - 1], f"and {len(spans) - _MOST_SPANS + 1} more"]
        who = [(str(plot.owner), _may(_own(reaches[plot.owner], plot.spans)))]
        who += [(str(visit.user), _may(Reach(visit.read, visit.write), partly=plot.spans)) for visit in plot.visits]
        height = max(len(spans), len(who))
        keys = spans + [""] * (height - len(spans))
        held = who + [("", "")] * (height - len(who))
        owners = [str(plot.owner)] + [""] * (height - 1)
        rows += [(owner, key, user, may) for owner, key, (user, may) in zip(owners, keys, held, strict=True)]
    return table(rows) if len(rows) > 1 else "no component: nothing is fenced in"


def _own(reach: Reach, spans: SpanSet) -> Reach:
    return Reach(reach.read & spans, reach.write & spans)


def _may(reach: Reach, partly: SpanSet | None = None) -> str:
    """``read``, ``write`` or both, and where the keys are not all of the segment's, which."""
    if reach.read == reach.write:
        return _words("readwrite", reach.read, partly)
    words = []
    for access, keys in (("read", reach.read), ("write", reach.write)):
        if keys:
            words.append(_words(access, keys, partly))
    return ", ".join(words)


def _words(access: str, keys: SpanSet, partly: SpanSet | None) -> str:
    if partly is None or keys == partly:
        return access
    spans = [span_text(span) for span in keys]
    return f"{access} {' '.join(spans[:2])}" + (f" and {len(spans) - 2} more" if len(spans) > 2 else "")


def _users(result: CheckResult) -> str:
    """Identities without a segment: the users of the spec."""
    owners = {plot.owner for plot in result.proof.plots}
    rows = [
        (str(identity.user), identity.login.value, _list(reach.read), _list(reach.write))
        for identity in result.identities
        if identity.user not in owners
        for reach in (identity.reach,)
    ]
    return table([("USER", "LOGIN", "MAY READ", "MAY WRITE"), *rows]) if rows else ""


def _list(keys: SpanSet) -> str:
    return ", ".join(span_text(span) for span in keys) or "nothing"


def _verdict(proof: Proof) -> str:
    if not proof.holds:
        return f"NOT disjoint: {', '.join(span_text(span) for span in proof.shared)}"
    segments = counted(len(proof.plots), "segment")
    return f"{segments}, pairwise disjoint ({counted(proof.compared, 'neighbouring pair')} of spans compared)"


def _plot(plot: Plot) -> Plain:
    visits: Iterator[Plain] = (
        {"identity": visit.user, "read": _spans(visit.read), "write": _spans(visit.write)} for visit in plot.visits
    )
    return {"owner": plot.owner, "spans": _spans(plot.spans), "reached_by": list(visits)}


def _spans(keys: SpanSet) -> Plain:
    """Spans in words and as hex, which alone is exact; an open end is null."""
    return [
        {"keys": span_text(span), "start": span.start.hex(), "end": None if span.end is None else span.end.hex()}
        for span in keys
    ]
