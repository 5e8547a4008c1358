"""verify on a live fence: what it leaves behind (nothing), who it tries, and what it cannot prove."""

from __future__ import annotations

import asyncio

import pytest

from ringfence.errors import AccessDenied
from ringfence.etcd.client import Client
from ringfence.keyspace import EVERYTHING, Span
from tests.integration.site import IDENTITIES, Site

IMPOSTORS = ("(no certificate)", "(unknown name)", "(foreign authority)")


async def store(client: Client) -> tuple[int, int, bytes | None]:
    """The revision, the number of keys, and one value."""
    return (
        await client.keys.settle(),
        await client.keys.count(EVERYTHING),
        await client.keys.get(b"/calico/ipam"),
    )


def test_nothing_is_left_behind(site: Site) -> None:
    """The same revision, keys and values before and after, also where keys lie that a probe asks to delete."""
    for key in (b"/calico/", b"/calico/ipam", b"/calico0", b"/registry/", b"/registry/x", b"/inventory/"):
        site.as_root(lambda client, key=key: client.keys.put(key, b"kept"))
    site.fence()
    before = site.as_root(store)
    ran = site.run("verify", "-o", "json")
    assert (0, True) == (ran.code, ran.json["holds"])
    assert before == site.as_root(store)
    assert {"before": before[0], "after": before[0], "others": 0} == ran.json["revision"]
    assert ran.json["raft_entries"] > 0


def test_the_json_contract(site: Site) -> None:
    """The names that programs depend on, and their types."""
    site.fence()
    found = site.run("verify", "-o", "json").json
    kinds = {name: type(value) for name, value in found.items()}
    assert {
        "holds": bool,
        "api": list,
        "etcd": list,
        "members": int,
        "identities": int,
        "probes": int,
        "raft_entries": int,
        "violations": list,
        "server": dict,
        "unproven": list,
        "compaction": dict,
        "revision": dict,
        "findings": list,
        "alarms": list,
    } == kinds
    assert {"sound", "holes"} == set(found["server"])
    assert (3, len(IDENTITIES) + len(IMPOSTORS)) == (found["members"], found["identities"])


def test_impostors_are_refused(site: Site) -> None:
    """The matrix has a line for each of them, and no segment opens to any."""
    site.fence()
    lines = {line.split("  ")[0]: line for line in site.run("verify").out.splitlines()}
    for name in ("(no certificate)", "(foreign authority)"):
        assert 3 == lines[name].count("refused by TLS")
    assert ["-", "-", "-"] == lines["(unknown name)"].split()[2:]


def test_a_member_that_is_down_is_named(site: Site) -> None:
    """Every member is asked itself: one that does not answer is an error, not a proof of the others."""
    site.fence()
    assert 0 == site.run("verify").code
    site.cluster.kill("etcd-2")
    ran = site.run("verify")
    assert (1, "") == (ran.code, ran.out)
    assert [f"ringfence: member etcd-2 does not answer ({site.endpoints[1]})"] == ran.problems
    site.cluster.restart("etcd-2")
    assert 0 == site.run("verify").code


def test_a_lost_key_is_replaced_in_memory(site: Site) -> None:
    """With the authority at hand an identity without files is tried all the same, and no file appears."""
    site.fence()
    for name in ("calico.pem", "calico-key.pem"):
        (site.pki / name).unlink()
    before = sorted(site.pki.iterdir())
    ran = site.run("verify", "-o", "json")
    assert (0, []) == (ran.code, ran.json["unproven"])
    assert len(IDENTITIES) + len(IMPOSTORS) == ran.json["identities"]
    assert before == sorted(site.pki.iterdir())


def test_without_key_and_without_authority_it_is_unproven(site: Site) -> None:
    """Nobody can be calico or a stranger: both are listed as unproven, and the text does not claim the whole."""
    site.fence()
    for name in ("calico-key.pem", "ca-key.pem"):
        (site.pki / name).unlink()
    ran = site.run("verify", "-o", "json")
    assert (0, True) == (ran.code, ran.json["holds"])
    assert ["calico", "(unknown name)"] == [each["identity"] for each in ran.json["unproven"]]
    assert "there is no key for calico" == ran.json["unproven"][0]["why"]
    assert "The roles fence as far as they were tried: 2 identities unproven.\n" in site.run("verify").out


def test_what_is_unproven_is_still_read_back(site: Site) -> None:
    """An identity that cannot be tried, whose stored roles reach too far, is a violation all the same."""
    site.fence()
    for name in ("calico-key.pem", "ca-key.pem"):
        (site.pki / name).unlink()

    async def too_far(client: Client) -> None:
        await client.auth.grant_role("calico", "inventory")  # type: ignore[arg-type]  # names as typed by hand

    site.as_root(too_far)
    ran = site.run("verify", "-o", "json")
    assert (2, False) == (ran.code, ran.json["holds"])
    assert {("calico", "(stored)", "/inventory/*")} == {
        (each["identity"], each["member"], each["key"]) for each in ran.json["violations"]
    }


def test_what_is_unproven_and_has_lost_its_role(site: Site) -> None:
    """An identity that cannot be tried, and is stored with less than it needs, does not pass as fenced."""
    site.fence()
    for name in ("calico-key.pem", "ca-key.pem"):
        (site.pki / name).unlink()

    async def too_little(client: Client) -> None:
        await client.auth.revoke_role("calico", "calico")  # type: ignore[arg-type]  # names as typed by hand

    site.as_root(too_little)
    ran = site.run("verify", "-o", "json")
    assert (2, False) == (ran.code, ran.json["holds"])
    assert {("calico", "(stored)", "/calico/*", "allowed")} == {
        (each["identity"], each["member"], each["key"], each["expected"]) for each in ran.json["violations"]
    }


def test_a_tenant_may_not_verify(site: Site) -> None:
    """The proof needs root: with a tenant's certificate it ends with one clear line."""
    site.fence()
    ran = site.run("verify", "--cert", "pki/inventory.pem", "--key", "pki/inventory-key.pem")
    assert (1, "") == (ran.code, ran.out)
    assert 1 == len(ran.problems)


def test_writes_of_others_are_counted(site: Site) -> None:
    """Somebody else writes while the proof runs: the difference of revisions is theirs, and is told."""
    site.fence()

    async def write_and_verify() -> int:
        async with Client(site.endpoints[0], site.operation.root) as client:
            writing = asyncio.create_task(_write(client))
            code = await asyncio.to_thread(lambda: site.spawn("verify", "-o", "json"))
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        assert 0 == code.code
        return int(code.json["revision"]["others"])

    assert asyncio.run(write_and_verify()) > 0


async def _write(client: Client) -> None:
    while True:
        await client.keys.put(b"/elsewhere", b"x")
        await asyncio.sleep(0.01)


def test_the_fence_holds_for_a_range_over_two_segments(site: Site) -> None:
    """A list that begins in one's own segment and ends in the next is denied, which verify asks and a client sees."""
    site.fence()
    with pytest.raises(AccessDenied):
        site.as_user("calico", lambda client: client.keys.count(Span(b"/calico/", b"/registry0")))
