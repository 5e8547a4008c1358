"""What was reviewed is what happens: a plan file is carried out as it is, or not at all; see ``test_bad_input``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.local.binary import Binary
from ringfence.model.names import RoleName
from tests.integration.site import Site


@pytest.fixture
def planned(site: Site) -> Path:
    """A plan that was written."""
    ran = site.run("plan", "--out", "plan.json")
    assert (2, "wrote plan.json; next: ringfence apply plan.json\n") == (ran.code, ran.err)
    return site.folder / "plan.json"


def refused(site: Site, plan: str = "plan.json") -> list[str]:
    """The problems of applying it, after which nothing has changed."""
    before = (site.state(), site.auth_revision())
    ran = site.run("apply", plan, "--yes")
    assert (1, "") == (ran.code, ran.out)
    assert "  hint: " in ran.err
    assert before == (site.state(), site.auth_revision())
    return [line for line in ran.problems if not line.startswith("Plan: ")]


def test_a_plan_that_was_written_is_carried_out(site: Site, planned: Path) -> None:
    """The same digest in the file, on stdout of plan -o json, and in the result of apply."""
    digest = json.loads(planned.read_text())["digest"]
    assert digest == site.run("plan", "-o", "json").json["digest"]
    applied = site.run("apply", "plan.json", "--yes", "-o", "json")
    assert (0, digest) == (applied.code, applied.json["plan"]["digest"])


def moved(etcd: Binary) -> list[str]:
    """What a plan is refused for after any auth write; before etcd 3.5 nothing tells."""
    tells = etcd.version.line >= (3, 5)
    return ["ringfence: the auth revision moved since the plan was made"] if tells else []


def test_a_plan_is_carried_out_once(site: Site, planned: Path, etcd: Binary) -> None:
    """Afterwards it is stale: auth is on, and users and roles are there."""
    assert 0 == site.run("apply", "plan.json", "--yes").code
    assert ["ringfence: users or roles were changed since the plan was made", *moved(etcd)] == refused(site)


def test_the_spec_was_changed(site: Site, planned: Path) -> None:
    """One more comment is another spec."""
    site.spec.write_text(site.spec.read_text() + "# reviewed\n")
    assert ["ringfence: the spec was changed since the plan was made"] == refused(site)


def test_users_or_roles_were_changed(site: Site, planned: Path, etcd: Binary) -> None:
    """A role that somebody added meanwhile makes the plan stale."""
    site.as_root(lambda client: client.auth.add_role(RoleName("new")))
    assert ["ringfence: users or roles were changed since the plan was made", *moved(etcd)] == refused(site)


def test_changed_and_changed_back(site: Site, planned: Path, etcd: Binary) -> None:
    """The same users and roles as before, and yet somebody was here: the auth revision tells, from 3.5 on."""
    site.as_root(lambda client: client.auth.add_role(RoleName("new")))
    site.as_root(lambda client: client.auth.delete_role(RoleName("new")))
    if moved(etcd):
        assert moved(etcd) == refused(site)
    else:
        assert 0 == site.run("apply", "plan.json", "--yes").code


def edited(plan: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change something in it."""
    data = json.loads(plan.read_text())
    change(data)
    plan.write_text(json.dumps(data))


EDITS: list[Callable[[dict[str, Any]], object]] = [
    lambda data: data["changes"].pop(),
    lambda data: data["changes"][0].update(role="sneaky"),
    lambda data: data.update(auth_revision=(data["auth_revision"] or 0) + 1),
    lambda data: data.update(digest="0" * 64),
    lambda data: data.update(cluster_id="1"),
    lambda data: data["changes"][0].update(etcdctl="etcdctl role list"),
]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_plan(site: Site, planned: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Whatever was edited, also what is only shown, the plan is refused before anything is asked of etcd."""
    edited(planned, edit)
    assert ["plan.json: the plan was edited after it was written"] == refused(site)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "this is not a plan"),
        (b"{}", "this is not a plan"),
        (b"version: 1", "this is not a plan"),
        (b"\xff\xfe", "cannot be read: not UTF-8 text"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_plan(site: Site, content: bytes | None, problem: str) -> None:
    """Another file, or none, has its own words and leads to plan --out."""
    if content is not None:
        (site.folder / "plan.json").write_bytes(content)
    assert [f"plan.json: {problem}"] == refused(site)


@pytest.mark.parametrize("name", ["ringfence.yaml", "pki/root-key.pem", "pki", "notes.json", "/dev/null"])
def test_what_is_no_plan_is_not_replaced(site: Site, name: str) -> None:
    """The spec, root's key, a folder, another JSON file, a device: exit 1 before anything is asked, and it stays."""
    (site.folder / "notes.json").write_text('{"format": 1}')
    path = site.folder / name
    before = path.read_bytes() if path.is_file() else path.stat().st_mode
    ran = site.run("plan", "--out", name)
    assert (1, "") == (ran.code, ran.out)
    assert len(ran.problems) == 1
    assert ran.problems[0].startswith(f"{name}: is ")
    assert "  hint: name another file\n" in ran.err
    assert before == (path.read_bytes() if path.is_file() else path.stat().st_mode)


def test_an_older_plan_is_replaced(site: Site, planned: Path) -> None:
    """Also one that was edited, or is of another version."""
    written = planned.read_text()
    for older in (written, written.replace('"verb": "apply"', '"verb": "else"'), '{"format":9,"digest":1,"changes":2}'):
        planned.write_text(older)
        assert 2 == site.run("plan", "--out", "plan.json").code
        assert written == planned.read_text()


@pytest.mark.parametrize("name", ["-", ""])
def test_no_name_of_a_file(site: Site, name: str) -> None:
    """Neither a file called - nor one without a name is made; the hint says how a plan is printed."""
    before = sorted(site.folder.iterdir())
    ran = site.run("plan", "--out", name)
    assert (1, "") == (ran.code, ran.out)
    assert "  hint: name one, such as plan.json; plan -o json prints a plan that apply takes\n" in ran.err
    assert before == sorted(site.folder.iterdir())


def test_a_plan_cannot_be_written(site: Site) -> None:
    """Where the file cannot be made, plan says so, prints no plan, and leaves nothing behind."""
    (site.folder / "file").write_text("mine")
    ran = site.run("plan", "--out", "file/plan.json")
    assert (1, "") == (ran.code, ran.out)
    assert ["file/plan.json: cannot be written: "] == [
        problem[: len("file/plan.json: cannot be written: ")] for problem in ran.problems
    ]
    assert ["file", "pki", "ringfence.yaml"] == sorted(path.name for path in site.folder.iterdir())
