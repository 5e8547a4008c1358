"""Every command of ringfence on a page is one that the program takes: the real verbs parse it, and do nothing.

What stands in a block of code is whole: no argument may be missing. Between the lines a verb may be named without its
arguments; its options and their choices have to be there all the same.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import click
import pytest

from ringfence.cli.main import VERBS, command

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?<=\n\n)(?: {4}.*\n)+")
_INLINE = re.compile(r"`([^`]+)`")
_ASSIGNED = re.compile(r"[A-Z][A-Z0-9_]*=.*")
_OPERATORS = frozenset("();<>|&")


@dataclass(frozen=True, slots=True)
class Typed:
    """The words behind ``ringfence``, and whether none is left out."""

    words: tuple[str, ...]
    whole: bool


def typed(page: str) -> Iterator[Typed]:
    """The commands of a page."""
    for block in _FENCED.finditer(page):
        if block[1] != "yaml":
            yield from _in_block(block[2])
    prose = _FENCED.sub("\n", page)
    for found in _INDENTED.finditer(prose):
        yield from _in_block(found[0])
    for span in _INLINE.findall(_INDENTED.sub("\n", prose)):
        first, *rest = span.split() or [""]
        if first in VERBS:
            yield Typed((first, *rest), whole=False)
        elif first == "ringfence":
            yield from (Typed(tuple(words[1:]), whole=False) for words in _simple(" ".join(span.split())))


def _in_block(text: str) -> Iterator[Typed]:
    for line in text.replace("\\\n", " ").splitlines():
        for words in _simple(line.strip().removeprefix("$ ")):
            if words[0] == "ringfence":
                yield Typed(tuple(words[1:]), whole=True)


def _simple(line: str) -> Iterator[list[str]]:
    """The commands that a line of shell is made of, without assignments before them and files behind them."""
    if "ringfence" not in line:
        return
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    behind_a_redirection = False
    for token in (*lexer, ";"):
        if not _OPERATORS.issuperset(token):
            if not behind_a_redirection and (words or not _ASSIGNED.fullmatch(token)):
                words.append(token)
            behind_a_redirection = False
        elif ">" in token or "<" in token:
            behind_a_redirection = True
            if words and words[-1].isdigit():  # of 2>
                words.pop()
        else:
            if words:
                yield words
            words = []


def parse(these: Typed) -> None:
    """Have the program read the words, and run nothing.

    Raises:
        click.UsageError: it does not take them.
    """
    with mock.patch.object(click.Command, "invoke", return_value=None):
        try:
            command.main(list(these.words), prog_name="ringfence", standalone_mode=False)
        except (click.MissingParameter, click.BadOptionUsage, click.exceptions.NoArgsIsHelpError):
            if these.whole:
                raise


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_a_page(page: Path) -> None:
    """Verbs, options, choices and arguments are the program's own."""
    wrong = []
    for these in typed(page.read_text(encoding="utf-8")):
        try:
            parse(these)
        except click.UsageError as error:
            wrong.append(f"ringfence {shlex.join(these.words)}: {error.format_message()}")
    assert [] == wrong


def test_there_are_commands() -> None:
    """A pattern that finds none would pass without a word."""
    found = {page.name: list(typed(page.read_text(encoding="utf-8"))) for page in PAGES}
    assert len([these for each in found.values() for these in each if these.whole]) >= 30
    for name in (
        "README.md",
        "ansible.md",
        "certificates.md",
        "delivery.md",
        "kubernetes.md",
        "running-cluster.md",
        "v2.md",
    ):
        assert found[name], name


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("```console\n$ ringfence plan | tail -1\nx\n```\n", [Typed(("plan",), whole=True)]),
        ("```sh\nA=b ringfence plan 2>/dev/null >x\n```\n", [Typed(("plan",), whole=True)]),
        ("```sh\ncd x && ringfence plan \\\n  --out 'a b'\n```\n", [Typed(("plan", "--out", "a b"), whole=True)]),
        ("```yaml\nringfence plan\n```\n", []),
        ("text\n\n    ringfence certs issue   # all\n    cd x\n", [Typed(("certs", "issue"), whole=True)]),
        ("say `auth\ndisable`, `ringfence plan` or `plan.json`", [*(
            Typed(words, whole=False) for words in (("auth", "disable"), ("plan",))
        )]),
    ],
)  # fmt: skip
def test_what_is_found(page: str, expected: list[Typed]) -> None:
    """Blocks, indented and fenced, and what stands between the lines."""
    assert expected == list(typed(page))


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ("plans", False),
        ("certs list --expire 30d", False),
        ("render kube-apiserver --format k4s", False),
        ("plan --prune everybody", False),
        ("catalog show", True),
        ("render calico --in", True),
        ("certs", True),
        ("auth status now", False),
    ],
)
def test_a_wrong_command_is_found(words: str, whole: bool) -> None:
    """Unknown verbs, options, choices and arguments anywhere; what is missing, in a block."""
    with pytest.raises(click.UsageError):
        parse(Typed(tuple(words.split()), whole=whole))


@pytest.mark.parametrize("words", ["catalog show", "certs", "render calico --in"])
def test_between_the_lines_arguments_may_be_missing(words: str) -> None:
    """The same words, where a sentence names a verb."""
    parse(Typed(tuple(words.split()), whole=False))
