"""destroy and --prune on a real cluster: what was asked for goes, and nothing else."""

from __future__ import annotations

import fcntl
import json
import shutil
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ringfence.etcd.client import Client
from ringfence.local.binary import Binary
from ringfence.model.names import ROOT_USER, RoleName, UserName
from tests.integration.site import COMPONENTS, IDENTITIES, Site


async def make_strangers(client: Client) -> None:
    """A user and a role that no spec names."""
    await client.auth.add_role(RoleName("strange"))
    await client.auth.add_user(UserName("stranger"))
    await client.auth.grant_role(UserName("stranger"), RoleName("strange"))
    await client.auth.grant_role(UserName("stranger"), RoleName("inventory"))


@pytest.fixture
def crowded(site: Site) -> Site:
    """A fenced cluster with a stranger, who also holds a role of ours."""
    site.fence()
    site.as_root(make_strangers)
    return site


def journal(site: Site) -> list[dict[str, Any]]:
    """Every line of it."""
    return [json.loads(line) for line in (site.folder / ".ringfence" / "journal.jsonl").read_text().splitlines()]


def test_destroy_takes_what_is_ours(crowded: Site) -> None:
    """Users and roles of the spec go, auth, root and the stranger stay; again there is nothing to do."""
    ran = crowded.run("destroy", "--yes", "-o", "json")
    assert 0 == ran.code, ran.err
    assert "  - role inventory is deleted, and taken from stranger" in ran.err
    left = crowded.state()
    assert ({"root", "stranger"}, {"root", "strange"}) == (set(left.users), set(left.roles))
    assert left.auth_enabled
    assert {"strange"} == left.users[UserName("stranger")].roles
    again = crowded.run("destroy", "--yes")
    assert (0, "There is nothing of the spec to destroy.\n") == (again.code, again.out)
    assert 0 == crowded.run("apply", "--yes").code


def test_destroy_with_auth_takes_the_switch_too(crowded: Site) -> None:
    """Auth off, root gone, the stranger as it was but for our role."""
    ran = crowded.run("destroy", "--with-auth", "--yes")
    assert (0, "Destroyed: 4 users and 4 roles. Auth is OFF: every client may do everything.\n") == (ran.code, ran.out)
    left = crowded.state()
    assert ({"stranger"}, {"strange"}, False) == (set(left.users), set(left.roles), left.auth_enabled)


def test_destroy_with_auth_after_auth_was_switched_off(crowded: Site) -> None:
    """With auth off already root goes as well, and whoever does it is not locked out."""
    assert 0 == crowded.run("auth", "disable", "--yes").code
    ran = crowded.run("destroy", "--with-auth", "--yes")
    assert 0 == ran.code, ran.err
    left = crowded.state()
    assert ({"stranger"}, {"strange"}, False) == (set(left.users), set(left.roles), left.auth_enabled)


def test_destroy_asks(crowded: Site) -> None:
    """Without a terminal and without --yes it refuses and changes nothing."""
    before = crowded.auth_revision()
    ran = crowded.run("destroy")
    assert (1, "") == (ran.code, ran.out)
    assert before == crowded.auth_revision()
    assert "destroy" not in {line["verb"] for line in journal(crowded)}


def test_the_protected_stay(crowded: Site) -> None:
    """With all of their roles."""
    crowded.spec.write_text(crowded.spec.read_text() + "protect: {users: [calico]}\n")
    assert 0 == crowded.run("destroy", "--yes").code
    left = crowded.state()
    assert ({"root", "stranger", "calico"}, {"root", "strange", "calico"}) == (set(left.users), set(left.roles))


def test_destroy_does_not_delete_who_does_it(site: Site) -> None:
    """A second administrator, in use and named by the spec, cannot destroy itself; root can."""
    site.write(COMPONENTS, more="users: {admin: {roles: [root]}}\n")
    site.fence()
    as_admin = [f"--{option}={site.pki / name}" for option, name in (("cert", "admin.pem"), ("key", "admin-key.pem"))]
    assert ["ringfence: the plan deletes admin, the user in use"] == site.run("destroy", "--yes", *as_admin).problems
    assert "admin" in site.state().users
    assert 0 == site.run("destroy", "--yes").code
    assert {ROOT_USER} == set(site.state().users)


def test_prune_is_asked_for_and_by_kind(crowded: Site) -> None:
    """plan says what is left alone, or what would be deleted; a pruning plan is carried out from its file."""
    assert 0 == crowded.run("plan").code
    assert "left alone, not in the spec: users stranger" in crowded.run("plan").out
    users = crowded.run("plan", "--prune", "users", "--out", "plan.json", "-o", "json")
    assert (2, ["delete-user"], {"users": [], "roles": ["strange"]}) == (
        users.code,
        [change["kind"] for change in users.json["changes"]],
        users.json["unmanaged"],
    )
    assert 1 == crowded.run("apply", "plan.json", "--prune", "roles", "--yes").code
    assert 0 == crowded.run("apply", "plan.json", "--yes").code
    assert {"root", *IDENTITIES} == set(crowded.state().users)
    assert 0 == crowded.run("apply", "--prune", "roles", "--yes").code
    assert {"root", *IDENTITIES} == set(crowded.state().roles)
    assert 0 == crowded.run("plan", "--prune", "users", "--prune", "roles").code


def test_prune_spares_the_protected(crowded: Site) -> None:
    """The stranger and its roles stay."""
    crowded.spec.write_text(crowded.spec.read_text() + "protect: {users: [stranger]}\n")
    assert 0 == crowded.run("plan", "--prune", "users", "--prune", "roles").code


def test_the_journal_tells_what_was_done(crowded: Site, etcd: Binary) -> None:
    """A beginning and an end for each work, with plan, revisions and result; private; nothing by plan or verify."""
    crowded.run("plan")
    crowded.run("verify")
    assert 0 == crowded.run("destroy", "--yes").code
    lines = journal(crowded)
    assert [("begin", "apply"), ("end", "apply"), ("begin", "destroy"), ("end", "destroy")] == [
        (line["event"], line["verb"]) for line in lines
    ]
    begin, end = lines[2:]
    assert begin["id"] == end["id"]
    assert ("done", 6, 6, []) == (end["result"], end["made"], end["of"], end["problems"])
    assert ["delete-user"] * 3 + ["delete-role"] * 3 == [change["kind"] for change in begin["changes"]]
    after = crowded.auth_revision()
    told = (after - 6, after) if etcd.version.line >= (3, 5) else (None, None)
    assert told == (begin["auth_revision"], end["auth_revision"])
    assert begin["plan"] == end["plan"]
    assert "@" in begin["by"]
    path = crowded.folder / ".ringfence" / "journal.jsonl"
    assert (0o600, 0o700) == (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777)


def _a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def _a_link(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(path.parent / "elsewhere")


def _no_folder(path: Path) -> None:
    path.parent.write_text("")


@pytest.mark.parametrize("block", [_a_folder, _a_link, _no_folder])
@pytest.mark.parametrize("verb", ["apply", "destroy"])
def test_without_a_journal_nothing_is_changed(site: Site, verb: str, block: Any) -> None:
    """An error before anything is changed, whatever is in the way."""
    if verb == "destroy":
        site.fence()
        shutil.rmtree(site.folder / ".ringfence")
    block(site.folder / ".ringfence" / "journal.jsonl")
    before = site.auth_revision()
    ran = site.run(verb, "--yes")
    assert 1 == ran.code
    assert [True] == ["the journal cannot be written" in line for line in ran.problems if "journal" in line]
    assert before == site.auth_revision()


def test_a_journal_that_somebody_keeps_locked(site: Site) -> None:
    """A process that was stopped in the middle of a line is not waited for; without it the same is done."""
    path = site.folder / ".ringfence" / "journal.jsonl"
    path.parent.mkdir(mode=0o700)
    with path.open("ab") as other, mock.patch("ringfence.ops.execution.journal._LOCK_SECONDS", 0.2):
        path.chmod(0o600)
        fcntl.flock(other, fcntl.LOCK_EX)
        ran = site.run("apply", "--yes")
    assert (1, f"{path}: the journal cannot be written: somebody else keeps it locked") == (ran.code, ran.problems[-1])
    assert {} == site.state().users
    site.fence()


def test_work_that_failed_is_in_the_journal(site: Site) -> None:
    """A member is down, so auth is not switched on: the problem, and how far it came."""
    site.cluster.kill("etcd-3")
    assert 1 == site.run("apply", "--yes").code
    begin, end = journal(site)
    assert ("begin", "failed") == (begin["event"], end["result"])
    assert 0 < end["made"] < end["of"]
    assert end["problems"]
