"""can-i, who-can, import and what else there is to know of a v2 store, on a real cluster that serves both stores."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from ringfence.errors import AccessDenied
from ringfence.etcd.v2.client import ClientV2
from ringfence.model.names import RoleName, UserName
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole
from ringfence.ops.live import Connection, prepare
from ringfence.ops.reach.members import reach_members
from ringfence.ops.v2.findings import findings_v2
from ringfence.proof.v2.findings import FindingV2, KindV2
from tests.integration.legacy import LegacySite

QUESTIONS = [
    (("get", "/inventory", "--as", "inventory"), 0),
    (("get", "/inventory", "--recursive", "--as", "inventory"), 2),
    (("get", "/inventory/", "--recursive", "--as", "inventory"), 0),
    (("put", "/inventory/a", "--as", "inventory"), 0),
    (("rm", "/inventory2", "--as", "inventory"), 2),
    (("watch", "/calico/v1", "--recursive", "--as", "inventory"), 2),
    (("watch", "/calico/v1", "--recursive", "--as", "calico"), 0),
    (("get", "/calico/v1/a", "--as", "guest"), 2),
    (("get", "/anything", "--as", "root"), 0),
]


def test_the_spec_and_the_cluster_give_the_same_answer(legacy_site: LegacySite, subtests: pytest.Subtests) -> None:
    """What the spec promises is what is stored, and both answers carry their reason."""
    legacy_site.fence_v2()
    for question, code in QUESTIONS:
        with subtests.test(" ".join(question)):
            asked = ("-o", "json", "can-i", "--api", "v2", *question)
            offline, live = legacy_site.run(*asked), legacy_site.run(*asked, "--live")
            assert (code, code) == (offline.code, live.code)
            assert offline.json == live.json
            assert (code == 0) == offline.json["allowed"] == bool(offline.json["because"])


def test_the_answer_is_what_etcd_does(legacy_site: LegacySite) -> None:
    """One request that can-i allows and one that it denies, really made."""
    legacy_site.fence_v2()
    can_i = ("can-i", "--api", "v2", "--live", "--as", "inventory")
    assert 0 == legacy_site.run(*can_i, "put", "/inventory/a").code
    legacy_site.in_v2(lambda client: client.keys.put("/inventory/a", "x"), name="inventory")
    assert 2 == legacy_site.run(*can_i, "put", "/calico/v1/a").code
    with pytest.raises(AccessDenied):
        legacy_site.in_v2(lambda client: client.keys.put("/calico/v1/a", "x"), name="inventory")


def test_a_yes_names_file_and_line(legacy_site: LegacySite) -> None:
    """The pattern, with the place in the spec that asked for it; and a no that one letter would turn."""
    ran = legacy_site.run("can-i", "--api", "v2", "get", "/inventory/a", "--as", "inventory")
    lines = legacy_site.spec.read_text().splitlines()
    (line,) = (at for at, text in enumerate(lines, 1) if "patterns:" in text)
    assert f"role inventory grants read on /inventory/* (ringfence.yaml:{line}: " in ran.out
    refused = legacy_site.run("can-i", "--api", "v2", "ls", "/inventory", "--recursive", "--as", "inventory")
    assert "with a slash at its end it would be allowed: /inventory/" in refused.out


def test_who_can_finds_what_nobody_wrote_down(legacy_site: LegacySite) -> None:
    """A role made by hand, and a guest with rights, show with --live and not by the spec."""
    legacy_site.fence_v2()

    async def by_hand(client: ClientV2) -> None:
        await client.auth.add_role(PatternRole(RoleName("by-hand"), frozenset({Pattern("/calico*")})))
        await client.auth.add_user(UserName("spy"), "a password", [RoleName("by-hand")])
        await client.auth.grant(GUEST_ROLE, read=[Pattern("/calico/v1/*")])

    legacy_site.in_v2(by_hand)
    asked = ("who-can", "--api", "v2", "get", "/calico/v1/a")
    offline, live = (legacy_site.run("-o", "json", *asked, *more).json["users"] for more in ((), ("--live",)))
    assert ["calico", "root"] == [one["user"] for one in offline]
    assert ["calico", "root", "spy", "(guest)"] == [one["user"] for one in live]
    assert ["by-hand", None] == [live[2]["because"][0][name] for name in ("role", "file")]
    assert "the guest: everybody who is no user" in legacy_site.run(*asked, "--live").out


def test_who_can_do_a_part(legacy_site: LegacySite) -> None:
    """Of a tree also those are told who have some of it, with what they have; a certificate does just that."""
    spec = legacy_site.spec.read_text()
    own = "  - {name: spy, patterns: [{pattern: /calico/v1/host/*, access: read, shares-with: [calico]}]}\n"
    legacy_site.spec.write_text(f"{spec}{own}")
    asked = ("who-can", "--api", "v2", "get", "/calico/v1/", "--recursive")
    found = legacy_site.run("-o", "json", *asked)
    users = {one["user"]: one for one in found.json["users"]}
    assert (0, {"calico": True, "root": True, "spy": False}) == (
        found.code,
        {name: one["allowed"] for name, one in users.items()},
    )
    assert ["/calico/v1/host/*"] == [each["pattern"] for each in users["spy"]["because"]]
    text = legacy_site.run(*asked).out
    row = next(line for line in text.splitlines() if line.startswith("spy"))
    place = f"(ringfence.yaml:{len(spec.splitlines()) + 1}: "
    assert f"only /calico/v1/host/*  role spy grants read on /calico/v1/host/* {place}" in row
    assert text.endswith("\n2 users may, 1 user in part\n")
    assert "spy" not in legacy_site.run("who-can", "--api", "v2", "get", "/calico/v1/").out


def test_lists(legacy_site: LegacySite) -> None:
    """Everything that somebody may do."""
    rows = legacy_site.run("-o", "json", "can-i", "--api", "v2", "--list", "--as", "inventory").json["grants"]
    assert {("read", "/inventory"), ("read", "/inventory/*"), ("write", "/inventory"), ("write", "/inventory/*")} == {
        (row["access"], row["pattern"]) for row in rows
    }
    assert "holds the role root" in legacy_site.run("can-i", "--api", "v2", "--list", "--as", "root").out
    assert "has no patterns" in legacy_site.run("can-i", "--api", "v2", "--list", "--as", "guest").out


WRONG = [
    (
        ("can-i", "get", "/a", "--api", "v2", "--as", "inventroy"),
        "'inventroy' is no v2 user",
        "did you mean inventory?",
    ),
    (("can-i", "get", "/a", "--api", "v2", "--as", "kube-apiserver"), "'kube-apiserver' is no v2 user", "users: "),
    (("can-i", "get", "/a", "--prefix", "--api", "v2", "--as", "root"), "--prefix is about keys of v3", "--recursive"),
    (("can-i", "get", "/a", "--recursive", "--as", "root"), "--recursive is about paths of v2", "--api v2"),
    (("can-i", "--list", "get", "--api", "v2", "--as", "root"), "--list takes no question", "leave out"),
    (("who-can", "--api", "v2"), "a verb is missing", "one of get"),
    (("who-can", "get", "a", "--api", "v2"), "'a' is no path of v2", "/a"),
    (("import", "--api", "v1"), "--api v1 names no stores of etcd", "v2,v3"),
]


def test_wrong_questions(legacy_site: LegacySite, subtests: pytest.Subtests) -> None:
    """Each is refused with a hint."""
    for words, what, hint in WRONG:
        with subtests.test(" ".join(words)):
            ran = legacy_site.run(*words)
            assert 1 == ran.code
            assert what in ran.err
            assert hint in ran.err


def test_the_store_of_the_spec_is_the_default(legacy_site: LegacySite) -> None:
    """A spec for v2 alone needs no --api, and refuses questions about v3; one for v3 alone the other way round."""
    written = legacy_site.spec.read_text()
    own = "components:\n  - {name: inventory, patterns: [{pattern: /inventory/*, access: read}]}\n"
    header = written.partition("components:")[0]
    legacy_site.spec.write_text(header.replace("[v2, v3]", "[v2]") + own)
    assert "v2" == legacy_site.run("-o", "json", "can-i", "get", "/inventory/a", "--as", "inventory").json["api"]
    refused = legacy_site.run("can-i", "get", "/inventory/a", "--as", "inventory", "--api", "v3")
    assert (1, True) == (refused.code, "the spec is for etcd v2 alone" in refused.err)
    own = "components:\n  - {name: inventory, grants: [{prefix: /inventory/, access: read}]}\n"
    legacy_site.spec.write_text(header.replace("[v2, v3]", "[v3]") + own)
    refused = legacy_site.run("can-i", "get", "/inventory/a", "--as", "inventory", "--api", "v2")
    assert (1, True) == (refused.code, "the spec is for etcd v3 alone" in refused.err)


@pytest.mark.parametrize("api", ["v2,v3", "v2"])
def test_import(legacy_site: LegacySite, api: str) -> None:
    """What was fenced comes back as a spec of the same stores, whose plan is empty."""
    legacy_site.fence_v2()
    if api == "v2,v3":
        done = legacy_site.run("apply", "--yes")
        assert 0 == done.code, done.err
    ran = legacy_site.run("import", "--api", api)
    assert (0, "") == (ran.code, ran.err)
    assert ("api: [v2, v3]" if api == "v2,v3" else "api: [v2]") in ran.out
    assert '{pattern: "/inventory/*", access: readwrite}' in ran.out
    legacy_site.spec.write_text(ran.out)
    planned = legacy_site.run("plan", "-o", "json")
    assert (0, []) == (planned.code, planned.json["changes"]), planned.err


def found(site: LegacySite) -> list[FindingV2]:
    """What there is to tell."""

    async def run() -> tuple[FindingV2, ...]:
        live = prepare(site.spec, Connection(), datetime.now(UTC))
        members = await reach_members(live.target)
        return await findings_v2(live.spec, live.wanted.v2, live.target, members)

    return list(asyncio.run(run()))


def test_findings(legacy_site: LegacySite) -> None:
    """A store that nobody asked for, switches that differ, an open guest, and data that nobody claims."""
    written = legacy_site.spec.read_text()

    async def fill(client: ClientV2) -> None:
        for path in ("/calico/v1/a", "/inventory/b", "/old/c/d", "/lonely"):
            await client.keys.put(path, "x")

    legacy_site.in_v2(fill)
    own = "components:\n  - {name: inventory, grants: [{prefix: /inventory/, access: read}]}\n"
    legacy_site.spec.write_text(written.partition("components:")[0].replace("[v2, v3]", "[v3]") + own)
    (unasked,) = found(legacy_site)
    assert KindV2.UNASKED is unasked.kind
    assert "/calico, /inventory, /lonely, /old" in unasked.what
    legacy_site.spec.write_text(written)
    assert [KindV2.STOPPABLE, KindV2.UNCLAIMED] == [each.kind for each in found(legacy_site)]
    legacy_site.fence_v2()

    async def open_guest(client: ClientV2) -> None:
        await client.auth.grant(GUEST_ROLE, read=[Pattern("/*")])

    legacy_site.in_v2(open_guest)
    kinds = {each.kind: each.what for each in found(legacy_site)}
    assert [KindV2.V3_OPEN, KindV2.GUEST, KindV2.STOPPABLE, KindV2.UNCLAIMED] == list(kinds)
    assert kinds[KindV2.UNCLAIMED].endswith(": /lonely, /old")
