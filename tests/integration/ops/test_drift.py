"""Drift of a single member, made by editing the database file of a stopped etcd: plan names the member, exit 2."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.errors import AccessDenied, NotThere
from ringfence.etcd.client import Client
from ringfence.local.binary import Binary
from tests.integration.site import Site, operation, site_of
from tests.integration.waiting import wait_until


@pytest.fixture
def broken(tmp_path: Path, etcd: Binary) -> Iterator[Site]:
    """A fenced site with a cluster of its own, for what is done here cannot be put back."""
    (tmp_path / "operation").mkdir()
    (tmp_path / "site").mkdir()
    with operation(tmp_path / "operation", etcd) as running:
        site = site_of(tmp_path / "site", running)
        site.fence()
        yield site


def edit_database(site: Site, member: str, old: bytes, new: bytes) -> None:
    """Stop a member, replace bytes of its database, start it again, and wait until it takes part.

    From etcd 3.5.5 on a member without users does not call itself healthy, so it is asked for what ``plan`` asks it.
    """
    assert len(old) == len(new)
    time.sleep(0.5)  # etcd commits its database every tenth of a second
    site.cluster.kill(member)
    path = site.operation.folder / "data" / member / "member" / "snap" / "db"
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    site.cluster.restart(member, wait=False)
    wait_until(lambda: not is_anybody_silent(site))


def is_anybody_silent(site: Site) -> bool:
    """Whether plan says of a member that it does not answer."""
    members = site.run("plan", "-o", "json").json["members"]
    return any("does not answer" in each for member in members for each in member["differences"])


def refused(site: Site) -> list[str]:
    """What apply and destroy say, which is the same; nothing was changed."""
    before = asyncio.run(views(site))
    spec = site.spec.read_text()
    site.spec.write_text(spec + "roles: {more: [{key: /more, access: read}]}\n")
    plain, with_file, destroy = (
        site.run(*verb) for verb in (("apply", "--yes"), ("apply", planned(site), "--yes"), ("destroy", "--yes"))
    )
    site.spec.write_text(spec)
    assert [(1, "")] * 3 == [(ran.code, ran.out) for ran in (plain, with_file, destroy)]
    differing = [line for line in plain.problems if line.startswith("ringfence: member ")]
    assert plain.problems == differing == destroy.problems
    assert differing == [line for line in with_file.problems if line.startswith("ringfence: member ")]
    assert before == asyncio.run(views(site))
    return differing


def planned(site: Site) -> str:
    """A plan that was written."""
    assert 2 == site.run("plan", "--out", "plan.json").code
    return "plan.json"


async def views(site: Site) -> list[tuple[object, ...]]:
    """What the members say to root, each by itself."""
    told: list[tuple[object, ...]] = []
    for endpoint in site.endpoints:
        async with Client(endpoint, site.operation.root) as client:
            try:
                told.append((await client.auth.users(), await client.auth.roles(), await client.auth.revision()))
            except (AccessDenied, NotThere) as error:
                told.append((str(error),))
    return told


def apart(site: Site) -> dict[str, list[str]]:
    """The members that plan says stand apart; it exits with 2."""
    ran = site.run("plan", "-o", "json")
    assert (2, []) == (ran.code, ran.json["changes"]), ran.err
    return {member["name"]: member["differences"] for member in ran.json["members"] if member["differences"]}


def test_members_that_agree_are_in_sync(broken: Site) -> None:
    """Every member is asked itself, and all say the same."""
    ran = broken.run("plan", "-o", "json")
    assert 0 == ran.code
    assert [("etcd-1", True, []), ("etcd-2", True, []), ("etcd-3", True, [])] == [
        (member["name"], member["auth_enabled"], member["differences"]) for member in ran.json["members"]
    ]


def test_auth_is_off_on_one_member(broken: Site) -> None:
    """Its own clients may do everything, and the others would never tell."""
    edit_database(broken, "etcd-2", b"authEnabled\x01", b"authEnabled\x00")
    found = apart(broken)
    assert ["etcd-2"] == list(found)
    assert "auth is OFF there, and on elsewhere" in found["etcd-2"]
    ran = broken.run("plan")
    assert "  ! etcd-2: auth is OFF there, and on elsewhere" in ran.out.splitlines()
    assert "In sync: nothing to change." in ran.out.splitlines()
    assert "ringfence: member etcd-2: auth is OFF there, and on elsewhere" in refused(broken)


def test_the_auth_store_of_one_member_is_empty(broken: Site) -> None:
    """It refuses everybody, root too."""
    edit_database(broken, "etcd-3", b"authUsers", b"authUserz")
    found = apart(broken)
    assert ["etcd-3"] == list(found)
    assert found["etcd-3"][0].startswith("it does not know root as root: ")
    (problem,) = refused(broken)
    assert problem.startswith("ringfence: member etcd-3: it does not know root as root: ")


def test_the_auth_store_of_the_member_that_is_asked_first_is_empty(broken: Site) -> None:
    """The others know root, so that the plan is made by one of them."""
    edit_database(broken, "etcd-1", b"authUsers", b"authUserz")
    assert ["etcd-1"] == list(apart(broken))
    (problem,) = refused(broken)
    assert problem.startswith("ringfence: member etcd-1: it does not know root as root: ")


def test_a_permission_of_one_member_is_another(broken: Site, etcd: Binary) -> None:
    """Where no auth revision is told every permission is compared; else stores of one revision count as the same."""
    edit_database(broken, "etcd-3", b"/inventory/", b"/inventorY/")
    if etcd.version.line < (3, 5):
        assert "it lacks: role inventory may readwrite /inventory/*" in apart(broken)["etcd-3"]
        assert refused(broken)
    else:
        assert 0 == broken.run("plan").code


def test_a_member_that_does_not_answer(broken: Site) -> None:
    """It was not asked, so plan does not say that all is well."""
    broken.cluster.kill("etcd-1")
    found = apart(broken)
    assert ["etcd-1"] == list(found)
    assert found["etcd-1"][0].startswith("it does not answer: ")
