"""Where the journal and the guard of a spec lie: each spec has its own, whatever else lies in its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.errors import FileError
from ringfence.ops.execution.journal import Act, Journal
from ringfence.ops.state_folder import state_folder
from ringfence.ops.switch.guard_folder import GuardFolder


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("ringfence.yaml", ".ringfence"),
        ("b.yaml", ".ringfence/b.yaml"),
        ("b.yml", ".ringfence/b.yml"),
        ("sub/ringfence.yaml", "sub/.ringfence"),
        ("current.yaml", ".ringfence/b.yaml"),  # a link to it
        ("map/ringfence.yaml", "map/.ringfence"),  # a link to another folder
    ],
)
def test_each_spec_has_its_own(tmp_path: Path, spec: str, expected: str) -> None:
    """By the name of its file; a link to a neighbour is that neighbour, any other link is itself."""
    (tmp_path / "b.yaml").touch()
    (tmp_path / "current.yaml").symlink_to("b.yaml")
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "ringfence.yaml").symlink_to("../b.yaml")
    assert tmp_path / expected == state_folder(tmp_path / spec)
    assert tmp_path / expected == GuardFolder.beside(tmp_path / spec).path
    assert tmp_path / expected == Journal.beside(tmp_path / spec).path.parent


def test_a_relative_path_is_the_same_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From wherever it is named."""
    monkeypatch.chdir(tmp_path)
    assert tmp_path / ".ringfence" == state_folder("ringfence.yaml")
    assert tmp_path / ".ringfence" / "b.yaml" == state_folder("./b.yaml")


def test_both_levels_are_the_owners_alone(tmp_path: Path) -> None:
    """Made by the journal or by a guard, whatever the umask is; where others may write in one, no guard begins."""
    with Journal.beside(tmp_path / "b.yaml").recording(Act(verb="apply")):
        pass
    folder = GuardFolder.beside(tmp_path / "c.yaml")
    with folder.held():
        assert folder.is_held
        assert not GuardFolder.beside(tmp_path / "b.yaml").is_held
    top = tmp_path / ".ringfence"
    assert {0o700} == {path.stat().st_mode & 0o777 for path in (top, top / "b.yaml", top / "c.yaml")}
    top.chmod(0o770)
    with pytest.raises(FileError, match="others may write in this folder") as refused, folder.held():
        pass
    assert str(refused.value).startswith(f"{top}: ")
