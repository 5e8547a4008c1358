"""Identities by node: who there is in each of the three ways, what it costs, and that no node writes another's keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.catalog.load import load
from ringfence.changes.diff import diff
from ringfence.errors import SpecError
from ringfence.model.names import RoleName, UserName
from ringfence.model.state import State
from ringfence.ops.check import check
from ringfence.ops.load import understand
from ringfence.reports.check import check_json, check_text
from ringfence.rules.answer import answer, who_can
from ringfence.rules.holdings import Holdings
from ringfence.rules.requests import DeleteRange, Put
from ringfence.spec.shape import NodeIdentity, Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.certificates import requests
from ringfence.wanted.everybody import everybody
from tests.unit.spec.reading import TODAY
from tests.unit.wanted.building import HEAD, both

WAYS = [way.value for way in NodeIdentity]
NOBODY = State.of(auth_enabled=False)
P = b"/calico/resources/v3/projectcalico.org/"
NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,4}[a-z0-9])?(\.[a-z0-9]{1,3})?", fullmatch=True)


def text(way: str, *nodes: str, more: str = "") -> str:
    """A Calico on these nodes."""
    calico = f"{{use: calico, calico: '3.32', segmentation: node, identity: {way}{more}}}"
    return f"{HEAD}components: [{calico}]\nnodes: [{', '.join(nodes)}]\n"


def on(way: str, *nodes: str, more: str = "") -> tuple[Spec, Wanted]:
    """The spec and what it asks for."""
    return both(text(way, *nodes, more=more))


def writes(before: State, after: State) -> int:
    """How many changes lead from one to the other."""
    return sum(len(batch) for batch in diff(after, before))


def test_shared() -> None:
    """One user and role for each component as without nodes, and a certificate for each node."""
    spec, wanted = on("shared", "n1", "n2")
    by_component = both(f"{HEAD}components: [{{use: calico, calico: '3.32', segmentation: component}}]\n")[1].state
    assert by_component == wanted.state
    assert [
        ("root", "root", None),
        ("calico-node.n1", "calico-node", "n1"),
        ("calico-node.n2", "calico-node", "n2"),
        ("calico-cni.n1", "calico-cni", "n1"),
        ("calico-cni.n2", "calico-cni", "n2"),
        ("calico-kube-controllers", "calico-kube-controllers", None),
    ] == [(request.name, request.common_name, request.node) for request in requests(spec, wanted)]


def test_by_node() -> None:
    """A user for each node, who holds the role of its component and nothing else."""
    spec, wanted = on("node", "n1", "n2", more=", network: canal")
    assert {
        "calico-node.n1": {"calico-node"},
        "calico-node.n2": {"calico-node"},
        "calico-cni.n1": {"calico-cni"},
        "calico-cni.n2": {"calico-cni"},
        "flannel.n1": {"flannel"},
        "flannel.n2": {"flannel"},
        "calico-kube-controllers": {"calico-kube-controllers"},
    } == {name: user.roles for name, user in wanted.state.users.items() if name != "root"}
    assert {"root", "calico-node", "calico-cni", "flannel", "calico-kube-controllers"} == wanted.state.roles.keys()
    clients = [request for request in requests(spec, wanted) if request.node is not None]
    assert all(
        request.name == request.common_name == f"{request.name.partition('.')[0]}.{request.node}" for request in clients
    )
    assert 6 == len(clients)


def test_node_scoped() -> None:
    """Beside the role of all nodes each has one of its own; flannel, whose keys name no node, has none."""
    state = on("node-scoped", "n1", "n2", more=", network: canal")[1].state
    assert frozenset({"calico-node", "calico-node.n1"}) == state.users[UserName("calico-node.n1")].roles
    assert frozenset({"calico-cni", "calico-cni.n2"}) == state.users[UserName("calico-cni.n2")].roles
    assert frozenset({"flannel"}) == state.users[UserName("flannel.n1")].roles
    assert RoleName("flannel.n1") not in state.roles
    assert [
        (b"/calico/ipam/v2/host/n1/", b"/calico/ipam/v2/host/n10"),
    ] == [permission.place for permission in state.roles[RoleName("calico-cni.n1")].permissions]


def test_a_long_name_is_one_name_everywhere() -> None:
    """User, role, Common Name and file are shortened alike."""
    long = "worker-0001.rack-17.row-3.datacentre-east.compute.example.org"
    spec, wanted = on("node-scoped", long)
    (request,) = (one for one in requests(spec, wanted) if one.name.startswith("calico-node"))
    assert 64 == len(request.name)
    assert request.name == request.common_name
    assert (request.name, request.name) == (
        wanted.state.users[UserName(request.name)].name,
        wanted.state.roles[RoleName(request.name)].name,
    )
    assert long == request.node


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, min_size=2, max_size=5, unique=True))
def test_no_node_writes_the_keys_of_another(nodes: list[str]) -> None:
    """By etcd's own rules, and also where one name is the beginning of another; its own it writes."""
    wanted = on("node-scoped", *(json.dumps(node) for node in nodes))[1]
    holdings = Holdings(wanted.state)
    for owner in nodes:
        keys = [
            P + b"nodes/" + owner.encode(),
            P + b"felixconfigurations/node." + owner.encode(),
            b"/calico/ipam/v2/host/" + owner.encode() + b"/ipv4/block/10.0.0.0-26",
            b"/calico/ipam/v2/handle/vxlan-tunnel-addr-" + owner.encode(),
            b"/calico/felix/v1/host/" + owner.encode() + b"/endpoint/eth0",
        ]
        for key in keys:
            able = {user for user, _ in who_can(holdings, Put(key)) if user.startswith("calico-node.")}
            assert {f"calico-node.{owner}"} == able, key
        block = Put(keys[2])
        assert {f"calico-cni.{owner}"} == {
            user for user, _ in who_can(holdings, block) if user.startswith("calico-cni.")
        }


def test_a_prefix_of_a_name_deletes_nothing_of_it() -> None:
    """n1 may delete all below its own host, and not one key more."""
    holdings = Holdings(on("node-scoped", "n1", "n10")[1].state)
    user, start = UserName("calico-node.n1"), b"/calico/ipam/v2/host/n1/"
    assert answer(holdings, user, DeleteRange(start, b"/calico/ipam/v2/host/n10")).allowed
    assert not answer(holdings, user, DeleteRange(start, b"/calico/ipam/v2/host/n10\x00")).allowed
    assert not answer(holdings, user, DeleteRange(start, b"/calico/ipam/v2/host/n10/")).allowed


@pytest.mark.parametrize("network", ["calico", "canal"])
@pytest.mark.parametrize("way", WAYS)
def test_what_check_says_is_what_a_plan_does(way: str, network: str) -> None:
    """Users, roles, permissions, and the writes of the first apply and of one more node, whichever way is chosen."""
    more = f", network: {network}, calicoctl: [read-only]"
    three, four = (on(way, *nodes, more=more)[1].state for nodes in (("n1", "n2", "n3"), ("n1", "n2", "n3", "n4")))
    for chosen in WAYS:
        costs = on(chosen, "n1", "n2", "n3", more=more)[1].costs
        assert costs is not None
        assert chosen == costs.choice.way.value
        cost = next(one for one in costs.ways if one.way.value == way)
        permissions = sum(len(role.permissions) for role in three.roles.values())
        assert (len(three.users), len(three.roles), permissions) == (cost.users, cost.roles, cost.permissions)
        assert writes(NOBODY, three) == cost.first_apply
        assert writes(three, four) == cost.one_more_node
        assert 3 * len(costs.components) == cost.certificates


@pytest.mark.parametrize("way", WAYS)
def test_one_node_more_writes_nothing_of_others(way: str) -> None:
    """Every change names the new node."""
    few, more = (on(way, *(f"n{number}" for number in range(count)))[1].state for count in (50, 51))
    changes = [change for batch in diff(more, few) for change in batch]
    assert all("n50" in f"{getattr(change, 'user', '')} {getattr(change, 'role', '')}" for change in changes)
    assert (way == "shared") == (not changes)


def test_what_a_stolen_key_reaches() -> None:
    """By node as much as shared; narrowed, its own keys and those that name no node."""
    costs = on("node", "n1", "n10")[1].costs
    assert costs is not None
    shared, node, scoped = costs.ways
    other = b"/calico/ipam/v2/host/n10/ipv4/block/10.0.0.0-26"
    assert shared.stolen == node.stolen
    assert not node.own
    assert (True, False) == (other in node.stolen.write, other in scoped.stolen.write)
    assert other in scoped.stolen.read
    assert P + b"nodes/n1" in scoped.own
    assert P + b"tiers/default" in scoped.stolen.write - scoped.own
    assert ((), ()) == (shared.beforehand, node.lost)
    assert "the BGPConfiguration default" in scoped.beforehand


def test_no_costs_without_nodes() -> None:
    """They are told only where identities differ by node."""
    assert both(f"{HEAD}components: [{{use: calico, segmentation: component}}]\n")[1].costs is None


COSTS = """\
calico/node, calico/cni on 9 nodes; the chosen way is marked:
   IDENTITY     CERTIFICATES  USERS  ROLES  PERMISSIONS  AUTH WRITES  FOR ONE MORE NODE
   shared       18            4      4      36           49           0
*  node         18            20     4      36           81           4
   node-scoped  18            20     22     131          212          19
"""


def test_check_is_short() -> None:
    """One line stands for all nodes, then the table of costs."""
    result = check(*on("node", *(f"n{number}" for number in range(9))))
    lines = check_text(result).splitlines()
    assert lines[1].startswith("calico   /calico/*  calico-node.n0 and 8 alike  read 4 spans, write 11 spans")
    assert lines[2].startswith("                    calico-cni.n0 and 8 alike   read 8 spans, write /calico/ipam/v2/* ")
    assert COSTS in check_text(result)


def test_check_says_what_narrowing_asks_for() -> None:
    """What must be there, what is lost and what stays open, only where that way is chosen."""
    scoped, plain = (check(*on(way, "n1")).notes for way in ("node-scoped", "node"))
    told = [note for note in scoped if note.startswith("node-scoped: ")]
    assert 5 == len(told)
    assert "the BGPConfiguration default" in told[0]
    assert "/calico/ipam/v2/assignment/*" in told[3]
    assert not [note for note in plain if "node-scoped" in note]


def test_check_as_data() -> None:
    """Everybody is named; of those who are alike only the first is written out."""
    data = check_json(check(*on("node", "n1", "n2")))
    identities = data["identities"]
    assert isinstance(identities, list)
    by_name = {one["name"]: one for one in identities if isinstance(one, dict)}
    assert ("n1", 1) == (by_name["calico-node.n1"]["node"], by_name["calico-node.n1"]["certificates"])
    assert by_name["calico-node.n1"]["read"]
    assert (None, "calico-node.n1") == (by_name["calico-node.n2"]["read"], by_name["calico-node.n2"]["like"])
    nodes = data["nodes"]
    assert isinstance(nodes, dict)
    assert (2, "node") == (nodes["count"], nodes["identity"])
    assert data == json.loads(json.dumps(data))


def test_everybody_in_a_few_words() -> None:
    """Thousands of nodes are one entry in a list of who must be restarted."""
    assert (
        "calico-node.n1 and 2 more (calico/node)",
        "calico-cni.n1 and 2 more (calico/cni)",
        "calico-kube-controllers (calico/kube-controllers)",
    ) == everybody(on("node", "n1", "n2", "n3")[1].identities)


def test_a_release_without_etcd_v3() -> None:
    """It is refused once, not for each node."""
    spec = text("node", "n1", "n2").replace("3.32", "2.6")
    with pytest.raises(SpecError, match="keeps its data in etcd v2") as caught:
        both(spec)
    assert ["components[0].segmentation", "components[0].identity", "components[0]"] == [
        problem.place and problem.place.path for problem in caught.value.problems
    ]


def test_nodes_of_a_file_are_as_those_of_a_list() -> None:
    """Where the names stand makes no difference to what is wanted."""
    listed = on("node-scoped", "n1", "n2")[1]
    spec = text("node-scoped").replace("nodes: []", "nodes: {file: nodes.txt}")
    filed = understand(spec, "ringfence.yaml", Path("/srv/spec"), TODAY, lambda _path: b"n1\nn2\n")[1]
    assert listed.state == filed.state


def test_the_catalog_decides_what_is_narrowed() -> None:
    """The own role of a node is just what the catalog's narrowed lines give."""
    role = on("node-scoped", "n1")[1].state.roles[RoleName("calico-node.n1")]
    needs = load().entry("calico/node").on_nodes(None, {}).needs("n1")
    assert {need.span for need in needs} == {permission.span for permission in role.permissions}
