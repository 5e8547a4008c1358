"""What import writes: for any state, a spec that passes the check and whose plan is empty; and what it recognizes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringfence.adoption.adopt import Facts, adopt
from ringfence.catalog.load import load
from ringfence.changes.change import AddRole, AddUser, Change, DeleteUser, EnableAuth, GrantRole
from ringfence.changes.diff import diff, unmanaged
from ringfence.keyspace import Span
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import OPEN_END, Access, Permission
from ringfence.model.state import Login, Role, State, User
from ringfence.model.version import Version
from ringfence.ops.import_ import spec_for
from ringfence.ops.load import understand
from ringfence.spec.shape import Calico, KubeApiserver, OwnComponent, Segmentation, Spec
from ringfence.wanted.build import Wanted

CATALOG = load()
R, W, RW = Access.READ, Access.WRITE, Access.READWRITE
FACTS = Facts(endpoints=("https://10.0.0.1:2379",), etcd=Version(3, 6, 14))
TODAY = date(2026, 9, 1)


def prefix(text: str, access: Access = RW) -> Permission:
    """What etcdctl grants with --prefix."""
    return Permission.on_prefix(access, text.encode())


def state(roles: dict[str, list[Permission]], users: dict[str, list[str]] | None = None, *, auth: bool = True) -> State:
    """A state with root; without ``users``, each role has a user of its name."""
    held = {name: [name] for name in roles} if users is None else users
    return State.of(
        [
            User(ROOT_USER, frozenset({ROOT_ROLE})),
            *(User(UserName(name), frozenset(map(RoleName, of))) for name, of in held.items()),
        ],
        [Role(ROOT_ROLE), *(Role(RoleName(name), tuple(entries)) for name, entries in roles.items())],
        auth_enabled=auth,
    )


def read(text: str) -> tuple[Spec, Wanted]:
    """The spec, as every verb reads it."""
    return understand(text, "ringfence.yaml", Path("/srv/spec"), TODAY)


def imported(found: State, facts: Facts = FACTS) -> str:
    """The first text, which must need no second try."""
    text = adopt(found, CATALOG, facts)
    spec, wanted = read(text)
    assert () == diff(wanted.state, found, spec.protect)
    return text


LONG = ("y" * 65, "z" * 2000)
NAMES = st.sampled_from(
    [
        "a",
        "b",
        "calico",
        "calico-node",
        "kube-apiserver",
        "x-key",
        "ca",
        "no name",
        " odd",
        "null",
        "12",
        "é:ü",
        "\n",
        *LONG,
    ]
)
KEYS = st.one_of(
    st.sampled_from([b"/registry/", b"/calico/", b"/a/", b"/a/b", b"/a/b/", b"/a", b"\x00", b"\xff", b"", b"a b"]),
    st.binary(max_size=2),
)
PERMISSIONS = st.one_of(
    st.builds(Permission, st.sampled_from(Access), KEYS, KEYS),
    st.builds(Permission.on_prefix, st.sampled_from(Access), KEYS),
    st.builds(Permission, st.sampled_from(Access), KEYS, st.just(OPEN_END)),
    st.builds(Permission, st.sampled_from(Access), KEYS),
)


@st.composite
def states(draw: st.DrawFn) -> State:
    """Any users and roles, most users with the role of their own name, root among them or not."""
    roles = draw(st.dictionaries(NAMES, st.lists(PERMISSIONS, max_size=4), max_size=5))
    users: dict[str, list[str]] = {name: [name] for name in roles if draw(st.booleans())}
    for name in draw(st.lists(NAMES, max_size=3)):
        users[name] = draw(st.lists(st.sampled_from([*roles, "root"]), max_size=3, unique=True))
    return state(roles, users)


CHAIN = state(
    {
        "a": [prefix("/a/"), prefix("/b/")],
        "b": [prefix("/b/"), prefix("/c/")],
        "c": [prefix("/a/"), prefix("/c/"), prefix("/d/")],
    }
)
"""Each shares keys with both of the others."""


@settings(max_examples=150, deadline=None)
@given(states())
@example(CHAIN)
def test_planning_what_was_imported_changes_nothing(found: State) -> None:
    """For any state, at the first try, and what is left unmanaged is named in a comment."""
    text = imported(found)
    left = unmanaged(read(text)[1].state, found)
    named = [line for line in text.splitlines() if line.startswith(("#   role ", "#   user "))]
    assert len(left.users) + len(left.roles) == len(named)


@settings(max_examples=50, deadline=None)
@given(states())
def test_so_it_is_without_components(found: State) -> None:
    """The plain way, which is there for what nobody thought of, never fails."""
    spec, wanted = read(adopt(found, CATALOG, FACTS, plainly=True))
    assert () == diff(wanted.state, found, spec.protect)
    assert () == spec.components


def test_kubernetes_and_calico_are_recognized() -> None:
    """One user each, by what the role reaches; the tenant beside them is an own component."""
    prefixes = {"kube-apiserver": "/registry/", "calico": "/calico/", "t": "/t/"}
    spec, _ = read(imported(state({name: [prefix(path)] for name, path in prefixes.items()})))
    apiserver, calico, tenant = spec.components
    assert isinstance(apiserver, KubeApiserver)
    assert isinstance(calico, Calico)
    assert isinstance(tenant, OwnComponent)
    assert ("kube-apiserver", "/registry", "calico", Segmentation.SINGLE, "t") == (
        apiserver.identity,
        apiserver.prefix,
        calico.identity,
        calico.segmentation,
        tenant.identity,
    )


@pytest.mark.parametrize(
    ("name", "entries", "recognized"),
    [
        ("k8s", [prefix("/registry/")], True),
        ("k8s", [prefix("/kubernetes.io/")], True),
        ("apiserver-b", [prefix("/cluster-b/")], True),
        ("inventory", [prefix("/inventory/")], False),
        ("kube-apiserver", [prefix("/registry/", R)], False),
        ("kube-apiserver", [prefix("/registry")], False),
        ("kube-apiserver", [prefix("/registry/"), prefix("/other/")], False),
        ("kube-apiserver", [prefix("/registry/"), Permission(R, b"/registry/health")], True),
    ],
)
def test_what_makes_a_kube_apiserver(name: str, entries: list[Permission], recognized: bool) -> None:
    """Its reach is exactly that of the catalog, and the prefix or the name says Kubernetes."""
    spec, _ = read(imported(state({name: entries})))
    assert recognized == any(isinstance(component, KubeApiserver) for component in spec.components)


def test_a_compacting_kube_apiserver_holds_root() -> None:
    """On an etcd that lets only root compact it is recognized with the role root; on an older one without."""
    entries = [prefix("/registry/"), Permission(RW, b"compact_rev_key")]
    rooted = state({"kube-apiserver": entries}, {"kube-apiserver": ["kube-apiserver", "root"]})
    (component,) = read(imported(rooted))[0].components
    assert isinstance(component, KubeApiserver)
    old = Facts(endpoints=FACTS.endpoints, etcd=Version(3, 5, 1))
    (component,) = read(imported(state({"kube-apiserver": entries}), old))[0].components
    assert isinstance(component, KubeApiserver)
    assert () == read(imported(rooted, old))[0].components


@pytest.mark.parametrize("node", ["calico-node", "node"])
@pytest.mark.parametrize("network", ["calico", "canal"])
def test_calico_by_component_is_recognized(node: str, network: str) -> None:
    """What ringfence itself would make of it comes back as it was, renamed identities included."""
    text = f"""
version: 1
cluster: {{endpoints: [https://a:2379], etcd: 3.6.14}}
components:
  - use: calico
    calico: "3.30"
    network: {network}
    segmentation: component
    calicoctl: [read-only]
    identities: {{calico-node: {node}}}
"""
    asked = read(text)[1].state
    spec, wanted = read(imported(asked))
    (component,) = spec.components
    assert isinstance(component, Calico)
    assert (Segmentation.COMPONENT, network) == (component.segmentation, component.network)
    assert asked.users == wanted.state.users


@pytest.mark.parametrize("network", ["calico", "canal"])
@pytest.mark.parametrize("way", ["node", "node-scoped"])
def test_calico_by_node_is_recognized(way: str, network: str) -> None:
    """The nodes come back by name, and so does how their identities differ; renamed identities included."""
    text = f"""
version: 1
cluster: {{endpoints: [https://a:2379], etcd: 3.6.14}}
components:
  - use: calico
    calico: "3.30"
    network: {network}
    segmentation: node
    identity: {way}
    calicoctl: [read-only]
    identities: {{calico-node: felix.a}}
nodes: [n1, n10, worker-1.example.org]
"""
    asked = read(text)[1].state
    spec, wanted = read(imported(asked))
    (component,) = spec.components
    assert isinstance(component, Calico)
    assert component.by_node is not None
    assert (Segmentation.NODE, way, network) == (component.segmentation, component.by_node.value, component.network)
    assert ["n1", "n10", "worker-1.example.org"] == [node.name for node in spec.nodes]
    assert asked == wanted.state
    assert ((), ()) == (spec.roles, spec.users)


def test_nodes_without_certificates_are_counted() -> None:
    """Thousands of them are one line."""
    calico = BY_NODE.replace("segmentation: node", "segmentation: node, identity: node")
    names = ", ".join(f"n{number}" for number in range(30))
    text = f"version: 1\ncluster: {{endpoints: [https://a:2379]}}\ncomponents: [{calico}]\nnodes: [{names}]\n"
    asked = read(text)[1].state
    found = imported(asked, Facts(endpoints=FACTS.endpoints, etcd=None, uncertified=frozenset(asked.users)))
    assert ["  # calico-node.n0 and 60 more have no certificate in the pki folder"] == [
        line for line in found.splitlines() if "certificate in the pki folder" in line
    ]


def test_what_nodes_share_is_recognized_by_component() -> None:
    """etcd does not know for which nodes certificates were made."""
    text = f"version: 1\ncluster: {{endpoints: [https://a:2379]}}\ncomponents: [{BY_NODE}]\nnodes: [n1]\n"
    (component,) = read(imported(read(text)[1].state))[0].components
    assert isinstance(component, Calico)
    assert Segmentation.COMPONENT is component.segmentation


BY_NODE = '{use: calico, calico: "3.32", segmentation: node}'
Users = dict[str, list[str]]
"""Everybody's roles."""


@pytest.mark.parametrize("way", ["node", "node-scoped"])
@pytest.mark.parametrize(
    "change",
    [
        lambda users: {name: roles for name, roles in users.items() if name != "calico-cni.n2"},
        lambda users: {**users, "calico-cni.n2": users["calico-node.n2"]},
        lambda users: {**users, "calico-node." + "x" * 60: ["calico-node"]},
        lambda users: {**users, "calico-node.N3": ["calico-node"]},
        lambda users: {**users, "calico-node.n3": ["calico-node"]},
    ],
)
def test_what_is_not_quite_calico_by_node(
    way: str, change: Callable[[dict[str, list[str]]], dict[str, list[str]]]
) -> None:
    """Whatever somebody did by hand, planning the imported spec changes nothing."""
    calico = BY_NODE.replace("segmentation: node", f"segmentation: node, identity: {way}")
    text = f"version: 1\ncluster: {{endpoints: [https://a:2379]}}\ncomponents: [{calico}]\nnodes: [n1, n2]\n"
    asked = read(text)[1].state
    users = change({str(name): sorted(user.roles) for name, user in asked.users.items() if name != "root"})
    roles = {str(name): list(role.permissions) for name, role in asked.roles.items() if name != "root"}
    imported(state(roles, users))


def test_who_holds_root_is_written_and_shouted() -> None:
    """A second administrator is a user with the role root, behind a comment nobody misses."""
    text = imported(state({}, {"admin": ["root"]}))
    assert [
        "  # DANGER: admin holds the role root: no fence holds it, and it can change every fence",
        "  admin: {roles: [root], auth: certificate}",
    ] == text.splitlines()[-2:]


def test_what_a_spec_cannot_say_is_named() -> None:
    """Empty roles and their holders are left out; entries that hold no key, and doubles, are mentioned."""
    twice = [prefix("/a/"), prefix("/a/"), Permission(R, b"b", b"a")]
    text = imported(state({"empty": [], "a": twice}))
    assert [
        "# Left out, because a spec cannot say it; a plan leaves it alone:",
        "#   role empty: it allows nothing",
        "#   user empty: it holds empty",
    ] == text.splitlines()[-3:]
    assert "  # a: etcd stores the permission on /a/ more than once" in text.splitlines()
    assert "  # a: etcd also stores a permission on [b, a), which holds no key" in text.splitlines()


def test_a_spare_key_that_was_left_is_no_part_of_the_spec() -> None:
    """It is named in a comment, and the plan of what was imported is to delete it and no more."""
    spare = UserName("ringfence-spare-0badf00d")
    found = state({"shop": [prefix("/shop/")]}, {"shop": ["shop"], spare: ["root"]})
    text = spec_for(found, FACTS, Path("/srv/spec"), TODAY)
    _, wanted = read(text)
    assert spare not in wanted.state.users
    assert ((DeleteUser(spare),),) == diff(wanted.state, found)
    assert [f"# {spare} is a spare key of ringfence, left from an apply that was cut off; the next one deletes it"] == [
        line for line in text.splitlines() if spare in line
    ]


def test_a_name_cannot_end_its_comment() -> None:
    """Whatever stands in a name, the comment stays one line."""
    text = imported(state({"x\nusers: {evil: {roles: [root]}}": []}))
    assert "evil" not in read(text)[1].state.users
    assert "#   role x\\nusers: {evil: {roles: [root]}}: its name cannot stand in a spec" in text.splitlines()


def test_users_without_certificates_are_named() -> None:
    """By a comment above them, in every section."""
    found = state({"t": [prefix("/t/")], "r": [prefix("/t/x/", R)]}, {"t": ["t"], "u": ["r"]})
    text = imported(found, Facts(endpoints=FACTS.endpoints, etcd=None, uncertified=frozenset(map(UserName, "tu"))))
    named = [line.split()[1] for line in text.splitlines() if "has no certificate in the pki folder" in line]
    assert ["t", "u"] == named


def test_keys_that_are_not_plain_text_are_hex() -> None:
    """Every form of a span is written, with the words that the guards against narrow reading ask for."""
    entries = [
        Permission(R, b"\x00\xff"),
        prefix("/p/"),
        prefix("/q"),
        Permission(W, b"/r/1", b"/r/5"),
        Permission(R, b"\xf0", OPEN_END),
    ]
    text = imported(state({"r": entries}, {}))
    assert [
        '    - {key: {hex: "00ff"}, access: read}',
        "    - {prefix: /p/, access: readwrite}",
        "    - {prefix: /q, beyond-slash: true, access: readwrite}",
        "    - {range: [/r/1, /r/5], access: write, write-only: true}",
        '    - {from-key: {hex: "f0"}, access: read}',
    ] == text.splitlines()[-5:]


def test_an_auditor_owns_nothing() -> None:
    """Somebody who reads everything is a user with a role that names whose keys it reads."""
    everything = Permission.on_span(R, Span(b"\x00", None))
    spec, wanted = read(imported(state({"auditor": [everything], "t": [prefix("/t/")]})))
    assert ["t"] == [segment.owner for segment in wanted.segments]
    assert [("t",)] == [grant.shares_with for role in spec.roles for grant in role.grants]


@pytest.mark.parametrize("auth", [True, False])
def test_auth_and_root_are_all_that_may_be_missing(auth: bool) -> None:
    """Where auth is off or root is not there, the plan has just that, and the text says so."""
    tenant, role = User(UserName("t"), frozenset({RoleName("t")})), Role(RoleName("t"), (prefix("/t/"),))
    bare = State.of([tenant], [role], auth_enabled=auth)
    text = spec_for(bare, FACTS, Path("/srv/spec"), TODAY)
    spec, wanted = read(text)
    root = [AddRole(ROOT_ROLE), AddUser(ROOT_USER, Login.CERTIFICATE), GrantRole(ROOT_USER, ROOT_ROLE)]
    missing: list[Change] = [*root, *([] if auth else [EnableAuth()])]
    changes = [change for batch in diff(wanted.state, bare, spec.protect) for change in batch]
    assert missing == changes
    assert auth == ("# Auth is OFF" not in text)
    assert "# There is no user root with the role root; ringfence apply would make it" in text.splitlines()
