"""The demo: from nothing to proof, nothing left behind, and what is kept works by hand."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from ringfence.local.binary import Binary, built, find
from ringfence.local.cluster import LocalCluster, LocalMember
from tests.integration.site import ringfence, spawned

CONTRACT = (
    "holds",
    "api",
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
    "alarms",
    "findings",
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
    ("there", "taken"),
    [
        ({"named": "3.9.1", "path": "3.9.3", "cache": "3.9.2"}, "named"),
        ({"path": "3.9.3", "cache": "3.9.2"}, "path"),
        ({"path": "3.9.2", "cache": "3.9.10"}, "cache"),
        ({"path": "3.4.1"}, "path"),
    ],
)
def test_which_etcd_it_takes(temporary: Path, tmp_path: Path, there: dict[str, str], taken: str) -> None:
    """$RINGFENCE_ETCD, else the newest of those on PATH and those that were built: the first line says which."""
    programs = {where: tmp_path / where / "etcd" / version / "etcd" for where, version in there.items()}
    for where, path in programs.items():
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\necho 'etcd Version: {there[where]}'\n")
        path.chmod(0o755)
    ran = spawned("demo", folder=temporary, env=only_etcd(tmp_path, programs))
    assert (1, "") == (ran.code, ran.out)  # for it is no etcd, it only says so
    assert f"etcd {there[taken]} from {programs[taken]}" == ran.err.splitlines()[0].partition("] ")[2]
    assert [] == list(temporary.iterdir())


def test_without_any_other_it_takes_the_one_from_pypi(temporary: Path, tmp_path: Path) -> None:
    """Nothing is named, on PATH or built: 3.5.1 it is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ringfence", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=temporary,
        env={**os.environ, **only_etcd(tmp_path, {})},
    )
    assert process.stderr is not None
    assert process.stderr.readline().partition("] ")[2].startswith("etcd 3.5.1 from ")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert [] == list(temporary.iterdir())


def only_etcd(folder: Path, programs: Mapping[str, Path]) -> dict[str, str]:
    """An environment in which there are only these."""
    path = programs.get("path")
    return {
        "RINGFENCE_ETCD": str(programs.get("named", "")),
        "PATH": "/usr/sbin" if path is None else str(path.parent),
        "RINGFENCE_CACHE": str(folder / "cache"),
    }


AS_A_JOB = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
"""Starts a program as a script does with ``&``: Ctrl-C, which is meant for the script, is ignored."""


@pytest.mark.parametrize(
    ("at", "signalled", "started"),
    [
        ("issued", signal.SIGINT, ()),
        ("three members are up", signal.SIGINT, ()),
        ("auth is on", signal.SIGINT, ()),
        ("three members are up", signal.SIGTERM, ()),
        ("auth is on", signal.SIGTERM, AS_A_JOB),
        ("auth is on", signal.SIGHUP, ()),
    ],
)
def test_stopped_by_a_signal(temporary: Path, at: str, signalled: signal.Signals, started: tuple[str, ...]) -> None:
    """Stopped at any step it ends with exit 1, and leaves no etcd, no folder and no traceback."""
    process = subprocess.Popen(
        [*started, sys.executable, "-m", "ringfence", "demo"],
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


def test_both_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A legacy Calico and a tenant in v2, Kubernetes and others in v3: both are fenced, and nobody unknown gets in."""
    monkeypatch.setenv("RINGFENCE_ETCD", str(find("etcd", {}).path))
    ran = ringfence("demo", "--api", "v2,v3", "--keep", "kept", folder=tmp_path)
    assert 0 == ran.code, ran.out + ran.err
    assert "] v2 auth is on" in ran.err
    assert ran.err.index("] v2 auth is on") < ran.err.index("] v3 auth is on")
    assert "] planned again: 0 changes\n" in ran.err
    in_v3, in_v2, *_ = ran.out.split("\n\n")
    for table, first, width in ((in_v3, "in v3", 3), (in_v2, "in v2", 2)):
        lines = {line.split("  ")[0]: line for line in table.splitlines()}
        assert first in lines
        assert ["-"] * width == lines["(unknown name)"].split()[2:]
        for name in ("(no certificate)", "(foreign authority)"):
            assert width == lines[name].count("refused by TLS")
    assert ["calico", "read+write", "-"] == in_v2.splitlines()[1].split()
    assert "enable-v2: true\n" in (tmp_path / "kept" / "etcd" / "etcd-1" / "etcd.conf.yml").read_text()
    assert "The roles fence: every identity reaches its own keys and no others.\n" in ran.out


def test_both_stores_need_an_etcd_that_has_both(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of 3.6 or later is told before anything is started; so is an API that there is not."""
    ran = ringfence("demo", "--api", "v2,v4", folder=temporary)
    assert (1, "") == (ran.code, ran.out)
    assert "ringfence: --api v2,v4 is nothing that the demo shows" in ran.problems
    newer = next((one for one in built() if one.version.line >= (3, 6)), None)
    if newer is None:
        pytest.skip("no etcd from 3.6 on was made: make etcd")
    monkeypatch.setenv("RINGFENCE_ETCD", str(newer.path))
    ran = ringfence("demo", "--api", "v2,v3", folder=temporary)
    assert (1, "") == (ran.code, ran.out)
    assert [f"{newer.path}: this is etcd {newer.version}, which is too new"] == ran.problems
    assert [] == list(temporary.iterdir())


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
