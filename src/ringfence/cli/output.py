"""Everything that leaves the program passes here.

The rules of the terminal: data goes to stdout, everything else to stderr. Colour and progress only on a terminal,
and never with NO_COLOR. Exit 0 is done, in sync or yes; 1 is could not; 2 is "it ran, and the answer is no". A
problem is shown as ``PLACE: what``, its hint below it, all problems at once, never as a traceback. A reader that
goes away early (``| head``) is no error.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import click

from ringfence.errors import FileError, Problem, RingfenceError

DONE, COULD_NOT, ANSWER_IS_NO = 0, 1, 2
"""The exit codes of every verb."""

_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters but tab and newline."""

_FULL_STOP = re.compile(r"(?<!\.)\.$")
"""The one at the end; three dots are no full stop."""

Advance = Callable[[int, int], None]
"""Told how much of a long work is done, and how much there is."""


def data(text: str, value: Mapping[str, object] | None = None) -> None:
    """Print the result of a verb: ``value`` as JSON where ``-o json`` asked for it, else ``text``."""
    if value is not None and wants_json():
        text = json.dumps(value, indent=2, ensure_ascii=True)
    click.echo(_plain(text.rstrip("\n")))


def value(value: Mapping[str, object]) -> None:
    """Print what a verb did that has nothing to say on stdout as text: with ``-o json`` alone."""
    if wants_json():
        data("", value)


def wants_json() -> bool:
    """Whether ``-o json`` was given."""
    return bool(click.get_current_context().find_root().params.get("output") == "json")


def raw(text: str) -> None:
    """Print a file to stdout, byte for byte."""
    click.echo(text, nl=False)


def note(text: str) -> None:
    """Print a message that is not data."""
    click.echo(_plain(text), err=True)


def answer(yes: bool) -> None:
    """End the verb with the exit code that its answer has."""
    raise SystemExit(DONE if yes else ANSWER_IS_NO)


def confirmed(question: str) -> bool:
    """Whether the operator says yes on the terminal.

    Raises:
        RingfenceError: there is no terminal to ask on.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise RingfenceError.of("this needs a yes, and there is no terminal to ask on", hint="add --yes")
    return click.confirm(question, err=True)


@contextmanager
def progress() -> Iterator[Callable[[str], Advance]]:
    """Progress bars on a terminal, silence elsewhere: called with a label, it begins a bar."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _label: lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def begin(label: str) -> Advance:
            task = bars.add_task(label, total=None)
            return lambda done, total: bars.update(task, completed=done, total=total)

        yield begin


def run(command: click.Command) -> int:
    """Run the command line and return its exit code; the one place where an exception becomes prose."""
    try:
        command.main(prog_name="ringfence", standalone_mode=False)
    except RingfenceError as error:
        return _failed(*error.problems)
    except click.exceptions.Abort:
        return _failed(Problem("stopped"))
    except click.exceptions.NoArgsIsHelpError as error:  # its text is the help, whole
        note(error.format_message())
        return COULD_NOT
    except click.UsageError as error:
        verb = error.ctx.command_path if error.ctx else "ringfence"
        return _failed(Problem(_lowered(error.format_message()), hint=f"see {verb} --help"))
    except click.ClickException as error:
        return _failed(Problem(_lowered(error.format_message())))
    except BrokenPipeError:
        # Python would complain once more when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT
    except (KeyboardInterrupt, EOFError):
        return _failed(Problem("stopped"))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _failed(*FileError.of(f"{where}{_lowered(error.strerror or str(error))}").problems)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else COULD_NOT
    return DONE


def _failed(*problems: Problem) -> int:
    for problem in problems:
        note(f"{problem}" if problem.place else f"ringfence: {problem}")
        if problem.hint:
            note(f"  hint: {problem.hint}")
    return COULD_NOT


def _plain(text: str) -> str:
    """Without what a terminal obeys: names of users and roles come from etcd, where somebody else chose them."""
    return _OBEYED.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _lowered(text: str) -> str:
    text = _FULL_STOP.sub("", text.strip())
    return text[:1].lower() + text[1:]
