"""The parts of a spec as YAML text, one line where it fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ringfence.adoption.division import Written
from ringfence.keyspace import Span
from ringfence.model.permission import Access
from ringfence.spec.writing import listed, word


def grant_line(grant: Written) -> str:
    """A grant, with all that the guards against narrow reading ask for."""
    parts = [*_span(grant.span), f"access: {grant.access.value}"]
    if grant.access is Access.WRITE:
        parts.append("write-only: true")
    if grant.shares_with:
        parts.append(f"shares-with: {listed(grant.shares_with)}")
    return f"{{{', '.join(parts)}}}"


def component_lines(settings: Mapping[str, str | tuple[str, ...] | Mapping[str, str]]) -> Iterator[str]:
    """A component of the catalog, a setting a line."""
    start = "  - "
    for name, value in settings.items():
        yield f"{start}{name}: {_value(value)}"
        start = "    "


def named_grants(head: str, indent: str, grants: Iterable[Written]) -> Iterator[str]:
    """A list of grants below ``head``."""
    yield head
    yield from (f"{indent}- {grant_line(grant)}" for grant in grants)


def comment(text: str, indent: str = "") -> str:
    """A comment; whatever stands in names cannot end it."""
    return f"{indent}# {''.join(_shown(character) for character in text)}"


def _span(span: Span) -> Iterator[str]:
    if span.is_key:
        yield f"key: {_key(span.start)}"
    elif span.end is None:
        yield f"from-key: {_key(span.start)}"
    elif span.prefix:
        yield f"prefix: {_key(span.start)}"
        if not span.start.endswith(b"/"):
            yield "beyond-slash: true"
    else:
        yield f"range: [{_key(span.start)}, {_key(span.end)}]"


def _key(key: bytes) -> str:
    if all(0x20 <= byte <= 0x7E for byte in key):
        return word(key.decode())
    return f'{{hex: "{key.hex()}"}}'


def _value(value: str | tuple[str, ...] | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return word(value)
    if isinstance(value, tuple):
        return listed(value)
    return f"{{{', '.join(f'{word(name)}: {word(text)}' for name, text in value.items())}}}"


def _shown(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]
