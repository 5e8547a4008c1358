"""One change that prepares the server: shown first, carried out when the operator says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the server.

    Args:
        what: it, for people.
        command: the same as somebody would type it; secrets as ``@FILE``.
        carry_out: does it.
    """

    what: str
    command: str
    carry_out: Callable[[], Awaitable[None]] = field(repr=False, compare=False)


def command(path: str, parameters: Mapping[str, object]) -> str:
    """``bao write`` for these parameters; lists as the command line takes them."""
    return " ".join(("bao write", path, *(f"{name}={_word(value)}" for name, value in parameters.items())))


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if text and " " not in text else f'"{text}"'
