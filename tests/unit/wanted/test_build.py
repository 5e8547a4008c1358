"""The state, the certificates and the notes that follow from a spec."""

from __future__ import annotations

import pytest

from ringfence.errors import Place
from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login, Role, State, User
from ringfence.model.version import Version
from ringfence.wanted.certificates import requests
from ringfence.wanted.components.compaction import compactors, may_guard
from ringfence.wanted.findings.notes import notes
from ringfence.wanted.segments.grants import Origin
from tests.unit.wanted.building import HEAD, both, problems, wanted

RW = Access.READWRITE
PEOPLE = (
    "components:\n"
    "  - use: kube-apiserver\n"
    "  - use: calico\n"
    "roles: {r: [{key: /x, access: read}]}\n"
    "users: {old: {roles: [r], auth: password}, person: {roles: [r, calico]}}\n"
)


def test_state() -> None:
    """Root, a user and role for each component, and the users and roles of the spec, with auth on."""
    user, role = UserName, RoleName
    expected = State.of(
        [
            User(ROOT_USER, frozenset({ROOT_ROLE})),
            User(user("kube-apiserver"), frozenset({role("kube-apiserver")})),
            User(user("calico"), frozenset({role("calico")})),
            User(user("old"), frozenset({role("r")})),
            User(user("person"), frozenset({role("r"), role("calico")})),
        ],
        [
            Role(ROOT_ROLE),
            Role(role("kube-apiserver"), (Permission(RW, b"/registry/", b"/registry0"),)),
            Role(role("calico"), (Permission(RW, b"/calico/", b"/calico0"),)),
            Role(role("r"), (Permission(Access.READ, b"/x"),)),
        ],
    )
    assert expected == wanted(PEOPLE).state


def test_identities() -> None:
    """Everybody but root is an identity with what it is, how it logs in, and all that it reaches."""
    found = wanted(PEOPLE).identities
    assert [
        ("kube-apiserver", "kube-apiserver", Login.CERTIFICATE, 4),
        ("calico", "calico", Login.CERTIFICATE, 5),
        ("old", "user", Login.PASSWORD, 7),
        ("person", "user", Login.CERTIFICATE, 7),
    ] == [(identity.user, identity.label, identity.login, identity.place.line) for identity in found]
    assert wanted(PEOPLE).state.reach(UserName("person")) == found[-1].reach
    assert b"/calico/a" in found[-1].reach.write


def test_origins() -> None:
    """Each permission tells its place and the reason, the catalog's where it comes from there."""
    found = wanted(PEOPLE).origins
    place = Place("ringfence.yaml", 6, "roles.r[0]")
    assert Origin(place, "granted in the spec") == found[RoleName("r"), Permission(Access.READ, b"/x")]
    calico = found[RoleName("calico"), Permission(RW, b"/calico/", b"/calico0")]
    assert Place("ringfence.yaml", 5, "components[1]") == calico.place
    assert "IPAM" in calico.reason


def test_certificates() -> None:
    """Members have two without a Common Name, root one, and so has each identity that logs in with one."""
    text = (
        "version: 1\n"
        "cluster:\n"
        "  members: [{name: e, hosts: [10.0.0.1, E.internal], client: 'https://public:2379'}]\n"
        "  proxies: [{name: edge, kind: gateway, hosts: [10.0.0.9, public]}]\n"
    )
    kind = CertificateKind
    expected = (
        CertificateRequest(
            name="e-server",
            kind=kind.SERVER,
            common_name=None,
            hosts=("10.0.0.1", "E.internal", "public", "10.0.0.9"),
        ),
        CertificateRequest(name="e-peer", kind=kind.PEER, common_name=None, hosts=("10.0.0.1", "E.internal")),
        CertificateRequest(name="root", kind=kind.ROOT, common_name="root"),
        CertificateRequest(name="kube-apiserver", kind=kind.CLIENT, common_name="kube-apiserver"),
        CertificateRequest(name="calico", kind=kind.CLIENT, common_name="calico"),
        CertificateRequest(name="person", kind=kind.CLIENT, common_name="person"),
    )
    assert expected == requests(*both(text + PEOPLE))


@pytest.mark.parametrize(
    ("etcd", "guarded"),
    [
        (None, True),
        (Version(3, 3), False),
        (Version(3, 3, 27), False),
        (Version(3, 4), True),
        (Version(3, 4, 41), False),
        (Version(3, 4, 42), True),
        (Version(3, 5, 27), False),
        (Version(3, 5, 28), True),
        (Version(3, 6), True),
        (Version(3, 6, 8), False),
        (Version(3, 6, 9), True),
        (Version(3, 7, 0), True),
        (Version(4, 0, 0), True),
    ],
)
def test_guarded_compaction(etcd: Version | None, guarded: bool) -> None:
    """Compact is root's alone from three patches on, and a release that is not known may be one of those."""
    assert guarded == may_guard(etcd)


COMPACTING = "components: [{use: kube-apiserver, compaction: apiserver}]\n"


def test_compaction_by_kube_apiserver() -> None:
    """On an etcd that does not guard Compact it works with one key more; on any other it takes root, said loudly."""
    for etcd, roles in (("3.5.1", {"kube-apiserver"}), ("3.6.14", {"kube-apiserver", "root"}), ("3.6", {"root"})):
        spec, found = both(HEAD.replace("3.6.14", etcd) + COMPACTING)
        keys = {permission.key for permission in found.state.roles[RoleName("kube-apiserver")].permissions}
        assert {b"/registry/", b"compact_rev_key"} == keys
        assert roles <= found.state.users[UserName("kube-apiserver")].roles
        told = [note for note in notes(spec, found) if note.startswith("DANGER: kube-apiserver is given the role root")]
        assert (1 if "root" in roles else 0) == len(told)
        assert (UserName("kube-apiserver"),) == compactors(spec)


def test_compaction_needs_the_release() -> None:
    """Where nobody says which etcd it is, a choice that may take root is refused, and the others are not."""
    head = HEAD.replace(", etcd: 3.6.14", "")
    (problem,) = problems(COMPACTING, head)
    expected = "ringfence.yaml:3: components[0]: kube-apiserver is to compact, and whether that takes the role root"
    assert problem.startswith(expected)
    assert [] == problems(COMPACTING.replace("apiserver}", "etcd}"), head)


def test_compaction_by_another() -> None:
    """A compactor of its own takes root where etcd wants that, and kube-apiserver keeps to its prefix."""
    text = "components:\n  - {use: kube-apiserver, compaction: {by: c}}\n"
    text += "  - {use: kube-apiserver, name: two, etcd-prefix: /two, compaction: {by: c}}\n"
    for etcd, root in (("3.5.1", False), ("3.6.14", True)):
        spec, found = both(HEAD.replace("3.6.14", etcd) + text)
        assert root == found.state.is_root(UserName("c"))
        assert not found.state.is_root(UserName("kube-apiserver"))
        assert (Permission(RW, b"compact_rev_key"),) == found.state.roles[RoleName("c")].permissions
        assert (Permission(RW, b"/two/", b"/two0"),) == found.state.roles[RoleName("two")].permissions[:1]
        assert ("c",) == compactors(spec)
        assert ["kube-apiserver", "c", "two"] == [identity.user for identity in found.identities]


def test_nobody_compacts() -> None:
    """Where etcd compacts by itself, nobody else does."""
    assert () == compactors(both(HEAD + "components: [{use: kube-apiserver}]\n")[0])


def test_problems_of_all_kinds_at_once() -> None:
    """What is wrong with the file and what follows from it come in one list, by line."""
    text = "components: [{use: calico}]\nroles: {r: [{prefix: /calico/x/, access: read}]}\nextra: 1\n"
    assert [
        "ringfence.yaml:4: roles.r[0]: /calico/x/* belongs to calico",
        "ringfence.yaml:5: extra: unknown key 'extra'",
    ] == problems(text)


def test_no_problem_follows_from_another() -> None:
    """What is left out because of a problem makes no further one: its owner is not missing, its keys do not overlap."""
    text = (
        "components:\n"
        "  - {name: a, grants: [{prefix: /a/, access: readwrite, except: [/a/b]}]}\n"
        "  - {name: b, grants: [{prefix: /a/b/, access: read}, {prefix: /a/, access: read, shares-with: [a]}]}\n"
    )
    expected = "components[0].grants[0].except[0]: /a/b is neither a prefix that ends in a slash nor a form"
    assert [f"ringfence.yaml:4: {expected}"] == problems(text)


NOTES = {
    "root": ("", "root reads and writes every key"),
    "another root": ("users: {boss: {roles: [root]}}\n", "DANGER: boss holds the role root"),
    "compaction": ("components: [{use: kube-apiserver}]\n", "etcd must compact by itself"),
    "calico": ("components: [{use: calico}]\n", "COMPACTION_PERIOD must be 0"),
    "an open end": ("roles: {r: [{from-key: /x, access: read}]}\n", "[/x, end) has no end"),
    "beyond the slash": (
        "roles: {r: [{prefix: /x, access: read, beyond-slash: true}]}\n",
        "/x* also covers names that only begin alike",
    ),
    "a password": ("users: {u: {roles: [], auth: password}}\n", "u logs in with a password"),
}


@pytest.mark.parametrize(("text", "expected"), NOTES.values(), ids=NOTES)
def test_notes(text: str, expected: str) -> None:
    """What an operator should know is said, and only where it applies."""
    assert any(expected in note for note in notes(*both(HEAD + text)))
    if text:
        assert not any(expected in note for note in notes(*both(HEAD)))


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [
        ("endpoints: [https://a:2379]", "cluster.etcd is not given"),
        ("endpoints: [https://a:2379], etcd: 3.3", "etcd 3.3 has no users without password"),
        (
            "endpoints: [https://b:2379], members: [{name: e, hosts: [a]}]",
            "no member's certificate carries b, the host of https://b:2379",
        ),
        (
            "endpoints: [https://a:2379], accept: [{id: CVE-2026-33343, until: 2027-01-01, reason: upgrade}]",
            "CVE-2026-33343 is accepted until 2027-01-01: upgrade",
        ),
        (
            "endpoints: [https://a:2379], accept: [{id: etcd-22386, until: 2026-08-31, reason: upgrade}]",
            "EXPIRED: etcd-22386 was accepted until 2026-08-31 and counts as open again",
        ),
    ],
)
def test_notes_of_the_cluster(cluster: str, expected: str) -> None:
    """What the cluster cannot do, or is trusted with, is said."""
    assert any(expected in note for note in notes(*both(f"version: 1\ncluster: {{{cluster}}}\n")))
    assert not any(expected in note for note in notes(*both(HEAD)))
