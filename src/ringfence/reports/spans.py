"""Spans as data."""

from __future__ import annotations

from ringfence.keyspace import SpanSet
from ringfence.model.text import span_text
from ringfence.yamlio.dump import Plain


def spans_json(keys: SpanSet) -> Plain:
    """Spans in words and as hex, which alone is exact; an open end is null."""
    return [
        {"keys": span_text(span), "start": span.start.hex(), "end": None if span.end is None else span.end.hex()}
        for span in keys
    ]
