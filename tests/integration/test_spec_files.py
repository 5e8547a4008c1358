"""The spec as a file: read where it is, written where none is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ringfence.errors import FileError, InputError, SpecError
from ringfence.ops.init import init
from ringfence.ops.load import load, understand
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


BY_NODE = """\
version: 1
cluster: {endpoints: [https://a:2379]}
components: [{use: calico, segmentation: node, identity: node}]
nodes: {file: lists/nodes.txt}
"""


def test_nodes_in_a_file_beside_the_spec(tmp_path: Path) -> None:
    """It is read from the folder of the spec, whatever the current one is, and changes the spec's digest."""
    path, nodes = tmp_path / "ringfence.yaml", tmp_path / "lists" / "nodes.txt"
    path.write_text(BY_NODE, encoding="utf-8")
    nodes.parent.mkdir()
    nodes.write_text("n1\n", encoding="utf-8")
    one, wanted = load(path, TODAY)
    assert "calico-node.n1" in wanted.state.users
    nodes.write_text("n1\nn2\n", encoding="utf-8")
    two, wanted = load(path, TODAY)
    assert "calico-node.n2" in wanted.state.users
    assert one.digest != two.digest


@pytest.mark.parametrize(("make", "wrong"), [(None, "there is no such file"), (Path.mkdir, "cannot be read")])
def test_nodes_that_are_not_there(tmp_path: Path, make: Callable[[Path], None] | None, wrong: str) -> None:
    """The problem stands at the line of the spec that names them."""
    path = tmp_path / "ringfence.yaml"
    path.write_text(BY_NODE.replace("lists/", ""), encoding="utf-8")
    if make is not None:
        make(tmp_path / "nodes.txt")
    with pytest.raises(SpecError) as caught:
        load(path, TODAY)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{path}:4: nodes.file: nodes.txt {wrong}")


def test_problems_of_both_files_come_together(tmp_path: Path) -> None:
    """Those of the spec first, then those of the nodes, each in its file."""
    path = tmp_path / "ringfence.yaml"
    path.write_text(BY_NODE.replace("lists/", "") + "roles: []\n", encoding="utf-8")
    (tmp_path / "nodes.txt").write_text("A\nb c\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load(path, TODAY)
    places = [problem.place for problem in caught.value.problems]
    assert [(str(path), 5), ("nodes.txt", 1), ("nodes.txt", 2)] == [
        (place.file, place.line) for place in places if place is not None
    ]


def test_the_example_of_the_page_is_correct() -> None:
    """What docs/nodes.md shows is a part of a correct spec."""
    page = (Path(__file__).parents[2] / "docs" / "nodes.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    text = f"version: 1\ncluster: {{endpoints: [https://a:2379]}}\n{example}"
    _, wanted = understand(text, "ringfence.yaml", Path("/"), TODAY)
    (node, *_) = (one for one in wanted.identities if one.label == "calico/node")
    assert ["calico-node.worker-1", "calico-node.worker-2.example.org"] == [one.name for one in node.certificates]
