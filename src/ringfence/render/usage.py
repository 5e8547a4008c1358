"""What a rendered file is, how it is applied, and how that is undone.

It stands in the head of the file, as comments. What knows no comments (JSON, flags for ``xargs``) has it in a page
beside it, and so has a folder that is applied as a whole.
"""

from __future__ import annotations

import re
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


def page(usage: Usage) -> str:
    """The same as a text of its own."""
    steps = (("Apply", usage.apply), ("Undo", usage.undo), ("Note", usage.notes))
    parts = [f"# {usage.title}, written by ringfence"]
    for word, told in steps:
        listed = "\n".join("\n".join(_filled(each, "- ", "  ")) for each in told)
        parts += [f"{word}:\n\n{listed}"] if told else []
    return "\n\n".join(parts) + "\n"


FOLDER_PAGE, FILE_PAGE = "README.md", ".README.md"
"""The page of a folder, and what that of a single file has behind the name of the file."""


def under_head(text: str, usage: Usage) -> str:
    """A text that somebody else made, under a head of ours; one from an earlier time gives way to it.

    Args:
        text: with its line endings, and a byte order mark if it has one.
        usage: for the head.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    rest = _OUR_HEAD.sub("", text.removeprefix(mark), count=1)
    end = "\r\n" if "\r\n" in rest else "\n"
    return mark + head(usage).replace("\n", end) + rest


_OUR_HEAD = re.compile(r"\A# [^\r\n]*, written by ringfence\.\r?\n(?:# (?:Apply:|Undo: |Note: | {6}) [^\r\n]*\r?\n)+")


def _lines(usage: Usage) -> Iterator[str]:
    yield f"{usage.title}, written by ringfence."
    for word, steps in (("Apply:", usage.apply), ("Undo: ", usage.undo)):
        for number, step in enumerate(steps):
            yield from _wrapped(step, word if number == 0 else " " * len(word))
    for note in usage.notes:
        yield from _wrapped(note, "Note: ")


def _wrapped(text: str, word: str) -> list[str]:
    """Lines of comment."""
    return _filled(text, f"{word} ", " " * (len(word) + 1))


def _filled(text: str, first: str, others: str) -> list[str]:
    """Lines; neither a word is broken nor what stands between backticks, so that commands can be copied."""
    whole = _COMMAND.sub(lambda found: found[0].replace(" ", _NO_BREAK), text)
    lines = textwrap.wrap(
        whole,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_NO_BREAK, " ") for line in lines]


_COMMAND = re.compile(r"`[^`]*`")
_NO_BREAK = "\0"
