"""The spec as a file: read where it is, written where none is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ringfence.errors import FileError, InputError, SpecError
from ringfence.ops.init import init
from ringfence.ops.load import load
from ringfence.spec.template import Answers

TODAY = date(2026, 9, 1)


def test_what_init_writes_can_be_loaded(tmp_path: Path) -> None:
    """A new spec has no problem, and its pki folder lies beside it."""
    path = tmp_path / "ringfence.yaml"
    text = init(path, Answers(), TODAY)
    spec, wanted = load(path, TODAY)
    assert text == path.read_text(encoding="utf-8")
    assert tmp_path / "pki" == spec.pki.directory
    assert ["kube-apiserver", "calico"] == [segment.owner for segment in wanted.segments]


def test_init_never_overwrites(tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    path = tmp_path / "ringfence.yaml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match="there is a file already"):
        init(path, Answers(), TODAY)
    assert "mine" == path.read_text(encoding="utf-8")


def test_init_writes_nothing_for_wrong_answers(tmp_path: Path) -> None:
    """Answers that make no correct spec leave no file behind."""
    path = tmp_path / "ringfence.yaml"
    with pytest.raises(InputError, match=r"cluster.endpoints\[0\]: plain http is refused"):
        init(path, Answers(endpoints=("http://a:2379",)), TODAY)
    assert not path.exists()


def test_init_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A folder that does not exist is an error of its own, not a traceback."""
    with pytest.raises(FileError, match="cannot be written"):
        init(tmp_path / "none" / "ringfence.yaml", Answers(), TODAY)


def test_load_what_is_not_there(tmp_path: Path) -> None:
    """A missing file leads to init."""
    with pytest.raises(FileError) as caught:
        load(tmp_path / "ringfence.yaml", TODAY)
    assert "ringfence init" in (caught.value.problems[0].hint or "")


def test_load_a_folder(tmp_path: Path) -> None:
    """A folder is no file."""
    with pytest.raises(FileError, match="cannot be read"):
        load(tmp_path, TODAY)


def test_load_names_the_file_and_the_line(tmp_path: Path) -> None:
    """Problems are placed in the file as it was named."""
    path = tmp_path / "other.yaml"
    path.write_text("version: 1\ncluster: {endpoints: [https://a:2379]}\nextra: 1\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load(path, TODAY)
    assert f"{path}:3: extra: unknown key 'extra'" == str(caught.value.problems[0])
