"""What is wanted for the specs that the tests write."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ringfence.errors import SpecError
from ringfence.ops.load import understand
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted

HEAD = "version: 1\ncluster: {endpoints: [https://a:2379], etcd: 3.6.14}\n"
"""Two lines; what a test adds begins on line 3."""


def both(text: str) -> tuple[Spec, Wanted]:
    """A correct spec, and what it asks for."""
    return understand(text, "ringfence.yaml", Path("/srv/spec"), date(2026, 9, 1))


def wanted(text: str) -> Wanted:
    """What the head and ``text`` ask for."""
    return both(HEAD + text)[1]


def problems(text: str, head: str = HEAD) -> list[str]:
    """Every problem of the head and ``text``, without hints."""
    return [problem for problem, _ in hinted(text, head)]


def hinted(text: str, head: str = HEAD) -> list[tuple[str, str | None]]:
    """Every problem of the head and ``text``, with its hint."""
    try:
        both(head + text)
    except SpecError as error:
        return [(str(problem), problem.hint) for problem in error.problems]
    return []
