"""The manners of a program on a terminal and in a pipe: where it writes, what it asks, how it ends."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.site import COMPONENTS, Site, ringfence

PROGRAM = [sys.executable, "-m", "ringfence"]


def on_a_terminal(site: Site, answer: str, *args: str) -> tuple[int, str, str]:
    """Exit code, stdout (a pipe) and the terminal, with ``answer`` typed on it."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        process = subprocess.Popen(
            [*PROGRAM, *args], cwd=site.folder, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True
        )
        os.close(theirs)
        terminal.write(answer.encode())
        shown = b""
        try:
            while part := terminal.read(65536):
                shown += part
        except OSError:  # Linux tells the end of a terminal so
            pass
        out, _ = process.communicate(timeout=60)
    return process.returncode, out, shown.decode()


def test_apply_needs_a_yes(site: Site) -> None:
    """Without --yes and without a terminal nothing is done, and the way out is named."""
    ran = site.run("apply")
    assert (1, "") == (ran.code, ran.out)
    assert ran.err.endswith("ringfence: this needs a yes, and there is no terminal to ask on\n  hint: add --yes\n")
    assert not site.state().users


def test_no_on_a_terminal(site: Site) -> None:
    """The plan is shown, the question asked, and no is taken for no."""
    code, out, shown = on_a_terminal(site, "n\n", "apply")
    assert (1, "") == (code, out)
    assert "Plan: 16 to add, 0 to change, 0 to take away (16 auth writes)." in shown
    through = ", ".join(site.endpoints)
    assert re.search(rf"Carry it out on site \([0-9a-f]+\) through {re.escape(through)}\? \[y/N\]: ", shown), shown
    assert shown.rstrip().endswith("ringfence: stopped")
    assert not site.state().users


def test_what_is_told_before_the_question(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long it takes, and that a variable of etcdctl leads elsewhere than the spec; of destroy, too."""
    site.fence()
    site.write(COMPONENTS + "  - {name: shop, grants: [{prefix: /shop/, access: readwrite}]}\n")
    monkeypatch.setenv("ETCDCTL_ENDPOINTS", site.endpoints[1])
    for verb, writes in (("apply", 4), ("destroy", 6)):
        code, _, shown = on_a_terminal(site, "n\n", verb, "--pace", "2/s")
        assert 1 == code
        before, question, _ = shown.partition("Carry it out on ")
        assert f"{writes} auth writes at 2 a second take about {(writes - 1) / 2:.0f} s" in before
        assert question
        assert f"through {site.endpoints[1]} (not the spec's endpoints)? [y/N]: " in shown


def test_yes_on_a_terminal(site: Site) -> None:
    """After a yes it is done, with progress on the terminal and the proof alone on stdout."""
    code, out, shown = on_a_terminal(site, "y\n", "apply", "-o", "json")
    assert 0 == code, shown
    assert out.startswith("{")
    assert "apply" in shown
    assert "\x1b[" not in out
    assert site.state().auth_enabled


def test_in_sync_there_is_nothing_to_ask(site: Site) -> None:
    """Where nothing is to be done, no yes is needed."""
    site.fence()
    ran = site.run("apply")
    assert (0, "In sync: nothing to change.\n") == (ran.code, ran.out)


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}])
def test_no_colour_outside_of_a_terminal(site: Site, env: dict[str, str]) -> None:
    """Neither stream carries an escape sequence."""
    ran = site.spawn("apply", "--yes", env=env)
    assert 0 == ran.code
    assert "\x1b" not in ran.out + ran.err


def test_no_colour_on_a_terminal_with_no_color(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR keeps the progress and drops its colours."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    code, _, shown = on_a_terminal(site, "", "apply", "--yes")
    assert 0 == code, shown
    assert "\x1b[3" not in shown
    assert "\x1b[1;3" not in shown


@pytest.mark.parametrize("args", [("plan",), ("check", "--prove"), ("certs", "list"), ("--help",)])
def test_a_reader_that_goes_away(site: Site, args: tuple[str, ...]) -> None:
    """``| head -1`` ends without a word on stderr."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        ran = subprocess.run(
            [*PROGRAM, *args], cwd=site.folder, stdout=gone, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert "" == ran.stderr
    assert 1 == ran.returncode


@pytest.mark.parametrize("verb", ["check", "plan", "apply", "verify"])
def test_a_spec_that_is_not_there(tmp_path: Path, verb: str) -> None:
    """-f names it, the error does too, and leads to init."""
    ran = ringfence(verb, "-f", "missing.yaml", folder=tmp_path)
    assert (1, "") == (ran.code, ran.out)
    assert (
        "missing.yaml: there is no such file\n  hint: ringfence init writes one to start from; -f names another\n"
        == ran.err
    )


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (("frobnicate",), "ringfence: no such command 'frobnicate'"),
        (("plan", "--frob"), "ringfence: no such option '--frob'"),
        (("-o", "xml", "plan"), "ringfence: invalid value for '-o' / '--output': 'xml' is not one of 'text', 'json'"),
        (("render", "etcd"), "ringfence: missing option '--out'"),
        (("init", "--member", "a"), "ringfence: invalid value for --member: 'a' is not NAME=HOST[,HOST…]"),
        (("plan", "--cert", "a.pem"), "ringfence: --cert and --key go together"),
    ],
)
def test_a_wrong_command_line(site: Site, args: tuple[str, ...], problem: str) -> None:
    """Exit 1 (2 is an answer), one line, and a hint."""
    ran = site.run(*args)
    assert (1, "", [problem]) == (ran.code, ran.out, ran.problems)
    assert ran.err.count("\n  hint: ") == 1


def test_options_before_and_behind_the_verb(site: Site) -> None:
    """-f and -o mean the same in both places, and the one behind the verb wins."""
    site.spec.rename(site.folder / "other.yaml")
    runs = [
        site.run("-f", "other.yaml", "-o", "json", "check"),
        site.run("check", "-f", "other.yaml", "-o", "json"),
        site.run("-f", "none.yaml", "-o", "text", "check", "-f", "other.yaml", "-o", "json"),
    ]
    assert {0} == {ran.code for ran in runs}
    assert 1 == len({ran.out for ran in runs})
    assert runs[0].json["valid"]
