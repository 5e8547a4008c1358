"""A cluster in the middle of a rolling upgrade: two members of the release under test, one of the next that there is.

Which release that is depends on what ``make etcd`` made: the newest patch of the same line, or of the line after it,
for etcd upgrades one line at a time. Run on every line, this goes from 3.4 to 3.5, 3.6 and 3.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.etcd.hole_probes import PROBES
from ringfence.local.binary import Binary, built, find
from ringfence.rules.holes import holes
from tests.integration.site import COMPONENTS, Operation, Site, operation, site_of

OLD, NEW = ("etcd-1", "etcd-2"), "etcd-3"

MORE = COMPONENTS + "  - {name: audit, grants: [{prefix: /audit/, access: read}]}\n"
"""One tenant more, to have something to plan."""

PRUNE = ("--prune", "users", "--prune", "roles")

OPEN_CALLS = {(3, 7): {"auth-status"}}
"""Calls that etcd opened by its rules to everybody, by the line that did."""


@pytest.fixture(scope="module")
def newer(etcd: Binary) -> Binary:
    """What the third member is upgraded to."""
    major, minor = etcd.version.line
    reached = [one for one in (*built(), find("etcd", {})) if one.version.line in {(major, minor), (major, minor + 1)}]
    later = [one for one in reached if (one.version.line, one.version.patch) > (etcd.version.line, etcd.version.patch)]
    if not later:
        pytest.skip(f"there is no release to upgrade etcd {etcd.version} to; make etcd makes some")
    nearest = min(one.version.line for one in later)
    return max((one for one in later if one.version.line == nearest), key=lambda one: one.version.patch or 0)


@pytest.fixture(scope="module")
def upgrading(tmp_path_factory: pytest.TempPathFactory, etcd: Binary, newer: Binary) -> Iterator[Operation]:
    """The cluster, with its third member upgraded, and then fenced; tests leave the fence as it is."""
    with operation(tmp_path_factory.mktemp("upgrading"), etcd) as running:
        running.cluster.kill(NEW)
        running.cluster.restart(NEW, etcd=newer.path)
        site_of(tmp_path_factory.mktemp("fencing"), running).fence()
        yield running


@pytest.fixture
def site(tmp_path: Path, upgrading: Operation) -> Site:
    """A folder for that cluster."""
    return site_of(tmp_path, upgrading)


def known(one: Binary) -> set[str]:
    """The holes of a release, by id."""
    return {hole.id for hole in holes(one.version)}


def test_verify_holds_each_member_to_its_own_release(site: Site, etcd: Binary, newer: Binary) -> None:
    """The holes of the older members are theirs alone, found by trying; unless accepted they are the cluster's."""
    ran = site.run("verify", "-o", "json")
    assert (0, True) == (ran.code, ran.json["holds"]), ran.err
    assert {str(etcd.version), str(newer.version)} == set(ran.json["etcd"])
    found = {(hole["id"], hole["member"]): hole["how"] for hole in ran.json["server"]["holes"]}
    expected = {(id_, name) for name in OLD for id_ in known(etcd)} | {(id_, NEW) for id_ in known(newer)}
    assert expected == set(found)
    assert not [key for key, how in found.items() if how == "not reproduced"]
    narrow = known(etcd) & {"CVE-2026-33343", "CVE-2026-33413"}
    assert narrow <= set(PROBES)
    assert {(id_, name): "confirmed" for id_ in narrow for name in OLD} == {
        key: how for key, how in found.items() if key[0] in narrow
    }
    site.write(accept=False)
    ran = site.run("verify")
    assert (2 if expected else 0) == ran.code
    for id_ in known(etcd) - known(newer):
        assert f"NOT ACCEPTED: {id_} on {', '.join(OLD)} (" in ran.out


def test_can_i_and_who_can_answer_for_the_worst_member(site: Site, etcd: Binary, newer: Binary) -> None:
    """A hole on one member is enough, and is named with its release; what holds everywhere needs no such words."""
    assert 0 == site.run("can-i", "--live", "get", "/inventory/a", "--as", "inventory").code
    ran = site.run("-o", "json", "can-i", "--live", "get", "/registry/a", "--as", "inventory")
    assert (2, {str(etcd.version), str(newer.version)}) == (ran.code, set(ran.json["etcd"]))
    nested = [(hole["id"], hole["etcd"]) for hole in ran.json["around"] if hole["id"] == "CVE-2026-33343"]
    expected = [("CVE-2026-33343", [str(etcd.version)])] if "CVE-2026-33343" in known(etcd) else []
    assert expected == nested
    is_open = "CVE-2026-33413" in known(etcd)
    ran = site.run("-o", "json", "can-i", "--live", "compact", "--as", "inventory")
    assert (0 if is_open else 2, is_open, False) == (ran.code, ran.json["allowed"], ran.json["by_rules"])
    assert ([str(etcd.version)] if is_open else []) == [name for hole in ran.json["holes"] for name in hole["etcd"]]
    ran = site.run("-o", "json", "who-can", "--live", "compact")
    who = ["calico", "inventory", "kube-apiserver", "root"] if is_open else ["root"]
    assert (0, who) == (ran.code, [one["user"] for one in ran.json["users"]])


def test_rules_that_differ_between_the_members_are_told(site: Site, etcd: Binary, newer: Binary) -> None:
    """A call that the newer line opened: which member is asked decides, so the question must name a release."""
    opened = OPEN_CALLS.get(newer.version.line, set()) if newer.version.line != etcd.version.line else set()
    ran = site.run("-o", "json", "can-i", "--live", "--list", "--as", "inventory")
    assert (0, {call: [str(newer.version)] for call in opened}) == (ran.code, ran.json["calls_on"])
    ran = site.run("can-i", "--live", "auth-status", "--as", "inventory")
    if not opened:
        assert 2 == ran.code, ran.err
        return
    assert (1, "") == (ran.code, ran.out)
    assert f"etcd {newer.version} allows it, and etcd {etcd.version} does not" in ran.err
    codes = [site.run("can-i", "auth-status", "--as", "inventory", "--etcd", str(one.version)) for one in (etcd, newer)]
    assert [2, 0] == [one.code for one in codes]


def test_a_plan_of_one_member_is_carried_out_through_the_other(site: Site) -> None:
    """In sync on all; planned on an old member and applied through the new one, and the other way round.

    None of it ends a member: one of etcd 3.4 would, at a call of 3.5 that goes through the raft log.
    """
    running = [site.cluster.pid(name) for name in (*OLD, NEW)]
    assert (0, "In sync: nothing to change.\n") == ((ran := site.run("plan")).code, ran.out)
    old, new = site.endpoints[0], site.endpoints[2]
    site.write(MORE)
    assert 2 == site.run("plan", "--endpoints", old, "--out", "more.json").code
    ran = site.run("apply", "more.json", "--yes", "--endpoints", new)
    assert 0 == ran.code, ran.err
    site.write()
    assert 2 == site.run("plan", "--endpoints", new, *PRUNE, "--out", "less.json").code
    ran = site.run("apply", "less.json", "--yes", "--endpoints", old)
    assert 0 == ran.code, ran.err
    assert 0 == site.run("plan").code
    assert 0 == site.run("verify").code
    assert running == [site.cluster.pid(name) for name in (*OLD, NEW)]
    assert None not in running


def test_auth_status_names_the_release_of_each(site: Site, etcd: Binary, newer: Binary) -> None:
    """Three members, each with what it runs, and auth on for all of them."""
    ran = site.run("-o", "json", "auth", "status")
    assert 0 == ran.code, ran.err
    expected = {**dict.fromkeys(OLD, str(etcd.version)), NEW: str(newer.version)}
    assert expected == {member["name"]: member["etcd"] for member in ran.json["members"]}
