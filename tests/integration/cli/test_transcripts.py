"""Whole sessions as a user types them, held against ``transcripts/*.txt``.

A transcript is ``$ command``, what the terminal shows (stdout and stderr together), and ``[exit N]`` where N is not 0.
A line ``...`` stands for any lines. A line after ``HOLES| `` is shown where the etcd under test has known holes, one
after ``SOUND| `` where it has none; all others on every release. Paths, ports, days, counts of probes, revisions and
the width of columns are made equal. Every transcript is played in the folder of a site of its own, by a real shell,
with the installed program.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.local.binary import Binary
from ringfence.model.version import Version
from ringfence.rules.holes import holes
from tests.integration.site import Site

FOLDER = Path(__file__).parent / "transcripts"

_PLAIN = (
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "DIGEST"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "DAY"),
    (re.compile(r"\b\d+ d\b"), "N d"),
    (re.compile(r"\[ *\d+\.\d s\]"), "[TIME]"),
    (re.compile(r"Revision \d+ before, \d+ after"), "Revision N before, N after"),
    (re.compile(r"\d+ (probes|entries)"), r"N \1"),
    (re.compile(r"\d+ known holes?"), "N known holes"),
    (re.compile(r"etcd \d+\.\d+\.\d+"), "etcd VERSION"),
    (re.compile(r"(none was seen so far|history was compacted before)"), "SEEN OR NOT"),
    (re.compile(r"(?<=\S) {2,}(?=\S)"), "  "),
    (re.compile(r" +$", re.MULTILINE), ""),
)


def played(site: Site, command: str) -> str:
    """What a shell shows for a command, and its exit code."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=site.folder,
        env={**os.environ, "PATH": path, "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    text = plain(ran.stdout.replace(str(site.folder), "FOLDER"))
    return text.rstrip("\n") + (f"\n[exit {ran.returncode}]" if ran.returncode else "")


def plain(text: str) -> str:
    """The text with what differs from run to run made equal."""
    for pattern, word in _PLAIN:
        text = pattern.sub(word, text)
    return text


def on(etcd: Version, transcript: str) -> str:
    """What a transcript says of a release."""
    here, elsewhere = ("HOLES| ", "SOUND| ") if holes(etcd) else ("SOUND| ", "HOLES| ")
    lines = transcript.splitlines(keepends=True)
    return "".join(line.removeprefix(here) for line in lines if not line.startswith(elsewhere))


def steps(transcript: str) -> Iterator[tuple[str, str]]:
    """Each command with what it should show; lines before the first command are a comment."""
    for part in re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected.rstrip("\n")


def agree(expected: str, shown: str) -> bool:
    """Whether the two are the same, ``...`` standing for any lines."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", f"{expected}\n", flags=re.MULTILINE)]
    return re.fullmatch(r"(?:.*\n)*?".join(parts), f"{shown}\n") is not None


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.txt")), ids=lambda file: file.stem)
def test_transcript(site: Site, etcd: Binary, file: Path) -> None:
    """Every command shows what the transcript says."""
    for command, expected in steps(on(etcd.version, file.read_text(encoding="utf-8"))):
        shown = played(site, command)
        assert agree(expected, shown), f"$ {command}\n{shown}\n--- expected:\n{expected}"


def test_there_are_transcripts() -> None:
    """An empty folder would pass without a word."""
    assert len(list(FOLDER.glob("*.txt"))) >= 5


@pytest.mark.parametrize(
    ("expected", "shown", "same"),
    [
        ("a\nb", "a\nb", True),
        ("a\nb", "a\nc", False),
        ("a\n...\nd", "a\nb\nc\nd", True),
        ("a\n...\nd", "a\nd", True),
        ("a\n...\nd", "a\nb\nc", False),
        ("...\n[exit 1]", "a\n[exit 1]", True),
        ("a\n...", "a\nb\nc", True),
        ("a", "a\n[exit 1]", False),
        ("a.c", "abc", False),
    ],
)
def test_agree(expected: str, shown: str, same: bool) -> None:
    """The runner can tell: its own table."""
    assert same == agree(expected, shown)


def test_lines_of_some_releases() -> None:
    """3.5.1 has known holes and 3.7.3 has none; what is not marked is for both."""
    text = "$ verify\nHOLES| kept not\nSOUND| kept\n[exit 2]\n"
    assert "$ verify\nkept not\n[exit 2]\n" == on(Version(3, 5, 1), text)
    assert "$ verify\nkept\n[exit 2]\n" == on(Version(3, 7, 3), text)


def test_a_wrong_transcript_fails(site: Site) -> None:
    """One that says otherwise is not passed over."""
    shown = played(site, "ringfence check -f none.yaml")
    assert not agree("2 segments", shown)
    assert agree("none.yaml: there is no such file\n...\n[exit 1]", shown)
