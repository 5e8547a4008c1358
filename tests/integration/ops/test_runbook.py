"""The runbook: each trouble is made on a real cluster, `auth status` names it, and the chapter's commands end it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ringfence.local.binary import Binary, find
from tests.integration.ops.test_drift import edit_database
from tests.integration.site import COMPONENTS, Ran, Site, operation, site_of
from tests.integration.waiting import wait_until

RUNBOOK = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text(encoding="utf-8")


def blocks(chapter: int) -> list[list[list[str]]]:
    """The commands of ringfence in a chapter: for each of its blocks the words of each command."""
    (text,) = re.findall(rf"^## {chapter}\. .*?(?=^## |\Z)", RUNBOOK, re.DOTALL | re.MULTILINE)
    found = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [
        [shlex.split(line[2:], comments=True) for line in block.splitlines() if line.startswith("$ ringfence ")]
        for block in found
    ]


def follow(site: Site, commands: list[list[str]]) -> list[Ran]:
    """Run them as they stand there, with a yes to what asks."""
    return [site.run(*words[1:], *(["--yes"] if words[1] == "apply" else [])) for words in commands]


def kinds(site: Site) -> list[str]:
    """What `auth status` says."""
    ran = site.run("auth", "status", "-o", "json")
    found = [finding["kind"] for finding in ran.json["findings"]]
    assert (0 if found == ["healthy"] else 2) == ran.code
    return found


def test_roots_certificate_is_lost(site: Site) -> None:
    """Chapter 1: the state of auth is seen all the same, and a new certificate is root again."""
    site.fence()
    before = (site.pki / "calico.pem").read_bytes()
    for name in ("root.pem", "root-key.pem"):
        (site.pki / name).unlink()
    found = site.run("auth", "status", "-o", "json")
    assert ["root-certificate", "root-certificate"] == [each["kind"] for each in found.json["findings"]]
    assert [True, True, True] == [member["enabled"] for member in found.json["members"]]

    (commands,) = blocks(1)
    assert [0, 0] == [ran.code for ran in follow(site, commands)]
    assert ["healthy"] == kinds(site)
    assert before == (site.pki / "calico.pem").read_bytes()


def test_the_authoritys_key_is_lost(site: Site) -> None:
    """Chapter 2: a new authority is made beside the old one, and with both trusted the old root still gets in."""
    site.fence()
    (site.pki / "ca-key.pem").unlink()
    (site.pki / "calico.pem").unlink()
    assert "the authority's key is missing, so nothing can be issued" in site.run("certs", "issue").err

    subprocess.run(["mv", "pki", "pki-old"], cwd=site.folder, check=True)
    (commands,) = blocks(2)
    assert [0] == [ran.code for ran in follow(site, commands)]
    both = b"".join((site.folder / name / "ca.pem").read_bytes() for name in ("pki-old", "pki"))
    (site.folder / "both.pem").write_bytes(both)
    old = ("--cacert", "both.pem", "--cert", "pki-old/root.pem", "--key", "pki-old/root-key.pem")
    assert 0 == site.run("plan", *old).code


def test_auth_was_switched_off(site: Site) -> None:
    """Chapter 5: by hand and behind our back; on again, and off on purpose."""
    site.fence()
    site.as_root(lambda client: client.auth.disable())
    assert ["off"] == kinds(site)

    on, off = blocks(5)
    assert [0] == [ran.code for ran in follow(site, on)]
    assert ["healthy"] == kinds(site)
    refused, _ = follow(site, off)
    assert (1, ["ringfence: this needs a yes, and there is no terminal to ask on"]) == (
        refused.code,
        refused.problems[-1:],
    )
    assert 0 == site.run("auth", "disable", "--yes").code
    assert ["off"] == kinds(site)


@pytest.fixture(scope="module")
def etcdctl() -> Path:
    """Saves snapshots and changes members; ``etcdutl`` beside it restores snapshots."""
    return find("etcdctl").path


@pytest.fixture
def own(tmp_path: Path, etcd: Binary) -> Iterator[Site]:
    """A site with a cluster of its own, for what is done here cannot be put back."""
    (tmp_path / "operation").mkdir()
    (tmp_path / "site").mkdir()
    with operation(tmp_path / "operation", etcd) as running:
        yield site_of(tmp_path / "site", running)


def test_the_auth_store_is_lost_on_every_member(own: Site) -> None:
    """Chapter 3: after a restart users, roles and the switch are gone; one apply brings all of it back."""
    own.fence()
    damage(own, {b"authUsers": b"authUserz", b"authRoles": b"authRolez", b"authEnabled\x01": b"authEnabled\x00"})
    wait_until(lambda: ["store-lost"] == kinds(own))
    plan_and_apply = blocks(3)[1]
    assert [2, 0] == [ran.code for ran in follow(own, plan_and_apply)]
    assert ["healthy"] == kinds(own)


def test_the_auth_store_is_half_there_on_every_member(own: Site) -> None:
    """Chapter 3: after a restart users and switch are gone and roles are there; apply makes what is missing."""
    own.fence()
    damage(own, {b"authUsers": b"authUserz", b"authEnabled\x01": b"authEnabled\x00"})
    wait_until(lambda: ["root-user-missing", "off"] == kinds(own))
    planned, applied = follow(own, blocks(3)[1])
    assert (2, 0) == (planned.code, applied.code)
    assert "  + user calico, by certificate" in planned.out.splitlines()
    assert "  + role calico" not in planned.out.splitlines()
    assert ["healthy"] == kinds(own)


def test_the_auth_store_is_lost_on_one_member(own: Site, etcdctl: Path) -> None:
    """Chapter 3: the member is named; taken out and added empty, it has what the others have."""
    own.fence()
    edit_database(own, "etcd-3", b"authUsers", b"authUserz")
    assert "root-user-missing" in kinds(own)
    assert "etcd-3 does not know root's certificate as root" in own.run("auth", "status").out
    assert 1 == own.run("apply", "--yes").code

    listed = run(etcdctl, own, "member", "list").splitlines()
    (number,) = [line.split(",")[0] for line in listed if ", etcd-3, " in line]
    in_time(etcdctl, own, "member", "remove", number)
    own.cluster.kill("etcd-3")
    (member,) = [each for each in own.operation.members if each.name == "etcd-3"]
    settings = json.loads(member.config.read_text())
    in_time(etcdctl, own, "member", "add", "etcd-3", f"--peer-urls={settings['initial-advertise-peer-urls']}")
    shutil.rmtree(settings["data-dir"])
    member.config.write_text(json.dumps({**settings, "initial-cluster-state": "existing"}))
    own.cluster.restart("etcd-3")
    (commands,) = blocks(3)[0:1]
    assert [0] == [ran.code for ran in follow(own, commands)]
    assert 0 == own.run("plan").code


NOT_YET = ("unhealthy cluster", "request timed out")
"""What etcd answers to a change of its members until they have been in touch for some seconds."""


def in_time(etcdctl: Path, site: Site, *words: str) -> None:
    """Change members, as soon as etcd does."""

    def accepted() -> bool:
        ran = asked(etcdctl, site, *words)
        done = ran.returncode == 0 or "Peer URLs already exists" in ran.stderr  # the one before timed out, and was done
        assert done or any(words in ran.stderr for words in NOT_YET), ran.stderr
        return done

    wait_until(accepted)


def went_back(etcd: Binary) -> set[str]:
    """How auth status sees that a snapshot was restored: by the auth revision, which etcd tells from 3.5 on."""
    return {"restored"} if etcd.version.line >= (3, 5) else set()


def test_root_is_gone_on_every_member_and_auth_is_on(own: Site, etcd: Binary, etcdctl: Path) -> None:
    """Chapters 3 and 4: nobody can change anything any more; the newest whole snapshot has root and the rest."""
    own.fence()
    saved = save(etcdctl, own)
    own.write(COMPONENTS + "  - {name: shop, grants: [{prefix: /shop/, access: readwrite}]}\n")
    assert 0 == own.run("apply", "--yes").code
    damage(own, {b"authUsers": b"authUserz"})
    wait_until(lambda: ["root-user-missing"] == kinds(own))
    refused = own.run("apply", "--yes")
    assert 1 == refused.code
    assert "if it is one, root is missing in etcd: see ringfence auth status" in refused.err

    restore(etcdctl, own, saved)
    assert went_back(etcd) <= set(kinds(own))
    (commands,) = blocks(4)
    assert [2, 0, 0] == [ran.code for ran in follow(own, commands)]
    assert ["healthy"] == kinds(own)


def test_a_snapshot_from_before_was_restored(own: Site, etcd: Binary, etcdctl: Path) -> None:
    """Chapter 4: a snapshot from before the fence; the certificates still fit, and apply brings the rest back."""
    saved = save(etcdctl, own)
    own.fence()
    assert ["healthy"] == kinds(own)
    restore(etcdctl, own, saved)
    assert went_back(etcd) <= set(kinds(own))

    (commands,) = blocks(4)
    assert [2, 0, 0] == [ran.code for ran in follow(own, commands)]
    assert ["healthy"] == kinds(own)


def damage(site: Site, changes: Mapping[bytes, bytes]) -> None:
    """Stop every member, replace bytes of its database, and start all of them again."""
    time.sleep(0.5)  # etcd commits its database every tenth of a second
    site.cluster.stop()
    for member in site.operation.members:
        path = Path(json.loads(member.config.read_text())["data-dir"]) / "member" / "snap" / "db"
        content = path.read_bytes()
        for old, new in changes.items():
            assert old in content
            content = content.replace(old, new)
        path.write_bytes(content)
    site.cluster.launch()  # from etcd 3.5.5 on a member without users does not call itself healthy


_TLS = (("cacert", "ca"), ("cert", "root"), ("key", "root-key"))


def run(etcdctl: Path, site: Site, *words: str) -> str:
    """What etcdctl says, as root."""
    ran = asked(etcdctl, site, *words)
    assert 0 == ran.returncode, ran.stderr
    return ran.stdout


def asked(etcdctl: Path, site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    """The same, whatever came of it."""
    pki = [f"--{name}={site.pki / file}.pem" for name, file in _TLS]
    command = [str(etcdctl), *pki, f"--endpoints={site.endpoints[0]}", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, env={"ETCDCTL_API": "3"})


def save(etcdctl: Path, site: Site) -> Path:
    """A snapshot of now."""
    saved = site.folder / "saved.db"
    run(etcdctl, site, "snapshot", "save", str(saved))
    return saved


def restore(etcdctl: Path, site: Site, snapshot: Path) -> None:
    """Stop every member, restore the snapshot on each, and start them again."""
    site.cluster.stop()
    for member in site.operation.members:
        settings = json.loads(member.config.read_text())
        data = Path(settings["data-dir"])
        data.rename(data.with_name(f"{data.name}.old"))
        names = ("name", "initial-cluster", "initial-cluster-token", "initial-advertise-peer-urls", "data-dir")
        options = (f"--{name}={settings[name]}" for name in names)
        command = [str(etcdctl.with_name("etcdutl")), "snapshot", "restore", str(snapshot), *options]
        subprocess.run(command, check=True, capture_output=True)
    site.cluster.start()
