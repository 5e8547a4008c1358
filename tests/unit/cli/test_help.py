"""Help texts: every verb has one, says what its exit codes mean, and the list of verbs says the same as the verb."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import click
import pytest
from click.testing import CliRunner

from ringfence.cli import main, output
from ringfence.cli.main import VERBS, command
from ringfence.errors import InputError


def every_command() -> Iterator[tuple[str, ...]]:
    """The words of every command, groups and their verbs included."""
    context = click.Context(command)
    for verb in command.list_commands(context):
        yield (verb,)
        found = command.get_command(context, verb)
        if isinstance(found, click.Group):
            yield from ((verb, inner) for inner in found.commands)


def found_by(words: tuple[str, ...]) -> click.Command:
    """The command that these words name."""
    found: click.Command | None = command
    for word in words:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), word)
    assert found is not None
    return found


def help_of(*words: str) -> str:
    """What ``ringfence WORDS --help`` prints."""
    done = CliRunner().invoke(command, [*words, "--help"], prog_name="ringfence")
    assert 0 == done.exit_code
    return done.stdout


def unwrapped(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


def first_sentence(text: str | None) -> str:
    """Up to the first full stop, or the first paragraph, on one line."""
    paragraph = unwrapped((text or "").split("\n\n")[0])
    return paragraph.split(". ")[0].rstrip(".") + "."


@pytest.mark.parametrize("verb", VERBS)
def test_the_list_of_verbs_says_what_the_verb_says(verb: str) -> None:
    """VERBS stands in for docstrings that are not imported: each is the first sentence of its verb's."""
    found = command.get_command(click.Context(command), verb)
    assert found is not None
    assert VERBS[verb] == first_sentence(found.help)


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_every_verb_has_help(words: tuple[str, ...]) -> None:
    """Usage, a sentence, and an explanation of every option."""
    text = help_of(*words)
    assert text.startswith(f"Usage: ringfence {' '.join(words)} ")
    found = found_by(words)
    assert found.help
    options = [option for option in found.params if isinstance(option, click.Option)]
    assert [] == [option.name for option in options if not option.help]


def test_the_exit_codes_of_every_verb_are_told_once() -> None:
    """The program's own help has the rule."""
    assert "Exit codes: 0 done, in sync or yes; 1 could not; 2 it ran, and the answer is no." in unwrapped(help_of())


@pytest.mark.parametrize("verb", ["plan", "apply", "verify"])
def test_where_2_has_a_meaning_of_its_own_it_is_told(verb: str) -> None:
    """What an answer of no is, is said by the verbs that give one."""
    assert "Exit 2: " in help_of(verb)


@pytest.mark.parametrize("verb", ["plan", "apply", "verify"])
def test_live_verbs_take_etcdctls_variables(verb: str) -> None:
    """The variables are named beside their options."""
    text = unwrapped(help_of(verb))
    for name in ("ENDPOINTS", "CACERT", "CERT", "KEY"):
        assert f"[env var: ETCDCTL_{name}]" in text


def test_help_lists_every_verb() -> None:
    """In the order of VERBS, which is the order of use."""
    text = help_of()
    places = [text.index(f"\n  {verb} ") for verb in VERBS]
    assert sorted(places) == places


GROUPS = [(), *(words for words in every_command() if isinstance(found_by(words), click.Group))]


@pytest.mark.parametrize("words", GROUPS, ids=lambda words: " ".join(words) or "ringfence")
def test_the_list_of_a_group_is_whole(words: tuple[str, ...]) -> None:
    """Each verb with its first sentence, wrapped and not cut, whatever the terminal."""
    group = found_by(words)
    assert isinstance(group, click.Group)
    text = unwrapped(help_of(*words))
    for name in group.list_commands(click.Context(group)):
        assert f" {name} {first_sentence(found_by((*words, name)).help)}" in text


@pytest.mark.parametrize("words", GROUPS, ids=lambda words: " ".join(words) or "ringfence")
def test_a_group_without_a_verb_shows_its_help(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To stderr, since it is no data, with exit 1, word for word and line for line."""
    monkeypatch.setattr(sys, "argv", ["ringfence", *words])
    assert 1 == output.run(command)
    out, err = capsys.readouterr()
    assert ("", unwrapped(help_of(*words))) == (out, unwrapped(err))
    assert err.startswith(f"{' '.join(('Usage: ringfence', *words))} [OPTIONS] COMMAND [ARGS]...\n\n")


@pytest.mark.parametrize("words", [("import",), ("render", "etcd"), ("render", "felix")], ids=" ".join)
def test_what_has_no_json_refuses_it(words: tuple[str, ...]) -> None:
    """Before it does anything; it does not offer the option, and takes it as text."""
    found = found_by(words)
    root = click.Context(command, info_name="ringfence")
    context = click.Context(found, parent=root, info_name=" ".join(words))
    with mock.patch.object(found, "callback") as body, context:
        found.invoke(context)
        body.assert_called_once_with()
        root.params["output"] = "json"
        with pytest.raises(InputError, match=f"^{' '.join(words)} has no JSON form"):
            found.invoke(context)
        body.assert_called_once_with()
    assert "--output" not in help_of(*words)


def test_an_unknown_verb_is_no_verb() -> None:
    """A module of the folder that is no verb cannot be called."""
    assert command.get_command(click.Context(command), "output") is None
    assert not hasattr(main, "output")


def test_the_kept_help_is_the_real_one() -> None:
    """What ``ringfence --help`` shows without importing click is what click would show."""
    with click.Context(command, info_name="ringfence", terminal_width=80, **command.context_settings) as context:
        shown = command.get_help(context)
    kept = Path(main.__file__).with_name("help.txt").read_text(encoding="utf-8")
    assert f"{shown}\n" == kept, "write it anew: make help"


@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_what_prune_says_is_true_of_both(verb: str) -> None:
    """``plan`` writes nothing to etcd, so its ``--prune`` must not say that it deletes."""
    said = unwrapped(help_of(verb))
    assert "--prune [users|roles] Plan to delete the users, or the roles, that the spec does not name" in said
