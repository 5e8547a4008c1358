"""What a member's log says at its end, for the error that reports its death. Pure."""

from __future__ import annotations

import json
import re

_LINES = 5
_GRAVE = ("fatal", "panic", "error")
_TAKEN = re.compile(r"listen tcp ([\w.\[\]:]+): bind: address already in use")


def taken_address(log: str) -> str | None:
    """The ``host:port`` that something else was listening on, where that is why the member died."""
    found = _TAKEN.search(log)
    return found[1] if found else None


def last_words(log: str) -> tuple[str, ...]:
    """The last few lines that tell of a failure, or just the last few, as ``message: error``."""
    lines = [line for line in log.splitlines() if line.strip()]
    grave = [line for line in lines if _level(line) in _GRAVE]
    return tuple(_plain(line) for line in (grave or lines)[-_LINES:])


def _fields(line: str) -> dict[str, object]:
    """The fields of a line of etcd's JSON log (3.5 and later write JSON by default); of any other line none."""
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _level(line: str) -> object:
    return _fields(line).get("level")


def _plain(line: str) -> str:
    fields = _fields(line)
    parts = [str(fields[name]) for name in ("msg", "error") if fields.get(name)]
    return ": ".join(parts) or line.strip()
