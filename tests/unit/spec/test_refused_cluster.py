"""Clusters, members and certificates that a spec must not ask for: a spec a row, and the line that it earns."""

from __future__ import annotations

import pytest

from tests.unit.spec.reading import HEAD, good, lines, member, problems

C = "ringfence.yaml"

STRUCTURE = {
    "an empty file": ("", f"{C}: is empty"),
    "only a comment": ("# nothing\n", f"{C}: is empty"),
    "a list": ("- a\n", f"{C}:1: is not a spec: it must be a mapping"),
    "a second document": (f"{HEAD}---\na: b\n", f"{C}:4: a second document starts here"),
    "not YAML": ("version: [1\n", f"{C}:2: not YAML: did not find expected ',' or ']'"),
    "a tab": ("version: 1\ncluster:\n\tname: a\n", f"{C}:3: not YAML: found character that cannot start any token"),
    "an alias": (f"{HEAD}roles: &a {{}}\nusers: *a\n", f"{C}:4: anchors and aliases are not read"),
    "a tag": ("version: !!int 1\n", f"{C}:1: tags are not read: tag:yaml.org,2002:int"),
    "bytes that are no text": (b"version: 1\nname: \xff\n", f"{C}:2: is not UTF-8 text"),
    "nesting without end": ("a: " + "[" * 5000, f"{C}:1: is nested deeper than 100 levels"),
    "no version": ("cluster: {endpoints: [https://a:2379]}\n", f"{C}:1: version is missing"),
    "no cluster": ("version: 1\n", f"{C}:1: cluster is missing"),
    "another version": (HEAD.replace("1", "2", 1), f"{C}:1: version: version 2 is not known"),
    "a quoted version": (
        HEAD.replace("1", "'1'", 1),
        f"{C}:1: version: must be a whole number, without quotes, not '1'",
    ),
    "an unknown key": (f"{HEAD}component: []\n", f"{C}:3: component: unknown key 'component'"),
    "a key twice": (f"{HEAD}roles: {{}}\nroles: {{}}\n", f"{C}:4: roles: is written twice, first on line 3"),
    "a key that is a list": (f"{HEAD}? [a]\n: b\n", f"{C}:3: a key must be a word"),
    "nodes that nobody uses": (f"{HEAD}nodes: [a]\n", f"{C}:3: nodes: nobody has identities by node"),
    "a list for a mapping": (f"{HEAD}pki: []\n", f"{C}:3: pki: must be a mapping, not a list"),
    "nothing for a list": (f"{HEAD}components:\n", f"{C}:3: components: must be a list, not nothing"),
    "a word for a list": (f"{HEAD}components: a\n", f"{C}:3: components: must be a list, not 'a'"),
}

CLUSTER = {
    "no endpoints": ("cluster: {name: a}", f"{C}:2: cluster: endpoints is missing"),
    "an empty list": ("cluster: {endpoints: []}", f"{C}:2: cluster.endpoints: needs at least one endpoint"),
    "an empty name": ("cluster: {name: , endpoints: [https://a:2379]}", f"{C}:2: cluster.name: is empty"),
    "plain http": ("cluster: {endpoints: [http://a:2379]}", f"{C}:2: cluster.endpoints[0]: plain http is refused"),
    "another scheme": ("cluster: {endpoints: [unix://a:1]}", f"{C}:2: cluster.endpoints[0]: unix is not https"),
    "no scheme": ("cluster: {endpoints: ['a:2379']}", f"{C}:2: cluster.endpoints[0]: 'a:2379' is not a URL"),
    "no port": ("cluster: {endpoints: [https://a]}", f"{C}:2: cluster.endpoints[0]: 'https://a' has no port"),
    "port 0": ("cluster: {endpoints: [https://a:0]}", f"{C}:2: cluster.endpoints[0]: 0 is no port"),
    "port 65536": ("cluster: {endpoints: [https://a:65536]}", f"{C}:2: cluster.endpoints[0]: 65536 is no port"),
    "a path": ("cluster: {endpoints: [https://a:2379/]}", f"{C}:2: cluster.endpoints[0]: '/' follows the port"),
    "a query": ("cluster: {endpoints: [https://a:2379?b]}", f"{C}:2: cluster.endpoints[0]: '?b' follows the port"),
    "a password": (
        "cluster: {endpoints: ['https://u:secret@a:2379']}",
        f"{C}:2: cluster.endpoints[0]: holds a user or a password",
    ),
    "IPv6 without brackets": (
        "cluster: {endpoints: ['https://::1:2379']}",
        f"{C}:2: cluster.endpoints[0]: 'https://::1:2379' has no usable host",
    ),
    "no host": (
        "cluster: {endpoints: ['https://:1']}",
        f"{C}:2: cluster.endpoints[0]: 'https://:1' has no usable host",
    ),
    "an address of nowhere": (
        "cluster: {endpoints: ['https://0.0.0.0:2379']}",
        f"{C}:2: cluster.endpoints[0]: 0.0.0.0 is an address to listen on, not one to reach",
    ),
    "an endpoint twice": (
        "cluster: {endpoints: [https://a:2379, https://A:2379]}",
        f"{C}:2: cluster.endpoints[1]: https://A:2379 is listed twice",
    ),
    "an old etcd": (
        "cluster: {endpoints: [https://a:2379], etcd: 3.1.20}",
        f"{C}:2: cluster.etcd: etcd 3.1.20 knows no users by certificate",
    ),
    "no etcd version": (
        "cluster: {endpoints: [https://a:2379], etcd: latest}",
        f"{C}:2: cluster.etcd: 'latest' is not a version",
    ),
    "api v4": (
        "cluster: {endpoints: [https://a:2379], api: [v4]}",
        f"{C}:2: cluster.api[0]: 'v4' is not one of v2, v3",
    ),
    "api v2 twice": (
        "cluster: {endpoints: [https://a:2379], api: [v2, v2]}",
        f"{C}:2: cluster.api[1]: v2 is listed twice",
    ),
    "no api": ("cluster: {endpoints: [https://a:2379], api: []}", f"{C}:2: cluster.api: needs at least one API"),
    "v2 of etcd 3.6": (
        'cluster: {endpoints: [https://a:2379], etcd: "3.6", api: [v2, v3]}',
        f"{C}:2: cluster.api: etcd 3.6 has no v2 API",
    ),
    "v2 of an old etcd": (
        "cluster: {endpoints: [https://a:2379], etcd: 3.0.11, api: [v2]}",
        f"{C}:2: cluster.etcd: etcd 3.0.11 knows no v2 users by certificate",
    ),
    "v2 of etcd 2": (
        "cluster: {endpoints: [https://a:2379], etcd: 2.3.8, api: [v2]}",
        f"{C}:2: cluster.etcd: etcd 2.3.8 knows no v2 users by certificate",
    ),
    "v3 beside v2 of an old etcd": (
        "cluster: {endpoints: [https://a:2379], etcd: 3.1.20, api: [v2, v3]}",
        f"{C}:2: cluster.etcd: etcd 3.1.20 knows no users by certificate",
    ),
    "a relative path": (
        "cluster: {endpoints: [https://a:2379], paths: {pki: etc}}",
        f"{C}:2: cluster.paths.pki: 'etc' is not an absolute path",
    ),
    "a grpc-proxy": (
        "cluster: {endpoints: [https://a:2379], proxies: [{name: p, kind: grpc-proxy, hosts: [b]}]}",
        (
            f"{C}:2: cluster.proxies[0].kind: a grpc-proxy hides who its clients are: etcd sees its certificate, "
            "and its cache knows no users"
        ),
    ),
    "an unknown proxy": (
        "cluster: {endpoints: [https://a:2379], proxies: [{name: p, kind: haproxy, hosts: [b]}]}",
        f"{C}:2: cluster.proxies[0].kind: 'haproxy' is not one of gateway, grpc-proxy",
    ),
    "no advisory": (
        "cluster: {endpoints: [https://a:2379], accept: [{id: all, until: 2027-01-01, reason: x}]}",
        f"{C}:2: cluster.accept[0].id: 'all' is no advisory",
    ),
    "no such day": (
        "cluster: {endpoints: [https://a:2379], accept: [{id: CVE-2026-33343, until: 2027-02-30, reason: x}]}",
        f"{C}:2: cluster.accept[0].until: '2027-02-30' is not a day",
    ),
    "for ever": (
        "cluster: {endpoints: [https://a:2379], accept: [{id: CVE-2026-33343, reason: x}]}",
        f"{C}:2: cluster.accept[0]: until is missing",
    ),
    "no reason": (
        "cluster: {endpoints: [https://a:2379], accept: [{id: CVE-2026-33343, until: 2026-09-01, reason: ' '}]}",
        f"{C}:2: cluster.accept[0].reason: is empty",
    ),
    "accepted twice": (
        (
            "cluster: {endpoints: [https://a:2379], accept: [{id: CVE-2026-33343, until: 2027-01-01, reason: x}, "
            "{id: CVE-2026-33343, until: 2027-01-01, reason: y}]}"
        ),
        f"{C}:2: cluster.accept[1]: CVE-2026-33343 is accepted twice",
    ),
}

MEMBERS = {
    "no hosts": ("name: e", f"{C}:4: cluster.members[0]: hosts is missing"),
    "empty hosts": ("name: e, hosts: []", f"{C}:4: cluster.members[0].hosts: needs at least one host"),
    "no name": ("hosts: [a]", f"{C}:4: cluster.members[0]: name is missing"),
    "a name with a slash": ("name: a/b, hosts: [a]", f"{C}:4: cluster.members[0].name: 'a/b' is no usable name"),
    "a host with a port": (
        "name: e, hosts: ['a:1']",
        f"{C}:4: cluster.members[0].hosts[0]: 'a:1' is neither a DNS name nor an IP address",
    ),
    "an address that is none": (
        "name: e, hosts: [10.0.0.256]",
        f"{C}:4: cluster.members[0].hosts[0]: '10.0.0.256' is neither a DNS name nor an IP address",
    ),
    "a host twice": ("name: e, hosts: [a, A]", f"{C}:4: cluster.members[0].hosts[1]: A is listed twice"),
    "a plain peer": (
        "name: e, hosts: [a], peer: 'http://a:2380'",
        f"{C}:4: cluster.members[0].peer: plain http is refused",
    ),
    "a plain client": (
        "name: e, hosts: [a], client: 'http://a:2379'",
        f"{C}:4: cluster.members[0].client: plain http is refused",
    ),
    "plain metrics for everybody": (
        "name: e, hosts: [a], metrics: 'http://a:2381'",
        f"{C}:4: cluster.members[0].metrics: plain http is only served on loopback",
    ),
    "one port for two": (
        "name: e, hosts: [a], peer: 'https://a:2379'",
        f"{C}:4: cluster.members[0]: peer https://a:2379 is already the client URL of e",
    ),
    "two of one name": (
        "name: e, hosts: [a]}\n    - {name: e, hosts: [b]",
        f"{C}:5: cluster.members[1]: there are two members named e, the first on line 4",
    ),
    "two on one machine": (
        (
            "name: e, hosts: [127.0.0.1]}\n    - {name: f, hosts: [127.0.0.1], client: 'https://127.0.0.1:1', "
            "peer: 'https://127.0.0.1:2'"
        ),
        f"{C}:5: cluster.members[1]: metrics http://127.0.0.1:2381 is already the metrics URL of e",
    ),
    "a relative data-dir": (
        "name: e, hosts: [a], data-dir: data",
        f"{C}:4: cluster.members[0].data-dir: 'data' is not an absolute path",
    ),
}


def _bao(auth: str) -> str:
    """A server of OpenBao with this login."""
    return f"{{authority: openbao, openbao: {{address: 'https://bao:8200', auth: {auth}}}}}"


PKI = {
    "openbao, and not where": ("{authority: openbao}", f"{C}:3: pki: openbao is missing"),
    "no AppRole": (
        _bao("{method: approle}"),
        f"{C}:3: pki.openbao.auth: neither files nor role-id with secret-id is there",
    ),
    "an AppRole in two ways": (
        _bao("{files: secrets, role-id: {env: R}, secret-id: {env: S}}"),
        f"{C}:3: pki.openbao.auth: files stands for role-id and secret-id, and they are there too",
    ),
    "an AppRole in one way and a half": (
        _bao("{files: secrets, secret-id: {env: S}}"),
        f"{C}:3: pki.openbao.auth: files stands for role-id and secret-id, and they are there too",
    ),
    "half an AppRole": (_bao("{role-id: {env: R}}"), f"{C}:3: pki.openbao.auth: secret-id is missing"),
    "the other half": (_bao("{secret-id: {env: R}}"), f"{C}:3: pki.openbao.auth: role-id is missing"),
    "a secret_id in the spec": (
        _bao("{role-id: {env: R}, secret-id: 1234-5678}"),
        f"{C}:3: pki.openbao.auth.secret-id: a secret-id does not belong in a spec, which is copied, reviewed and kept",
    ),
    "an AppRole's variable for a token": (
        _bao("{method: token, token: {env: T}, role-id: {env: R}}"),
        f"{C}:3: pki.openbao.auth.role-id: role-id is nothing of token",
    ),
    "another authority": (
        "{authority: cfssl}",
        f"{C}:3: pki.authority: 'cfssl' is not one of file, openbao, external",
    ),
    "what is not used": ("{authority: external, file: {}}", f"{C}:3: pki.file: is not used: the authority is external"),
    "requests among keys": (
        "{authority: external, external: {requests: pki}}",
        f"{C}:3: pki.external.requests: the folder of requests and the pki folder are not apart",
    ),
    "requests above keys": (
        "{authority: external, external: {requests: .}}",
        f"{C}:3: pki.external.requests: the folder of requests and the pki folder are not apart",
    ),
    "requests below keys": (
        "{authority: external, directory: secret, external: {requests: secret/../secret/csr}}",
        f"{C}:3: pki.external.requests: the folder of requests and the pki folder are not apart",
    ),
    "the usual requests among keys": (
        "{authority: external, directory: csr}",
        f"{C}:3: pki: the folder of requests and the pki folder are not apart",
    ),
    "keys nowhere": (
        "{authority: external, external: {keys: there}}",
        f"{C}:3: pki.external.keys: 'there' is not one of here, node",
    ),
    "an unknown key type": (
        "{key: dsa}",
        f"{C}:3: pki.key: 'dsa' is not one of ecdsa-p256, ecdsa-p384, ed25519, rsa-2048, rsa-4096",
    ),
    "no unit": ("{validity: {ca: 10}}", f"{C}:3: pki.validity.ca: '10' is not a duration"),
    "two units": ("{validity: {ca: 1y6d}}", f"{C}:3: pki.validity.ca: '1y6d' is not a duration"),
    "no time": ("{validity: {client: 0d}}", f"{C}:3: pki.validity.client: 0d is no time at all"),
    "a negative time": ("{validity: {client: -1d}}", f"{C}:3: pki.validity.client: '-1d' is not a duration"),
    "too long": ("{validity: {ca: 101y}}", f"{C}:3: pki.validity.ca: 101y is longer than 100 years"),
    "far too long": (
        "{validity: {ca: 999999999y}}",
        f"{C}:3: pki.validity.ca: 999999999y is longer than 100 years",
    ),
    "clients that outlive the ca": (
        "{validity: {ca: 30d, client: 60d}}",
        f"{C}:3: pki.validity.client: is longer than the validity of the ca",
    ),
    "members that outlive the ca": (
        "{validity: {ca: 1y, member: 2y}}",
        f"{C}:3: pki.validity.member: is longer than the validity of the ca",
    ),
}


@pytest.mark.parametrize(("text", "expected"), STRUCTURE.values(), ids=STRUCTURE)
def test_structure(text: bytes | str, expected: str) -> None:
    """A file that is no spec is refused with the line where it goes wrong."""
    assert [expected] == lines(text)


@pytest.mark.parametrize(("text", "expected"), CLUSTER.values(), ids=CLUSTER)
def test_cluster(text: str, expected: str) -> None:
    """A cluster that cannot be reached, told apart or trusted is refused."""
    assert [expected] == lines(f"version: 1\n{text}\n")


@pytest.mark.parametrize(("text", "expected"), MEMBERS.values(), ids=MEMBERS)
def test_members(text: str, expected: str) -> None:
    """A member that could not be given a certificate or a configuration is refused."""
    assert [expected] == lines(member(text))


@pytest.mark.parametrize(("text", "expected"), PKI.values(), ids=PKI)
def test_pki(text: str, expected: str) -> None:
    """Certificates that could not be issued, or not for so long, are refused."""
    assert [expected] == lines(f"{HEAD}pki: {text}\n")


def test_all_at_once() -> None:
    """Every problem of a file is reported in one run, by line."""
    text = (
        "version: 1\n"
        "cluster: {endpoints: [http://a:2379], etcd: 3.1}\n"
        "pki: {validity: {client: 20y}}\n"
        "components:\n"
        "  - {use: calico, calico: x}\n"
        "  - {name: a, grants: [{prefix: /a, access: read}, {prefix: /b/}]}\n"
        "users: {u: {roles: [gone]}}\n"
        "extra: 1\n"
    )
    assert [2, 2, 3, 5, 6, 6, 7, 8] == [problem.place and problem.place.line for problem in problems(text)]


def test_secrets_are_not_repeated() -> None:
    """A password in a URL is not echoed, in no part of the message."""
    found = problems("version: 1\ncluster: {endpoints: ['https://u:secret@a:2379']}\n")
    assert found
    assert "secret" not in repr(found)


def test_the_head_itself_is_good() -> None:
    """What the tables add to is correct, so that each refusal is due to what was added."""
    assert ("https://a:2379",) == good(HEAD).cluster.endpoints
