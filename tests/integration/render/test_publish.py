"""Rendered files are written whole, all of them or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.errors import FileError
from ringfence.ops.publish import publish


def tree(folder: Path) -> dict[str, str | None]:
    """Everything in a folder, files with their text."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8") if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_what_differs_is_written(tmp_path: Path) -> None:
    """A file that is as it should be is not touched, its neighbours are."""
    same, other = tmp_path / "same", tmp_path / "folder" / "other"
    publish({same: "1\n", other: "1\n"}, private=False)
    before = same.stat().st_ino
    assert (other,) == publish({same: "1\n", other: "2\n"}, private=False)
    assert before == same.stat().st_ino
    assert {"same": "1\n", "folder": None, "folder/other": "2\n"} == tree(tmp_path)


def test_one_that_cannot_be_written_leaves_all_as_they_were(tmp_path: Path) -> None:
    """A folder stands where the last file belongs: the first is as before, and nothing of ours lies about."""
    first, last = tmp_path / "first", tmp_path / "last"
    first.write_text("before\n", encoding="utf-8")
    last.mkdir()
    with pytest.raises(FileError, match="last: cannot be written: Is a directory"):
        publish({first: "after\n", last: "after\n"}, private=False)
    assert {"first": "before\n", "last": None} == tree(tmp_path)
    last.rmdir()
    assert (first, last) == publish({first: "after\n", last: "after\n"}, private=False)


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Mode 0600, also where the same text lay open before."""
    key = tmp_path / "key"
    publish({key: "k\n"}, private=False)
    assert (key,) == publish({key: "k\n"}, private=True)
    assert 0o600 == key.stat().st_mode & 0o777
