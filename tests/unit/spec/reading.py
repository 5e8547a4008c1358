"""Specs as the tests write them, and what comes of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ringfence.errors import Problem, SpecError
from ringfence.spec.read import examine, read
from ringfence.spec.shape import Spec

TODAY = date(2026, 9, 1)
FOLDER = Path("/srv/spec")
HEAD = "version: 1\ncluster: {endpoints: [https://a:2379]}\n"
"""Two lines; what a test adds begins on line 3."""


def good(text: bytes | str) -> Spec:
    """The spec; it must have no problem."""
    return read(text, "ringfence.yaml", FOLDER, TODAY)


def problems(text: bytes | str) -> list[Problem]:
    """The problems, in their order."""
    try:
        return list(examine(text, "ringfence.yaml", FOLDER, TODAY).problems)
    except SpecError as error:
        return list(error.problems)


def lines(text: bytes | str) -> list[str]:
    """The problems as the operator sees them, without hints."""
    return [str(problem) for problem in problems(text)]


def grant(text: str) -> str:
    """A spec whose only grant, on line 5, is ``text``."""
    return f"{HEAD}components:\n  - name: a\n    grants: [{text}]\n"


def member(text: str) -> str:
    """A spec whose only member, on line 4, is ``text``."""
    return f"version: 1\ncluster:\n  members:\n    - {{{text}}}\n"
