"""Adding whole documents to a YAML text of several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ringfence.yamlio.edit import Splice
from ringfence.yamlio.entry import line_break
from ringfence.yamlio.nodes import Mapping

_BORDER = re.compile(r"^(?:---|\.\.\.)(?=\s|\Z)", re.MULTILINE)
"""A line that begins so ends a document wherever it stands, also inside of a block of text (YAML 1.2, 9.1.2)."""


def added_document(text: str, before: Mapping, documents: Iterable[Sequence[str]]) -> Splice:
    """What puts documents behind another, and behind the comments that belong to it.

    Args:
        text: the text that the other was read from.
        before: the root of the other.
        documents: the lines of each, without line breaks.
    """
    border = _BORDER.search(text, before.extent.start)
    new = "\n".join(line for lines in documents for line in ("---", *lines)).replace("\n", line_break(text, 0))
    if border:
        at = border.start()
        return Splice(at, at, new + line_break(text, 0))
    end = len(text)
    return Splice(end, end, new + line_break(text, 0) if text.endswith("\n") else line_break(text, 0) + new)
