"""``can-i`` and ``who-can``, from the spec and from the cluster, held against what the cluster really does."""

from __future__ import annotations

import pytest

from ringfence.errors import AccessDenied
from ringfence.keyspace import Span
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from tests.integration.site import Site

QUESTIONS = [
    (("get", "/calico/", "--prefix", "--as", "calico"), 0),
    (("get", "/registry/secrets", "--prefix", "--as", "calico"), 2),
    (("put", "/registry/secrets/a", "--as", "kube-apiserver"), 0),
    (("del", "/", "--prefix", "--as", "inventory"), 2),
    (("get", r"/inventory/\x00\xff", "--as", "inventory"), 0),
    (("get", "2f696e76656e746f72792f61", "--hex", "--as", "inventory"), 0),
    (("watch", "/inventory/", "/inventory0", "--as", "inventory"), 0),
    (("compact", "--as", "root"), 0),
    (("snapshot", "--as", "calico"), 2),
]


@pytest.mark.parametrize(("question", "code"), QUESTIONS)
def test_the_spec_and_the_cluster_give_the_same_answer(site: Site, question: tuple[str, ...], code: int) -> None:
    """After apply, what the spec promises is what is stored, and both answers carry their reason."""
    site.fence()
    offline, live = site.run("-o", "json", "can-i", *question), site.run("-o", "json", "can-i", "--live", *question)
    assert (code, code) == (offline.code, live.code)
    assert (code == 0) == offline.json["allowed"] == live.json["allowed"]
    assert offline.json["because"] == live.json["because"] != []


def test_a_yes_names_role_file_and_line(site: Site) -> None:
    """The deciding grant, with the place in the spec that asked for it."""
    (because,) = site.run("-o", "json", "can-i", "get", "/inventory/a", "--as", "inventory").json["because"]
    line = site.spec.read_text().splitlines()[because["line"] - 1]
    assert "inventory" in line
    assert ("inventory", "readwrite", "/inventory/*") == (because["role"], because["access"], because["keys"])


def test_a_range_is_answered_in_parts(site: Site) -> None:
    """A range over a segment and beyond: no, with what of it may be read and what not."""
    ran = site.run("-o", "json", "can-i", "get", "/inventory/", "/inventory1", "--as", "inventory")
    assert 2 == ran.code
    (part,) = ran.json["parts"]
    assert [["/inventory/*"], ["/inventory0*"]] == [
        [span["keys"] for span in part[name]] for name in ("allowed", "denied")
    ]


def test_who_can_finds_a_grant_that_nobody_wrote_down(site: Site) -> None:
    """A role made by hand shows with --live, and not by the spec; etcd does what the live answer says."""
    site.fence()
    role, spy = RoleName("by-hand"), UserName("spy")
    site.as_root(lambda client: client.auth.add_role(role))
    site.as_root(lambda client: client.auth.grant(role, Permission.on_prefix(Access.READ, b"/registry/secrets/")))
    site.as_root(lambda client: client.auth.add_user(spy))
    site.as_root(lambda client: client.auth.grant_role(spy, role))
    question = ("who-can", "get", "/registry/secrets/", "--prefix")
    offline, live = (site.run("-o", "json", *question, *more).json["users"] for more in ((), ("--live",)))
    assert ["kube-apiserver", "root"] == [one["user"] for one in offline]
    assert ["kube-apiserver", "root", "spy"] == [one["user"] for one in live]
    (because,) = live[2]["because"]
    assert ("by-hand", None) == (because["role"], because["file"])


def test_the_answer_is_what_etcd_does(site: Site) -> None:
    """One request that can-i allows and one that it denies, really made."""
    site.fence()
    assert 0 == site.run("can-i", "--live", "get", "/calico/", "--prefix", "--as", "calico").code
    assert 0 == site.as_user("calico", lambda client: client.keys.count(Span.of_prefix(b"/calico/")))
    assert 2 == site.run("can-i", "--live", "get", "/calico", "--prefix", "--as", "calico").code
    with pytest.raises(AccessDenied):
        site.as_user("calico", lambda client: client.keys.count(Span.of_prefix(b"/calico")))


def test_a_hole_is_part_of_the_answer(site: Site) -> None:
    """Compact on 3.5.1: the rules say no, the server yes, and the advisory is named; on a fixed release it is no."""
    old = site.run("-o", "json", "can-i", "compact", "--as", "calico", "--etcd", "3.5.1")
    assert (0, True, False) == (old.code, old.json["allowed"], old.json["by_rules"])
    assert ["CVE-2026-33413"] == [hole["id"] for hole in old.json["holes"]]
    new = site.run("-o", "json", "can-i", "compact", "--as", "calico", "--etcd", "3.6.14")
    assert (2, False, []) == (new.code, new.json["allowed"], new.json["holes"])


def test_a_list_of_everything(site: Site) -> None:
    """Grants with their places, what they come to, and the calls that are open."""
    told = site.run("-o", "json", "can-i", "--list", "--as", "inventory", "--etcd", "3.7.1").json
    assert ["/inventory/*"] == [span["keys"] for span in told["read"]] == [span["keys"] for span in told["write"]]
    assert {"member-list", "status", "alarm-list", "lease-grant", "auth-status"} == {
        call for call, allowed in told["calls"].items() if allowed
    }
    assert 0 == site.run("can-i", "--list", "--as", "root").code


WRONG = [
    (("can-i", "gett", "/a", "--as", "calico"), "did you mean get?"),
    (("can-i", "get", "/a", "--as", "calica"), "did you mean calico?"),
    (("can-i", "get", "/b", "/a", "--as", "calico"), "RANGE_END is the first key after the range"),
    (("can-i", "get", "", "--as", "calico"), "the first key is \\x00"),
    (("can-i", "get", "/a", "--as", "calico", "--etcd", "new"), "write it as 3.5.1 or 3.5"),
    (("can-i", "get", "/a", "--as", "calico", "--etcd", "3.1.0"), "they are known from etcd 3.2 on"),
    (("can-i", "--list", "get", "--as", "calico"), "leave out one of the two"),
    (("who-can",), "one of get, put"),
    (("can-i", "get", "/a"), "see ringfence can-i --help"),
]


@pytest.mark.parametrize(("words", "hint"), WRONG)
def test_a_bad_question_is_one(site: Site, words: tuple[str, ...], hint: str) -> None:
    """Exit 1, nothing on stdout, and what to write instead."""
    ran = site.run(*words)
    assert (1, "") == (ran.code, ran.out)
    assert hint in ran.err
