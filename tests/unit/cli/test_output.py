"""The edge: every exception becomes prose and an exit code in one place, and nothing else does."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable

import click
import pytest

from ringfence import errors
from ringfence.cli import output
from ringfence.errors import Place, Problem, RingfenceError, SpecError, Unreachable

Run = Callable[[Callable[[], None]], tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command with this body: exit code, stdout, stderr."""

    def go(body: Callable[[], None]) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ringfence"])
        code = output.run(click.Command("ringfence", callback=body))
        out, err = capsys.readouterr()
        return code, out, err

    return go


def raising(error: BaseException) -> Callable[[], None]:
    """A body that raises."""

    def body() -> None:
        raise error

    return body


def test_done(run: Run) -> None:
    """A verb that returns is done."""
    assert (0, "data\n", "note\n") == run(lambda: (output.data("data\n"), output.note("note"))[0])


def test_a_name_does_not_steer_the_terminal(run: Run) -> None:
    """A user of etcd may be called anything; tabs and lines stay."""
    name = "a\x1b[2J\x9b\rb\x7f\té\n"

    def body() -> None:
        output.data(name)
        output.note(name)

    shown = "a\\x1b[2J\\x9b\\x0db\\x7f\té\n"
    assert (0, shown, f"{shown}\n") == run(body)


@pytest.mark.parametrize(("yes", "code"), [(True, 0), (False, 2)])
def test_an_answer(run: Run, yes: bool, code: int) -> None:
    """Yes is 0, no is 2."""
    assert (code, "", "") == run(lambda: output.answer(yes))


PROBLEMS = [
    (RingfenceError.of("no"), "ringfence: no\n"),
    (RingfenceError.of("no", hint="say yes"), "ringfence: no\n  hint: say yes\n"),
    (Unreachable.of("gone", place=Place("https://a:1")), "https://a:1: gone\n"),
    (
        SpecError(Problem("bad", Place("f.yaml", 3, "a.b"), "mend it"), Problem("worse", Place("f.yaml", 4))),
        "f.yaml:3: a.b: bad\n  hint: mend it\nf.yaml:4: worse\n",
    ),
    (click.exceptions.Abort(), "ringfence: stopped\n"),
    (KeyboardInterrupt(), "\nringfence: stopped\n"),
    (EOFError(), "\nringfence: stopped\n"),
    (click.UsageError("No such thing."), "ringfence: no such thing\n  hint: see ringfence --help\n"),
    (click.ClickException("It failed."), "ringfence: it failed\n"),
    (click.ClickException("Give [NAME]..."), "ringfence: give [NAME]...\n"),
    (PermissionError(13, "Permission denied", "x.json"), "ringfence: x.json: permission denied\n"),
    (OSError("odd"), "ringfence: odd\n"),
]


@pytest.mark.parametrize(("error", "prose"), PROBLEMS, ids=lambda value: type(value).__name__)
def test_an_exception_is_prose(run: Run, error: BaseException, prose: str) -> None:
    """stderr has the problem and its hint, stdout nothing, and the exit code is 1."""
    assert (1, "", prose) == run(raising(error))


EVERY = [error for _, error in inspect.getmembers(errors, inspect.isclass) if issubclass(error, RingfenceError)]


@pytest.mark.parametrize("error", EVERY)
def test_every_error_of_ringfence_is_prose(run: Run, error: type[RingfenceError]) -> None:
    """None of them is a traceback, and none of them is an answer."""
    assert (1, "", "ringfence: no\n") == run(raising(error.of("no")))


def test_a_bug_is_not_hidden(run: Run) -> None:
    """What nobody expected is not dressed up as a problem of the operator's."""
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()))


@pytest.mark.parametrize(("ended", "code"), [(SystemExit(2), 2), (SystemExit("text"), 1), (SystemExit(0), 0)])
def test_an_exit_keeps_its_code(run: Run, ended: SystemExit, code: int) -> None:
    """A number is kept; anything else is could not."""
    assert code == run(raising(ended))[0]


def test_a_yes_is_asked_on_a_terminal_only(run: Run) -> None:
    """Where nobody can be asked the answer is an error with a way out."""
    assert (1, "", "ringfence: this needs a yes, and there is no terminal to ask on\n  hint: add --yes\n") == run(
        lambda: output.answer(output.confirmed("Really?"))
    )


def test_json_is_ascii(run: Run) -> None:
    """Names of any language survive any terminal."""

    def body() -> None:
        click.get_current_context().params["output"] = "json"
        output.data("text", {"name": "größe"})

    code, out, _ = run(body)
    assert (0, '{\n  "name": "gr\\u00f6\\u00dfe"\n}\n') == (code, out)
