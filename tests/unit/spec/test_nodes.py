"""``nodes:``: a list, a file of names, or Kubernetes' own list; and what identities are called on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import FileError, Place, Problem, SpecError
from ringfence.model.names import NodeName
from ringfence.spec.node_names import on_node
from ringfence.spec.read import examine, read
from ringfence.spec.shape import Calico, CalicoPart, Node, NodeIdentity, Segmentation, Spec
from tests.unit.spec.reading import FOLDER, HEAD, TODAY

C = "ringfence.yaml"
BY_NODE = f"{HEAD}components: [{{use: calico, segmentation: node}}]\n"
"""Three lines; ``nodes:`` stands on line 4."""

IN_FILE = f"{BY_NODE}nodes: {{file: nodes.txt}}\n"
LABEL = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,12}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABEL, min_size=1, max_size=4).map(".".join)


def holding(content: bytes | str) -> Callable[[Path], bytes]:
    """A way to read files of which each has this content."""
    raw = content.encode() if isinstance(content, str) else content
    return lambda _path: raw


def spec(text: str, content: bytes | str = "") -> Spec:
    """The spec; it must have no problem."""
    return read(text, C, FOLDER, TODAY, holding(content))


def lines(text: str, content: bytes | str = "") -> list[str]:
    """The problems as the operator sees them, without hints."""
    return [str(problem) for problem in problems(text, holding(content))]


def problems(text: str, read_file: Callable[[Path], bytes]) -> list[Problem]:
    """The problems in their order."""
    return list(examine(text, C, FOLDER, TODAY, read_file).problems)


def kubectl(*items: object) -> str:
    """What kubectl writes, as far as it is read."""
    return json.dumps({"kind": "List", "items": items})


def node(name: object, *addresses: tuple[str, str]) -> dict[str, object]:
    """A Node of Kubernetes."""
    listed = [{"type": kind, "address": address} for kind, address in addresses]
    return {"kind": "Node", "metadata": {"name": name}, "status": {"addresses": listed}}


def test_a_list() -> None:
    """Names alone, or with an address, each with its place."""
    found = spec(f"{BY_NODE}nodes:\n  - n1\n  - {{name: worker-1.example.org, address: 10.0.0.1}}\n").nodes
    assert (
        Node(NodeName("n1"), None, Place(C, 5, "nodes[0]")),
        Node(NodeName("worker-1.example.org"), "10.0.0.1", Place(C, 6, "nodes[1].name")),
    ) == found


def test_a_file_of_names() -> None:
    """A name a line; comments, empty lines and either line ending are nothing."""
    found = spec(IN_FILE, "\ufeff# all of them\n\nn1 # the first\r\n  n2\r\n").nodes
    assert [("n1", Place("nodes.txt", 3)), ("n2", Place("nodes.txt", 4))] == [(each.name, each.place) for each in found]


def test_what_kubectl_writes() -> None:
    """The name and the first internal address of each Node."""
    content = kubectl(
        node("n1", ("Hostname", "n1"), ("InternalIP", "10.0.0.1"), ("InternalIP", "fd00::1")),
        node("n2", ("ExternalIP", "192.0.2.1")),
        {"metadata": {"name": "n3"}},
    )
    assert [("n1", "10.0.0.1"), ("n2", None), ("n3", None)] == [
        (each.name, each.address) for each in spec(IN_FILE, f"\n {content}").nodes
    ]


def test_the_file_is_found_beside_the_spec() -> None:
    """Its path is resolved against the folder of the spec."""
    asked: list[Path] = []

    def reading(path: Path) -> bytes:
        asked.append(path)
        return b"n1\n"

    assert [] == problems(IN_FILE, reading)
    assert [FOLDER / "nodes.txt"] == asked


def test_the_digest_covers_the_nodes_of_the_file() -> None:
    """Other nodes or addresses are another spec; a comment, or a heartbeat in kubectl's list, is not."""
    plain = spec(IN_FILE, "n1\nn2\n").digest
    assert plain == spec(IN_FILE, "# again\nn1\nn2").digest == spec(IN_FILE, kubectl(node("n1"), node("n2"))).digest
    others = ("n1\n", "n1\nn2\nn3\n", "n2\nn1\n", kubectl(node("n1", ("InternalIP", "10.0.0.1")), node("n2")))
    assert 5 == len({plain, *(spec(IN_FILE, content).digest for content in others)})


def test_the_digest_of_a_spec_without_such_a_file() -> None:
    """It is that of the text, as ever, so that saved plans stay good."""
    text = f"{BY_NODE}nodes: [n1]\n"
    assert hashlib.sha256(text.encode()).hexdigest() == spec(text).digest


def test_what_calico_becomes() -> None:
    """The parts that run on every node are marked; the others stay one identity each."""
    text = (
        f"{HEAD}components:\n  - use: calico\n    network: canal\n    segmentation: node\n    identity: node-scoped\n"
        "    calicoctl: [full]\n    identities: {calico-cni: cni}\nnodes: [n1]\n"
    )
    (calico,) = spec(text).components
    assert isinstance(calico, Calico)
    assert (Segmentation.NODE, NodeIdentity.SCOPED) == (calico.segmentation, calico.by_node)
    assert [
        ("calico/node", "calico-node", True),
        ("calico/cni", "cni", True),
        ("calico/kube-controllers", "calico-kube-controllers", False),
        ("flannel", "flannel", True),
        ("calicoctl/full", "calicoctl-full", False),
    ] == [(part.component, part.identity, part.by_node) for part in calico.parts]
    cni = calico.part_of("calico/cni")
    assert isinstance(cni, CalicoPart)
    assert "cni.n1" == cni.name_on(NodeName("n1"))


def test_nodes_share_an_identity_unless_told_otherwise() -> None:
    """The way without a write to etcd for each node is the default."""
    (calico,) = spec(f"{BY_NODE}nodes: [n1]\n").components
    assert isinstance(calico, Calico)
    assert NodeIdentity.SHARED is calico.by_node


REFUSED = {
    "none": (f"{BY_NODE}nodes: []\n", [f"{C}:4: nodes: has no nodes"]),
    "a word": (f"{BY_NODE}nodes: n1\n", [f"{C}:4: nodes: must be a mapping, not 'n1'"]),
    "twice": (
        f"{BY_NODE}nodes: [n1, n2, n1]\n",
        [f"{C}:4: nodes[2]: n1 is listed twice, first at {C}:4: nodes[0]"],
    ),
    "upper case": (f"{BY_NODE}nodes: [Node-A]\n", [f"{C}:4: nodes[0]: 'Node-A' has upper case"]),
    "an underscore": (f"{BY_NODE}nodes: [node_a]\n", [f"{C}:4: nodes[0]: 'node_a' is no name of a node"]),
    "a slash": (f"{BY_NODE}nodes: [a/b]\n", [f"{C}:4: nodes[0]: 'a/b' is no name of a node"]),
    "a dot at the end": (f"{BY_NODE}nodes: [a.]\n", [f"{C}:4: nodes[0]: 'a.' is no name of a node"]),
    "an empty label": (f"{BY_NODE}nodes: [a..b]\n", [f"{C}:4: nodes[0]: 'a..b' is no name of a node"]),
    "a dash first": (f"{BY_NODE}nodes: ['-a']\n", [f"{C}:4: nodes[0]: '-a' is no name of a node"]),
    "other letters": (f"{BY_NODE}nodes: [nöde]\n", [f"{C}:4: nodes[0]: 'nöde' is no name of a node"]),
    "too long": (f"{BY_NODE}nodes: [{'a' * 254}]\n", [f"{C}:4: nodes[0]: the name is 254 characters long"]),
    "no name": (f"{BY_NODE}nodes: [{{address: a}}]\n", [f"{C}:4: nodes[0]: name is missing"]),
    "no address": (
        f"{BY_NODE}nodes: [{{name: a, address: 'x y'}}]\n",
        [f"{C}:4: nodes[0].address: 'x y' is neither a DNS name nor an IP address"],
    ),
    "no file": (
        f"{BY_NODE}nodes: {{path: a}}\n",
        [f"{C}:4: nodes.path: unknown key 'path'", f"{C}:4: nodes: file is missing"],
    ),
    "a name that is taken": (
        f"{BY_NODE}nodes: [n1]\nusers: {{calico-cni.n1: {{roles: []}}}}\n",
        [f"{C}:5: users.'calico-cni.n1': calico-cni.n1 is also the identity of nodes[0] on line 4"],
    ),
    "the role that nodes share": (
        f"{BY_NODE}nodes: [n1]\nroles: {{calico-node: [{{key: a, access: read}}]}}\n",
        [f"{C}:5: roles.calico-node: calico-node is the role of the component components[0] on line 3"],
    ),
    "a role that no node has": (
        f"{BY_NODE}nodes: [n1]\nusers: {{a: {{roles: [calico-node.n1]}}}}\n",
        [f"{C}:5: users.a.roles[0]: there is no role 'calico-node.n1'"],
    ),
    "one name": (
        f"{HEAD}components: [{{use: calico, segmentation: node, name: a}}]\nnodes: [n1]\n",
        [f"{C}:3: components[0].name: segmentation: node makes several users, so there is no one name"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(text: str, expected: list[str]) -> None:
    """What stands in the spec itself is placed at its line."""
    assert expected == lines(text)


FILES = {
    "nothing in it": ("", [f"{C}:4: nodes.file: nodes.txt has no nodes"]),
    "only comments": ("# none\n\n", [f"{C}:4: nodes.file: nodes.txt has no nodes"]),
    "bytes": (b"\xff\xfe", [f"{C}:4: nodes.file: nodes.txt is not UTF-8 text"]),
    "two on a line": ("n1 n2\n", ["nodes.txt:1: 'n1 n2' is no name of a node"]),
    "twice": ("n1\n\nn1\n", ["nodes.txt:3: n1 is listed twice, first at nodes.txt:1"]),
    "upper case": ("n1\nN2\n", ["nodes.txt:2: 'N2' has upper case"]),
    "no JSON": ("{n1\n", ["nodes.txt:1: is not JSON, although it begins with {"]),
    "JSON without end": ('{"items":' + "[" * 100_000, ["nodes.txt:1: is not JSON, although it begins with {"]),
    "another JSON": ('{"nodes": []}', ["nodes.txt:1: has no items"]),
    "no items": (kubectl(), [f"{C}:4: nodes.file: nodes.txt has no nodes"]),
    "pods": (
        kubectl({"kind": "Pod", "metadata": {"name": "a"}}, node(7), None),
        [f"nodes.txt:1: items[{number}]: is no Node with a name" for number in range(3)],
    ),
    "JSON, twice": (
        kubectl(node("n1"), node("n1")),
        ["nodes.txt:1: items[1]: n1 is listed twice, first at nodes.txt:1: items[0]"],
    ),
}


@pytest.mark.parametrize(("content", "expected"), FILES.values(), ids=FILES)
def test_refused_files(content: bytes | str, expected: list[str]) -> None:
    """What stands in the file of nodes is placed there."""
    assert expected == lines(IN_FILE, content)


def test_a_file_that_cannot_be_read() -> None:
    """The reason stands at the place that names it."""

    def failing(path: Path) -> bytes:
        raise FileError.of("there is no such file", place=Place(str(path)), hint="write it")

    (problem,) = problems(IN_FILE, failing)
    assert (f"{C}:4: nodes.file: nodes.txt there is no such file", "write it") == (str(problem), problem.hint)


def test_another_file_than_meant() -> None:
    """A file with a thousand mistakes is not read out."""
    found = lines(IN_FILE, "".join(f"_{number}\n" for number in range(1000)))
    assert 21 == len(found)
    assert "nodes.txt:21: and 980 more problems with nodes" == found[-1]


def test_a_text_without_a_way_to_files() -> None:
    """Where there is no folder, a file of nodes cannot be named."""
    with pytest.raises(SpecError, match="is not read here"):
        read(IN_FILE, C, FOLDER, TODAY)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("n1", "calico-node.n1"),
        ("worker-7.rack-3.example.org", "calico-node.worker-7.rack-3.example.org"),
        ("a" * 52, "calico-node." + "a" * 52),
        ("a" * 53, "calico-node." + "a" * 35 + "-5f9a758f8d8aaef4"),
        ("a" * 34 + "." + "b" * 30, "calico-node." + "a" * 34 + "-adf4d534b90c2f2b"),
        ("foo-key", "calico-node.foo-key-3157cec91d35fee6"),
    ],
)
def test_names_on_nodes(node: str, expected: str) -> None:
    """Joined by a dot; what is too long, or would be taken for a key's file, ends in a hash of all of it."""
    assert expected == on_node("calico-node", NodeName(node))


@given(NAMES, NAMES)
def test_names_on_nodes_are_names(one: str, other: str) -> None:
    """At most 64 bytes, like a host name, and different where the nodes are."""
    found = on_node("calico-node", NodeName(one))
    assert len(found) <= 64
    assert not found.endswith(("-key", ".", "-"))
    assert found.startswith("calico-node.")
    assert (one == other) == (found == on_node("calico-node", NodeName(other)))


def test_a_shortened_name_that_is_taken() -> None:
    """Both places are named, whichever way the two became the same."""
    long = "a" * 60
    short = on_node("calico-node", NodeName(long)).removeprefix("calico-node.")
    (found,) = lines(f"{BY_NODE}nodes: [{long}, {short}]\n")
    assert f"{C}:4: nodes[1]: calico-node.{short} is also the identity of nodes[0] on line 4" == found
    (found,) = lines(IN_FILE, f"{long}\n{short}\n")
    assert f"nodes.txt:2: calico-node.{short} is also the identity of nodes.txt:1" == found
