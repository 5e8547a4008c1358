"""Drift of a single member, made by editing the database file of a stopped etcd: plan names the member, exit 2."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.local.binary import Binary
from tests.integration.site import Site, operation, site_of


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
    """Stop a member, replace bytes of its database, and start it again."""
    assert len(old) == len(new)
    time.sleep(0.5)  # etcd commits its database every tenth of a second
    site.cluster.kill(member)
    path = site.operation.folder / "data" / member / "member" / "snap" / "db"
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    site.cluster.restart(member)


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


def test_the_auth_store_of_one_member_is_empty(broken: Site) -> None:
    """It refuses everybody, root too."""
    edit_database(broken, "etcd-3", b"authUsers", b"authUserz")
    found = apart(broken)
    assert ["etcd-3"] == list(found)
    assert found["etcd-3"][0].startswith("it does not know root as root: ")


def test_a_member_that_does_not_answer(broken: Site) -> None:
    """It was not asked, so plan does not say that all is well."""
    broken.cluster.kill("etcd-1")
    found = apart(broken)
    assert ["etcd-1"] == list(found)
    assert found["etcd-1"][0].startswith("it does not answer: ")
