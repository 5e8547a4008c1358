"""Words as a spec writes them: YAML that every reader takes for the text that it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z0-9/](?:[A-Za-z0-9._:/-]*[A-Za-z0-9._/-])?")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def word(text: str) -> str:
    """``text`` as YAML: plain where that is safe for every reader, else in double quotes, escaped as YAML does."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not _numeric(text)
    return text if plain else "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def listed(words: Iterable[str]) -> str:
    """A list on one line."""
    return f"[{', '.join(map(word, words))}]"


def _escaped(character: str) -> str:
    """JSON's quotes leave raw what YAML does not take, and its own escapes split what is beyond 16 bits."""
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _numeric(text: str) -> bool:
    return text.replace(".", "", 1).replace("_", "").replace(":", "").isdigit()
