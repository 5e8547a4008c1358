"""The head of a rendered file: what it is, how it is applied, and how that is undone, as comments."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WIDTH = 118


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What somebody who finds the file has to know.

    Args:
        title: what the file is; "written by ringfence" is added.
        apply: the steps that put it to use, one sentence or command each.
        undo: the steps back.
        notes: what else holds, one paragraph each.
    """

    title: str
    apply: Sequence[str]
    undo: Sequence[str]
    notes: Sequence[str] = ()


def head(usage: Usage) -> str:
    """The comment lines, each starting with ``#``, for YAML, environment files and units alike."""
    return "".join(f"# {line}\n" for line in _lines(usage))


def _lines(usage: Usage) -> Iterator[str]:
    yield f"{usage.title}, written by ringfence."
    for word, steps in (("Apply:", usage.apply), ("Undo: ", usage.undo)):
        for number, step in enumerate(steps):
            yield from _wrapped(step, word if number == 0 else " " * len(word))
    for note in usage.notes:
        yield from _wrapped(note, "Note: ")


def _wrapped(text: str, word: str) -> list[str]:
    """Lines of comment; a word is never broken, so that commands and URLs can be copied."""
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"{word} ",
        subsequent_indent=" " * (len(word) + 1),
        break_long_words=False,
        break_on_hyphens=False,
    )
