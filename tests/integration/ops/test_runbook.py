"""The runbook: each trouble is made on a real cluster, `auth status` names it, and the chapter's commands end it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from unittest import mock

import pytest

from ringfence.etcd.client import Client
from ringfence.local.binary import Binary, find
from ringfence.model.auth_status import Kind
from ringfence.model.names import ROOT_ROLE, UserName
from tests.integration.ops.test_drift import edit_database
from tests.integration.ops.test_fitness import RAISE, alarm
from tests.integration.site import COMPONENTS, Ran, Site, operation, site_of
from tests.integration.waiting import wait_until

RUNBOOK = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text(encoding="utf-8")


def typed(chapter: int, program: str) -> list[list[list[str]]]:
    """The commands of a program in a chapter: for each of its blocks the words of each command."""
    (text,) = re.findall(rf"^## {chapter}\. .*?(?=^## |\Z)", RUNBOOK, re.DOTALL | re.MULTILINE)
    found = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [
        [shlex.split(line[2:], comments=True) for line in block.splitlines() if line.startswith(f"$ {program} ")]
        for block in found
    ]


def blocks(chapter: int) -> list[list[list[str]]]:
    """The same of ringfence."""
    return typed(chapter, "ringfence")


def exported() -> dict[str, str]:
    """The variables that the page tells people to set first."""
    (text,) = re.findall(r"```sh\n(export .*?)```", RUNBOOK.partition("\n## ")[0], re.DOTALL)
    words = shlex.split(text.replace("export ", ""))
    return dict(word.split("=", 1) for word in words)


def test_every_condition_has_its_chapter() -> None:
    """The table names each condition that `auth status` knows, and no other; each row leads to a chapter."""
    rows = re.findall(r"^\| (.+?) \| .+ \| \[(\d)\]\(#(\S+)\) \|$", RUNBOOK, re.MULTILINE)
    named = [name for conditions, _, _ in rows for name in re.findall(r"`([a-z0-9-]+)`", conditions)]
    assert sorted(kind.value for kind in Kind if kind is not Kind.HEALTHY) == sorted(named)
    titles = dict(re.findall(r"^## (\d)\. (.+)$", RUNBOOK, re.MULTILINE))
    for _, number, anchor in rows:
        assert re.sub(r"[^a-z0-9 -]", "", f"{number} {titles[number]}".lower()).replace(" ", "-") == anchor
    assert titles.keys() == {number for _, number, _ in rows}


def follow(site: Site, commands: list[list[str]]) -> list[Ran]:
    """Run them as they stand there, with the page's variables set and a yes to what asks."""
    with mock.patch.dict(os.environ, variables(site)):
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


def test_the_authoritys_key_is_lost(own: Site) -> None:
    """Chapter 2: from the old authority to a new one by way of both; `verify` holds from when the page says so."""
    own.fence()
    (own.pki / "ca-key.pem").unlink()
    (own.pki / "calico.pem").unlink()
    assert "the authority's key is missing, so nothing can be issued" in own.run("certs", "issue").err

    subprocess.run(["mv", "pki", "pki-old"], cwd=own.folder, check=True)
    issue, after_first, later = blocks(2)
    assert [0] == [ran.code for ran in follow(own, issue)]
    both = b"".join((own.folder / name / "ca.pem").read_bytes() for name in ("pki-old", "pki"))
    (own.folder / "both.pem").write_bytes(both)
    ((_, _, *with_old),) = after_first
    assert 0 == own.run("plan", *with_old).code
    assert 0 == own.run("auth", "status", *with_old).code
    assert 2 == own.run("verify", *with_old).code  # what the page says of trying it too early

    trust(own, both)
    assert [0] == [ran.code for ran in follow(own, after_first)]
    for pair in (f"{each.name}-{kind}" for each in own.operation.members for kind in ("server", "peer")):
        for name in (f"{pair}.pem", f"{pair}-key.pem"):
            shutil.copy(own.pki / name, own.operation.folder / "pki" / name)
    assert [0] == [ran.code for ran in follow(own, later)]
    trust(own, (own.pki / "ca.pem").read_bytes())
    assert [0] == [ran.code for ran in follow(own, later)]
    assert 1 == own.run("verify", *with_old).code


def trust(site: Site, authorities: bytes) -> None:
    """Put them in the place of the members' ``ca.pem``, and restart the members one by one."""
    (site.operation.folder / "pki" / "ca.pem").write_bytes(authorities)
    for member in site.operation.members:
        site.cluster.kill(member.name)
        site.cluster.restart(member.name)


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

    (member,) = [each for each in own.operation.members if each.name == "etcd-3"]
    settings = json.loads(member.config.read_text())
    at = own.operation.members.index(member)
    others = [url for number, url in enumerate(own.endpoints) if number != at]
    to_list, to_remove, to_add = typed(3, "etcdctl")[0]
    listed = run(etcdctl, own, *to_list[1:], through=others).splitlines()
    (number,) = [line.split(",")[0] for line in listed if ", etcd-3, " in line]
    in_time(etcdctl, own, *filled(to_remove, ID=number), through=others)
    own.cluster.kill("etcd-3")
    peer = settings["initial-advertise-peer-urls"].removeprefix("https://")
    in_time(etcdctl, own, *filled(to_add, **{"NAME": "etcd-3", "HOST:2380": peer}), through=others)
    shutil.rmtree(settings["data-dir"])
    member.config.write_text(json.dumps({**settings, "initial-cluster-state": "existing"}))
    own.cluster.restart("etcd-3")
    (commands,) = blocks(3)[0:1]
    assert [0] == [ran.code for ran in follow(own, commands)]
    assert 0 == own.run("plan").code


NOT_YET = ("unhealthy cluster", "request timed out")
"""What etcd answers to a change of its members until they have been in touch for some seconds."""


def filled(command: list[str], **said: str) -> list[str]:
    """The words behind the program's name, with what the page leaves open put in."""
    words = command[1:]
    for gap, value in said.items():
        assert any(gap in word for word in words)
        words = [word.replace(gap, value) for word in words]
    return words


def in_time(etcdctl: Path, site: Site, *words: str, through: Sequence[str]) -> None:
    """Change members, as soon as etcd does."""

    def accepted() -> bool:
        ran = asked(etcdctl, site, *words, through=through)
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
    assert [2, 0, 0] == [ran.code for ran in follow(own, blocks(4)[0])]
    assert ["healthy"] == kinds(own)


def test_a_snapshot_from_before_was_restored(own: Site, etcd: Binary, etcdctl: Path) -> None:
    """Chapter 4: the certificates still fit, apply brings the fence back, and deletes who is back only when asked."""
    gone = UserName("gone")
    own.as_root(lambda client: client.auth.add_user(gone))
    saved = save(etcdctl, own)
    own.fence()
    own.as_root(lambda client: client.auth.delete_user(gone))
    assert ["healthy"] == kinds(own)
    restore(etcdctl, own, saved)
    assert went_back(etcd) <= set(kinds(own))

    commands, prune = blocks(4)
    planned, *others = follow(own, commands)
    assert [2, 0, 0] == [ran.code for ran in (planned, *others)]
    assert "gone" in planned.out
    assert gone in own.state().users
    assert ["healthy"] == kinds(own)
    assert [0] == [ran.code for ran in follow(own, prune)]
    assert gone not in own.state().users


def test_an_alarm_is_raised(own: Site, etcdctl: Path) -> None:
    """Chapter 6: `auth status` names it, and the commands of the page end it."""
    own.fence()
    own.as_user("inventory", lambda client: client.keys.put(b"/inventory/a", b"one"))
    own.as_root(alarm(RAISE))
    assert ["alarm"] == kinds(own)
    (compact, defragment, disarm), (status,) = typed(6, "etcdctl")[0], blocks(6)
    revisions, hashes = re.findall(r"`etcdctl (endpoint [^`]+)`", RUNBOOK)
    told = json.loads(run(etcdctl, own, *revisions.split()))
    lowest = min(each["Status"]["header"]["revision"] for each in told)
    run(etcdctl, own, *filled(compact, REVISION=str(lowest)))
    for words in (defragment[1:], disarm[1:], hashes.split()):
        run(etcdctl, own, *words)
    assert [0] == [ran.code for ran in follow(own, status)]


def test_a_member_does_not_answer(own: Site) -> None:
    """Chapter 7: it is named, the proof waits for it, and it catches up by itself."""
    own.fence()
    own.cluster.kill("etcd-3")
    assert ["silent-member"] == kinds(own)
    assert 1 == own.run("verify").code
    assert "etcd-3" in own.run("plan").out
    own.cluster.restart("etcd-3")
    (commands,) = blocks(7)
    assert [0] == [ran.code for ran in follow(own, commands)]


def test_a_spare_key_was_left(site: Site) -> None:
    """Chapter 8: what a machine that died at the switch leaves is named, and the next apply deletes it."""
    site.fence()
    spare = UserName("ringfence-spare-0badf00d")

    async def left(client: Client) -> None:
        await client.auth.add_user(spare, "x" * 20)
        await client.auth.grant_role(spare, ROOT_ROLE)

    site.as_root(left)
    assert ["spare-key"] == kinds(site)
    (commands,) = blocks(8)
    assert [0, 0] == [ran.code for ran in follow(site, commands)]
    assert spare not in site.state().users


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


def run(etcdctl: Path, site: Site, *words: str, through: Sequence[str] = ()) -> str:
    """What etcdctl says with the page's variables set."""
    ran = asked(etcdctl, site, *words, through=through)
    assert 0 == ran.returncode, ran.stderr
    return ran.stdout


def asked(etcdctl: Path, site: Site, *words: str, through: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """The same, whatever came of it; ``through`` these endpoints, all of them where none is named."""
    return subprocess.run(
        [etcdctl, *words],
        cwd=site.folder,
        check=False,
        capture_output=True,
        text=True,
        env=variables(site, through),
    )


def variables(site: Site, through: Sequence[str] = ()) -> dict[str, str]:
    """What the page exports, with the site's endpoints, or these, in the place of its own."""
    found = exported()
    assert 3 == len(found["ETCDCTL_ENDPOINTS"].split(","))
    return {**found, "ETCDCTL_ENDPOINTS": ",".join(through or site.endpoints)}


def save(etcdctl: Path, site: Site) -> Path:
    """A snapshot of now."""
    saved = site.folder / "saved.db"
    run(etcdctl, site, "snapshot", "save", str(saved), through=site.endpoints[:1])
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
