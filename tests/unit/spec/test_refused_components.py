"""Components and people that a spec must not ask for: a spec a row, and the line that it earns."""

from __future__ import annotations

import pytest

from ringfence.spec.passwords import GATEWAY
from ringfence.spec.ways import Way
from tests.unit.spec.reading import HEAD, grant, lines, problems

C = "ringfence.yaml"

LONG = "x" * 65
COMPONENTS = {
    "no name": ("[{grants: [{key: a, access: read}]}]", f"{C}:3: components[0]: name is missing"),
    "no grants": ("[{name: a}]", f"{C}:3: components[0]: grants is missing"),
    "a gateway without password": (
        "[{name: a, grants: [{key: a, access: read}], transport: gateway}]",
        f"{C}:3: components[0]: {GATEWAY}",
    ),
    "a password without gateway": (
        "[{name: a, grants: [{key: a, access: read}], password: {env: A}}]",
        f"{C}:3: components[0].password: only a client of the JSON gateway logs in by password",
    ),
    "a password in the open": (
        "[{name: a, grants: [{key: a, access: read}], transport: gateway, password: hunter2}]",
        f"{C}:3: components[0].password: a password does not belong in a spec, which is copied, reviewed and kept",
    ),
    "a password from nowhere": (
        "[{name: a, grants: [{key: a, access: read}], transport: gateway, password: {}}]",
        f"{C}:3: components[0].password: needs one of file, env",
    ),
    "a password from two places": (
        "[{use: patroni, scope: a, password: {file: a, env: A}}]",
        f"{C}:3: components[0].password: needs one of file, env",
    ),
    "no variable": (
        "[{use: patroni, scope: a, password: {env: $A}}]",
        f"{C}:3: components[0].password.env: is no name of an environment variable",
    ),
    "an identity by node": (
        "[{use: calico, identity: node}]",
        f"{C}:3: components[0].identity: says nothing with segmentation: single",
    ),
    "an unknown identity": (
        "[{use: calico, segmentation: component, identity: each}]",
        f"{C}:3: components[0].identity: 'each' is not one of shared, node, node-scoped",
    ),
    "how it is delivered": (
        "[{use: calico, deliver: post}]",
        f"{C}:3: components[0].deliver: 'post' is not one of {', '.join(way.value for way in Way)}",
    ),
    "cert-manager by node": (
        "[{use: calico, segmentation: node, deliver: cert-manager}]\nnodes: [n1]",
        f"{C}:3: components[0].deliver: cert-manager puts its certificates into Secrets",
    ),
    "canal without Secrets": (
        "[{use: calico, network: canal, deliver: {way: hostpath}}]",
        f"{C}:3: components[0].deliver: 'deliver' is for network: calico",
    ),
    "a login without an agent": (
        "[{use: calico, deliver: {way: hostpath, audience: bao}}]",
        f"{C}:3: components[0].deliver.audience: audience is nothing of hostpath",
    ),
    "a host folder without files on hosts": (
        "[{use: calico, deliver: {way: secret, host: /etc/x}}]",
        f"{C}:3: components[0].deliver.host: host is nothing of secret",
    ),
    "the folder that install-cni wipes": (
        "[{use: calico, deliver: {way: hostpath, host: /etc/cni/net.d/calico-tls}}]",
        f"{C}:3: components[0].deliver.host: install-cni wipes this folder at each start",
    ),
    "a host folder that climbs": (
        "[{use: calico, deliver: {way: hostpath, host: /etc/../x}}]",
        f"{C}:3: components[0].deliver.host: '/etc/../x' is no folder on a node",
    ),
    "a life that no agent can keep": (
        "[{use: calico, deliver: {way: openbao-agent, life: 0m}}]",
        f"{C}:3: components[0].deliver.life: 0m is no time at all",
    ),
    "keys and discovery": (
        "[{use: calico, deliver: {way: openbao-agent, keys: sa.pub, discovery: https://a}}]",
        f"{C}:3: components[0].deliver.discovery: beside keys it says nothing",
    ),
    "a quote in the audience": (
        "[{use: calico, deliver: {way: openbao-agent, audience: 'a\"b'}}]",
        f"{C}:3: components[0].deliver.audience: 'a\"b' cannot be used here",
    ),
    "segments by node": (
        "[{use: calico, segmentation: node}]",
        f"{C}:3: components[0].segmentation: needs the names of the nodes",
    ),
    "one name for several": (
        "[{use: calico, segmentation: component, name: a}]",
        f"{C}:3: components[0].name: segmentation: component makes several users, so there is no one name",
    ),
    "a name for nobody": (
        "[{use: calico, segmentation: component, identities: {flannel: a}}]",
        f"{C}:3: components[0].identities.flannel: 'flannel' is no identity of this calico",
    ),
    "names for one": (
        "[{use: calico, identities: {calico-node: a}}]",
        f"{C}:3: components[0].identities.calico-node: 'calico-node' is no identity of this calico",
    ),
    "an unknown calicoctl": (
        "[{use: calico, calicoctl: [admin]}]",
        f"{C}:3: components[0].calicoctl[0]: 'admin' is not one of read-only, policy-editor, full",
    ),
    "calicoctl twice": (
        "[{use: calico, calicoctl: [full, full]}]",
        f"{C}:3: components[0].calicoctl[1]: full is listed twice",
    ),
    "an unknown network": (
        "[{use: calico, network: cilium}]",
        f"{C}:3: components[0].network: 'cilium' is not one of calico, canal",
    ),
    "one name twice in calico": (
        "[{use: calico, segmentation: component, identities: {calico-node: a, calico-cni: a}}]",
        (
            f"{C}:3: components[0].identities.calico-cni: a is also the identity of "
            "components[0].identities.calico-node on line 3"
        ),
    ),
    "an option of nothing": ("[{use: coredns, path: }]", f"{C}:3: components[0].path: is empty"),
    "no version": ("[{use: coredns, version: 1.x}]", f"{C}:3: components[0].version: '1.x' is not a version"),
    "compaction by no name": (
        "[{use: kube-apiserver, compaction: {}}]",
        f"{C}:3: components[0].compaction: by is missing",
    ),
    "compaction by a taken name": (
        "[{use: calico}, {use: kube-apiserver, compaction: {by: calico}}]",
        f"{C}:3: components[1].compaction.by: calico is also the identity of components[0] on line 3",
    ),
    "compaction by nobody": (
        "[{use: kube-apiserver, compaction: off}]",
        f"{C}:3: components[0].compaction: 'off' is not one of etcd, apiserver",
    ),
    "a prefix without slash": (
        "[{use: kube-apiserver, etcd-prefix: registry}]",
        f"{C}:3: components[0].etcd-prefix: 'registry' is no prefix of kube-apiserver",
    ),
    "the whole tree": (
        "[{use: kube-apiserver, etcd-prefix: /}]",
        f"{C}:3: components[0].etcd-prefix: '/' is no prefix of kube-apiserver",
    ),
    "a prefix that walks": (
        "[{use: kube-apiserver, etcd-prefix: /a/../b}]",
        f"{C}:3: components[0].etcd-prefix: '/a/../b' is no prefix of kube-apiserver",
    ),
    "two calicos": (
        "[{use: calico}, {use: calico, name: two}]",
        f"{C}:3: components[1]: there is already a calico on line 3, and Calico's /calico/ is a constant",
    ),
    "two of one name": (
        "\n  - {use: kube-apiserver}\n  - {use: kube-apiserver, etcd-prefix: /other}",
        f"{C}:5: components[1]: kube-apiserver is also the identity of components[0] on line 4",
    ),
    "no Kubernetes release": (
        "[{use: kube-apiserver, kubernetes: new}]",
        f"{C}:3: components[0].kubernetes: 'new' is not a version",
    ),
}

NAMES = {
    "root": "root is the administrator's identity",
    "ca": "ca is the file name of the certificate authority",
    "''": "the identity is empty",
    "' '": "the identity is empty",
    "' a'": "' a' is no usable identity",
    "a/b": "'a/b' is no usable identity",
    "../a": "'../a' is no usable identity",
    ".a": "'.a' is no usable identity",
    "-a": "'-a' is no usable identity",
    '"a\\tb"': "'a\\tb' is no usable identity",
    '"a\\0b"': "'a\\x00b' is no usable identity",
    "'a,b'": "'a,b' is no usable identity",
    "a-key": "a-key.pem would be taken for a private key",
    LONG: "the identity is 65 bytes long",
    "é" * 33: "the identity is 66 bytes long",
    "e1": "e1 is the name of a member (cluster.members[0] on line 2)",
    "e1-server": "e1-server is the file name of a member's certificate (cluster.members[0] on line 2)",
    "e1-peer": "e1-peer is the file name of a member's certificate (cluster.members[0] on line 2)",
}

PRESETS = {
    "a bad grant": (
        "a: [{prefix: /a, access: read}]",
        f"{C}:3: presets.a[0].prefix: /a also covers /a2/",
    ),
    "no grants": ("a: []", f"{C}:3: presets.a: grants nothing"),
    "a taken name": (
        "calico: [{key: a, access: read}]",
        f"{C}:3: presets.calico: calico is a component of the catalog",
    ),
    "a bad name": ("a b: [{key: a, access: read}]", f"{C}:3: presets.'a b': 'a b' is no usable name"),
    "a reserved word": (
        "a: [{key: '{use}', access: read}]",
        f"{C}:3: presets.a: '{{use}}' is no usable placeholder",
    ),
    "a bad word": ("a: [{key: '{A}', access: read}]", f"{C}:3: presets.a: '{{A}}' is no usable placeholder"),
}
USES = {
    "no name": ("{team: x}", f"{C}:4: components[0]: name is missing"),
    "no word": ("{name: a}", f"{C}:4: components[0]: team is missing"),
    "a slash too many": ("{name: a, team: x/}", f"{C}:4: components[0].team: 'x/' cannot be put into a key"),
    "a word in a word": (
        "{name: a, team: '{name}'}",
        f"{C}:4: components[0].team: '{{name}}' cannot be put into a key",
    ),
    "another key": ("{name: a, team: x, tame: y}", f"{C}:4: components[0].tame: unknown key 'tame'"),
    "grants as well": ("{name: a, team: x, grants: []}", f"{C}:4: components[0].grants: unknown key 'grants'"),
}
TEAM = "presets: {team: [{prefix: '/teams/{team}/', access: readwrite}, {key: '/locks/{name}', access: read}]}\n"

PEOPLE = {
    "a role named root": (
        "roles: {root: [{key: a, access: read}]}",
        f"{C}:3: roles.root: the role root exists already and may do everything",
    ),
    "a component's role": (
        "components: [{use: calico}]\nroles: {calico: [{key: a, access: read}]}",
        f"{C}:4: roles.calico: calico is the role of the component components[0] on line 3",
    ),
    "a role with a space": ("roles: {' a': [{key: a, access: read}]}", f"{C}:3: roles.' a': ' a' is no usable name"),
    "an empty role": ("roles: {a: []}", f"{C}:3: roles.a: grants nothing"),
    "an unknown role": ("users: {u: {roles: [r]}}", f"{C}:3: users.u.roles[0]: there is no role 'r'"),
    "a role twice": ("users: {u: {roles: [root, root]}}", f"{C}:3: users.u.roles[1]: root is listed twice"),
    "no roles": ("users: {u: {}}", f"{C}:3: users.u: roles is missing"),
    "another login": (
        "users: {u: {roles: [], auth: token}}",
        f"{C}:3: users.u.auth: 'token' is not one of certificate, password, none",
    ),
    "root again": ("users: {root: {roles: []}}", f"{C}:3: users.root: root always exists, with the role root"),
    "a component again": (
        "components: [{use: calico}]\nusers: {calico: {roles: []}}",
        f"{C}:4: users.calico: calico is also the identity of components[0] on line 3",
    ),
    "a certificate without a file": ("users: {a b: {roles: []}}", f"{C}:3: users.'a b': 'a b' is no usable identity"),
    "protecting nobody": ("protect: {users: ['']}", f"{C}:3: protect.users[0]: '' is no usable name"),
    "protecting roles": ("protect: {roles: [a]}", f"{C}:3: protect.roles: unknown key 'roles'"),
}


@pytest.mark.parametrize(("text", "expected"), COMPONENTS.values(), ids=COMPONENTS)
def test_components(text: str, expected: str) -> None:
    """A component that is unknown, or asks for what this release cannot do, is refused."""
    assert [expected] == lines(f"{HEAD}components: {text}\n")


@pytest.mark.parametrize(("text", "expected"), PRESETS.values(), ids=PRESETS)
def test_presets(text: str, expected: str) -> None:
    """A preset is judged once, where it is written."""
    assert [expected] == lines(f"{HEAD}presets: {{{text}}}\n")


@pytest.mark.parametrize(("text", "expected"), USES.values(), ids=USES)
def test_uses_of_presets(text: str, expected: str) -> None:
    """A component that does not give a preset what it needs is refused; one that does is not."""
    assert [] == lines(f"{HEAD}{TEAM}components: [{{use: team, name: a, team: x}}]\n")
    assert [expected] == lines(f"{HEAD}{TEAM}components: [{text.replace('{', '{use: team, ', 1)}]\n")


def test_no_password_is_repeated() -> None:
    """What stands where a password should not be is in no message and no hint."""
    text = "components: [{use: patroni, scope: a, password: hunter2}, {use: vault, password: {env: hunter2!}}]\n"
    found = problems(HEAD + text)
    assert 2 == len(found)
    assert "hunter2" not in str([(problem.what, problem.hint) for problem in found])


@pytest.mark.parametrize(("name", "expected"), NAMES.items(), ids=range(len(NAMES)))
def test_identities(name: str, expected: str) -> None:
    """A name that cannot be a Common Name, a file and a user of its own is refused."""
    text = f"version: 1\ncluster: {{members: [{{name: e1, hosts: [a]}}]}}\ncomponents:\n  - name: {name}\n"
    text += "    grants: [{key: a, access: read}]\n"
    assert [f"{C}:4: components[0].name: {expected}"] == lines(text)


@pytest.mark.parametrize(("text", "expected"), PEOPLE.values(), ids=PEOPLE)
def test_people(text: str, expected: str) -> None:
    """Roles and users that cannot be, or are somebody else's, are refused."""
    assert [expected] == lines(f"{HEAD}{text}\n")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (f"{HEAD}component: []\n", "did you mean components?"),
        (grant("{prefx: /a/, access: read}"), "did you mean prefix?"),
        (grant("{prefix: /a, access: read}"), "write /a/, or add beyond-slash: true if that is meant"),
    ],
)
def test_hints(text: str, hint: str) -> None:
    """The hint names what was probably meant."""
    assert hint in [problem.hint for problem in problems(text)]
