"""``-o json``: every verb prints one value on stdout, or refuses before it does anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.cli.options import Verb
from tests.integration.site import Site, ringfence
from tests.unit.cli.test_help import every_command, found_by

KEY = ("get", "/inventory/a", "--as", "inventory")
SESSION: tuple[tuple[str, ...], ...] = (
    ("init", "-f", "new.yaml"),
    ("check",),
    ("certs", "issue"),
    ("certs", "list"),
    ("certs", "renew", "inventory"),
    ("plan",),
    ("apply", "--yes"),
    ("verify",),
    ("auth", "status"),
    ("can-i", *KEY),
    ("who-can", *KEY[:2]),
    ("catalog", "list"),
    ("catalog", "show", "calico/node"),
    ("auth", "disable", "--yes"),
    ("destroy", "--yes"),
)
"""What an operator may type one after the other, each of them with ``-o json``."""

ELSEWHERE = {
    ("certs", "accept"),  # test_outside_authority.py
    ("certs", "prepare"),  # tests/integration/openbao/test_prepare.py
    ("auth", "confirm"),  # tests/integration/guard/test_confirm.py
    ("demo",),  # test_demo.py
}
"""Verbs that need more than a cluster, and whose own tests ask for JSON."""

FILES = {
    words: found.has_json
    for words in every_command()
    if isinstance(found := found_by(words), Verb) and not found.has_json
}


def test_every_verb_is_tried() -> None:
    """None is left out, and groups are no verbs."""
    verbs = {words for words in every_command() if isinstance(found_by(words), Verb)}
    tried = {words for words in verbs for typed in SESSION if typed[: len(words)] == words}
    assert verbs == tried | ELSEWHERE | set(FILES)
    assert not tried & set(FILES)


def test_a_session_in_json(site: Site) -> None:
    """stdout is one value each time, whatever else is told on stderr."""
    for words in SESSION:
        ran = site.run(*words, "-o", "json")
        assert ran.code in {0, 2}, (words, ran.err)
        assert isinstance(json.loads(ran.out), dict), words


@pytest.mark.parametrize("words", FILES, ids=" ".join)
def test_a_file_is_no_value(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Before or behind the verb: exit 1, one line and a hint, and nothing is written."""
    for arguments in (("-o", "json", *words), (*words, "-o", "json")):
        given = (*arguments, *_needed(words))
        ran = ringfence(*given, folder=tmp_path)
        assert (1, "") == (ran.code, ran.out)
        what = f"{' '.join(words)} has no JSON form: what it makes is a file, in the form in which it is used"
        assert [f"ringfence: {what}"] == ran.problems
        assert "  hint: leave -o json out\n" in ran.err
        assert not list(tmp_path.iterdir())


def _needed(words: tuple[str, ...]) -> tuple[str, ...]:
    """What the verb must be given to be understood."""
    needed = (option for option in found_by(words).params if option.required)
    return tuple(part for option in needed for part in (option.opts[0], "x"))
