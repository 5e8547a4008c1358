"""verify where the spec has v2: what holds, and each way in which it does not; mended, it holds again."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ringfence.etcd.v2.client import ClientV2
from ringfence.model.names import RoleName, UserName
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole
from tests.integration.legacy import LegacySite

CALICO, INVENTORY = RoleName("calico"), RoleName("inventory")
Do = Callable[[ClientV2], Awaitable[object]]
_COMPONENTS = """\
  - {use: calico, calico: "2.6", segmentation: single}
  - name: inventory
    patterns: [{pattern: /inventory, access: readwrite}, {pattern: /inventory/*, access: readwrite}]
"""


@pytest.fixture
def site(legacy_site: LegacySite) -> LegacySite:
    """A spec for v2 alone, which is fenced in."""
    header = legacy_site.operation.header.replace("[v2, v3]", "[v2]")
    legacy_site.spec.write_text(f"{header}components:\n{_COMPONENTS}")
    assert 0 == legacy_site.run("certs", "issue").code
    legacy_site.fence_v2()
    return legacy_site


def _verified(site: LegacySite, code: int) -> Any:
    ran = site.run("verify", "-o", "json")
    assert code == ran.code, ran.out + ran.err
    return ran.json


def _lines(found: Any) -> set[tuple[str, str, str, str]]:
    assert {"v2"} == {each["api"] for each in found["violations"]}
    names = ("identity", "member", "operation", "key")
    return {(each[names[0]], each[names[1]], each[names[2]], each[names[3]]) for each in found["violations"]}


def test_both_stores_hold(legacy_site: LegacySite) -> None:
    """One proof of both: a matrix for each, one count of identities, and what was asked left nothing behind."""
    legacy_site.fence_v2()
    done = legacy_site.run("apply", "--yes")
    assert 0 == done.code, done.out + done.err
    found = _verified(legacy_site, 0)
    assert (["v2", "v3"], True, []) == (found["api"], found["holds"], found["violations"])
    # kube-apiserver in v3, calico in v2, inventory in both, and three impostors
    assert 6 == found["identities"]
    assert (0, 0) == (found["index"]["others"], found["revision"]["others"])
    text = legacy_site.run("verify").out
    in_v3, in_v2, *_ = text.split("\n\n")
    assert ["in v3", "kube-apiserver", "inventory"] == in_v3.splitlines()[0].split("  ")[0:1] + in_v3.split()[2:4]
    assert "in v2" == in_v2[:5]
    assert ["calico", "read+write", "-"] == in_v2.splitlines()[1].split()
    assert ["(unknown", "name)", "-", "-"] == in_v2.splitlines()[4].split()
    assert "The roles fence: every identity reaches its own keys and no others.\n" in text


def test_nothing_is_left_behind(site: LegacySite) -> None:
    """Keys lie where probes ask to write and to delete: index and values are the same afterwards."""
    paths = ("/calico/v1/a", "/calico/ringfence-probe/a", "/inventory/x", "/elsewhere")

    async def fill(client: ClientV2) -> None:
        for path in paths:
            await client.keys.put(path, "kept")

    async def look(client: ClientV2) -> tuple[int, list[str | None]]:
        return await client.keys.settle(), [await client.keys.get(path) for path in paths]

    site.in_v2(fill)
    before = site.in_v2(look)
    found = _verified(site, 0)
    assert before == site.in_v2(look)
    assert {"before": before[0], "after": before[0], "others": 0} == found["index"]
    assert (["v2"], None) == (found["api"], found["revision"])
    unclaimed = next(each["what"] for each in found["findings"] if each["kind"] == "v2-unclaimed")
    assert unclaimed.endswith(": /elsewhere")


def test_v2_that_nobody_asked_for(legacy_site: LegacySite) -> None:
    """A spec for v3 on members that serve v2 as well: no violation of it, and told all the same."""
    header = legacy_site.operation.header.replace("[v2, v3]", "[v3]")
    legacy_site.spec.write_text(f"{header}components:\n  - {{use: kube-apiserver, compaction: etcd}}\n")
    done = legacy_site.run("apply", "--yes", "-o", "json")
    assert 0 == done.code, done.err
    found = done.json["verification"]
    assert (["v3"], True, ["v2-unasked"]) == (
        found["api"],
        found["holds"],
        [each["kind"] for each in found["findings"]],
    )
    assert "without auth" in found["findings"][0]["what"]


async def _open_guest(client: ClientV2) -> None:
    await client.auth.grant(GUEST_ROLE, read=[Pattern("/*")], write=[Pattern("/*")])


async def _close_guest(client: ClientV2) -> None:
    await client.auth.revoke(GUEST_ROLE, read=[Pattern("/*")], write=[Pattern("/*")])


async def _widen(client: ClientV2) -> None:
    await client.auth.grant(CALICO, read=[Pattern("/inventory/*")])


async def _narrow(client: ClientV2) -> None:
    await client.auth.revoke(CALICO, read=[Pattern("/inventory/*")])


async def _take(client: ClientV2) -> None:
    await client.auth.revoke(INVENTORY, write=[Pattern("/inventory")])


async def _give(client: ClientV2) -> None:
    await client.auth.grant(INVENTORY, write=[Pattern("/inventory")])


async def _let_in(client: ClientV2) -> None:
    await client.auth.add_role(PatternRole(RoleName("old"), write=frozenset({Pattern("/calico/v1/*")})))
    await client.auth.add_user(UserName("script"), "a password", [RoleName("old")])


async def _throw_out(client: ClientV2) -> None:
    await client.auth.delete_user(UserName("script"))
    await client.auth.delete_role(RoleName("old"))


async def _off(client: ClientV2) -> None:
    await client.auth.disable()


async def _on(client: ClientV2) -> None:
    await client.auth.enable()


_MEMBERS = ("etcd-1", "etcd-2", "etcd-3")
_READS, _WIDE = ("read", "read the tree"), ("/inventory/", "/inventory/ringfence-probe")


_HARM: tuple[tuple[Do, Do, set[tuple[str, str, str, str]]], ...] = (
    (_open_guest, _close_guest, {("(guest)", "(stored)", kind, "/*") for kind in ("read", "write")}),
    (
        _widen,
        _narrow,
        {
            ("calico", "(stored)", "read", "/inventory/*"),
            *(("calico", at, kind, path) for at in _MEMBERS for kind in _READS for path in _WIDE),
        },
    ),
    (_take, _give, {("inventory", at, "write", "/inventory") for at in _MEMBERS}),
    (_let_in, _throw_out, {("script", "(stored)", "write", "/calico/v1/*")}),
    (_off, _on, {("(anybody)", at, "any", "every path") for at in _MEMBERS}),
)
"""An open guest, a role that is too wide, one that is too narrow, somebody else, auth off."""


def test_what_does_not_hold(site: LegacySite) -> None:
    """Exit 2 and just these lines; when all of it is undone, it holds as before."""
    before = _verified(site, 0)
    for harm, mend, violations in _HARM:
        site.in_v2(harm)
        assert violations == _lines(_verified(site, 2))
        site.in_v2(mend)
    after = _verified(site, 0)
    assert (True, [], before["probes"]) == (after["holds"], after["violations"], after["probes"])


def test_a_member_without_v2(site: LegacySite) -> None:
    """It is named, the others are asked all the same; where no member serves v2, there is nothing to prove."""
    configs = {member.name: member.config for member in site.operation.members}
    written = {name: config.read_text() for name, config in configs.items()}

    def restart(*names: str, v2: bool) -> None:
        for name in names:
            configs[name].write_text(json.dumps({**json.loads(written[name]), "enable-v2": v2}))
            site.cluster.kill(name)
            site.cluster.restart(name)

    try:
        restart("etcd-2", v2=False)
        found = _verified(site, 2)
        assert {("(anybody)", "etcd-2", "any", "every path")} == _lines(found)
        assert "v2 not served" == found["violations"][0]["observed"]
        assert found["probes"] > 0
        restart("etcd-1", "etcd-3", v2=False)
        refused = site.run("verify")
        assert (1, "") == (refused.code, refused.out)
        assert "the v2 API is not served there" in refused.err
        assert "enable-v2: true" in refused.err
    finally:
        restart(*configs, v2=True)
    assert 0 == site.run("verify").code


def test_without_key_and_without_authority_it_is_unproven(site: LegacySite) -> None:
    """Nobody can be calico or a stranger; stored roles are read back, and what they keep from it is a violation."""
    for name in ("calico-key.pem", "ca-key.pem"):
        (site.pki / name).unlink()
    found = _verified(site, 0)
    assert [("v2", "calico"), ("v2", "(unknown name)")] == [
        (each["api"], each["identity"]) for each in found["unproven"]
    ]
    assert "The roles fence as far as they were tried: 2 identities unproven.\n" in site.run("verify").out

    async def take(client: ClientV2) -> None:
        await client.auth.revoke(CALICO, write=[Pattern("/calico/*")])

    site.in_v2(take)
    assert {("calico", "(stored)", "write", "/calico/*")} == _lines(_verified(site, 2))


def test_a_tenant_may_not_verify(site: LegacySite) -> None:
    """The proof needs root of v2: with a tenant's certificate it ends with one clear line."""
    ran = site.run("verify", "--cert", "pki/inventory.pem", "--key", "pki/inventory-key.pem")
    assert (1, "") == (ran.code, ran.out)
    assert 1 == len(ran.problems)
