"""Keys as people and JSON see them: text where the bytes are plain, else escaped or hex."""

from __future__ import annotations

from ringfence.keyspace import EVERYTHING, Span


def key_text(key: bytes) -> str:
    """The key as one readable word: plain ASCII as it is, any other byte as ``\\xNN``, a backslash doubled."""
    return "".join(chr(byte) if 0x21 <= byte <= 0x7E and byte != 0x5C else _escaped(byte) for byte in key)


def span_text(span: Span) -> str:
    """The span in words: ``/calico/*`` for a prefix, the key itself, ``[a, b)``, or ``[a, end)`` for an open end."""
    if span == EVERYTHING:
        return "every key"
    if span.is_key:
        return key_text(span.start)
    if span.prefix is not None:
        return key_text(span.prefix) + "*"
    return f"[{key_text(span.start)}, {'end' if span.end is None else key_text(span.end)})"


def _escaped(byte: int) -> str:
    return "\\\\" if byte == 0x5C else " " if byte == 0x20 else f"\\x{byte:02x}"
