"""The demo: from nothing to proof, nothing left behind, and what is kept works by hand."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalCluster, LocalMember
from tests.integration.site import ringfence, spawned

CONTRACT = (
    "holds",
    "etcd",
    "members",
    "identities",
    "probes",
    "raft_entries",
    "violations",
    "server",
    "unproven",
    "compaction",
    "revision",
)
"""The names that programs depend on: those of verify."""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo makes its temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", None)  # it is remembered once asked for
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def processes(word: str) -> list[str]:
    """The command lines of all processes in which ``word`` stands."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line:
            found.append(line)
    return found


def test_the_demo(temporary: Path) -> None:
    """Exit 0, the contract of verify, and neither a process nor a file is left."""
    ran = spawned("demo", "-o", "json", folder=temporary)
    assert 0 == ran.code, ran.err
    found = ran.json
    assert [*CONTRACT] == list(found)
    assert (True, True, [], 3) == (found["holds"], found["server"]["sound"], found["violations"], found["members"])
    assert found["revision"]["before"] == found["revision"]["after"]
    assert found["probes"] > 400
    assert [] == list(temporary.iterdir())
    assert [] == processes(str(temporary))


def test_the_demo_in_words(temporary: Path) -> None:
    """Steps go to stderr, the matrix and the truth to stdout; accepted holes are said loudly."""
    ran = ringfence("demo", folder=temporary)
    assert 0 == ran.code, ran.err
    assert ran.out.startswith("identity ")
    assert "The roles fence: every identity reaches its own keys and no others.\nThe server " in ran.out
    assert "planned again: 0 changes" in ran.err


@pytest.mark.parametrize(
    ("at", "signalled"),
    [
        ("issued", signal.SIGINT),
        ("three members are up", signal.SIGINT),
        ("auth is on", signal.SIGINT),
        ("three members are up", signal.SIGTERM),
        ("auth is on", signal.SIGHUP),
    ],
)
def test_stopped_by_a_signal(temporary: Path, at: str, signalled: signal.Signals) -> None:
    """Stopped at any step it ends with exit 1, and leaves no etcd, no folder and no traceback."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ringfence", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=temporary,
    )
    assert process.stderr is not None
    told = ""
    while at not in told.partition("] ")[2]:
        told = process.stderr.readline()
        assert told, "the demo ended before"
    process.send_signal(signalled)
    out, err = process.communicate(timeout=30)
    assert (1, "") == (process.returncode, out)
    assert err.endswith("ringfence: stopped\n")
    assert "Traceback" not in err
    deadline = time.monotonic() + 5
    while processes(str(temporary)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [] == processes(str(temporary))
    assert [] == list(temporary.iterdir())


def test_a_demo_that_is_killed_leaves_no_etcd(temporary: Path) -> None:
    """SIGKILL cannot be caught: the folder stays, but every member ends with its parent."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ringfence", "demo"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    while "three members are up" not in process.stderr.readline():
        assert process.poll() is None
    process.kill()
    process.communicate(timeout=10)
    deadline = time.monotonic() + 5
    while processes(str(temporary)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [] == processes(str(temporary))


def test_what_is_kept_works_by_hand(tmp_path: Path, etcd: Binary) -> None:
    """The members start again from the kept configuration, and the fence is still there."""
    kept = tmp_path / "kept"
    ran = ringfence("demo", "--keep", str(kept), folder=tmp_path)
    assert 0 == ran.code, ran.err
    assert f"  cd {kept}\n  ringfence check --prove\n  ringfence plan\n  ringfence verify\n" in ran.err
    configs = sorted(kept.glob("etcd/*/etcd.conf.yml"))
    assert [f"  etcd --config-file {config} &" for config in configs] == [
        line for line in ran.err.splitlines() if line.startswith("  etcd ")
    ]
    for key in kept.glob("pki/*-key.pem"):
        assert 0o600 == stat.S_IMODE(key.stat().st_mode)
    metrics = [
        line.split("metrics: ")[1].rstrip("}")
        for line in (kept / "ringfence.yaml").read_text().splitlines()
        if "metrics: " in line
    ]
    members = [
        LocalMember(name=config.parent.name, config=config, log=config.with_name("again.log"), metrics=url)
        for config, url in zip(configs, metrics, strict=True)
    ]
    with LocalCluster(etcd.path, members):
        assert (0, 0, 0) == tuple(ringfence(verb, folder=kept).code for verb in ("check", "plan", "verify"))


@pytest.mark.parametrize("is_file", [False, True])
def test_keep_takes_a_new_or_empty_folder(tmp_path: Path, is_file: bool) -> None:
    """Into a folder with something in it, or over a file, nothing is written."""
    taken = tmp_path / "taken"
    if is_file:
        taken.write_text("mine")
    else:
        taken.mkdir()
        (taken / "mine").write_text("mine")
    ran = ringfence("demo", "--keep", "taken", folder=tmp_path)
    assert (1, "") == (ran.code, ran.out)
    assert "taken: there is something in it already\n  hint: name a new or empty folder\n" == ran.err
    assert "mine" == (taken if is_file else taken / "mine").read_text()
    assert ["taken"] == [path.name for path in tmp_path.iterdir()]


def test_without_an_etcd(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is no etcd is told, and the way to get one; nothing is left."""
    monkeypatch.setenv("RINGFENCE_ETCD", "/bin/true")
    ran = ringfence("demo", folder=temporary)
    assert (1, "") == (ran.code, ran.out)
    assert ran.err.startswith("/bin/true: does not tell its version\n  hint: ")
    assert [] == list(temporary.iterdir())
