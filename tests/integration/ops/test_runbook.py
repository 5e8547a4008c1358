"""The runbook: each trouble is made on a real cluster, `auth status` names it, and the chapter's commands end it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from ringfence.local.binary import Binary, find
from tests.integration.site import Ran, Site, operation, site_of

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


def test_the_auth_store_is_lost_on_every_member(site: Site) -> None:
    """Chapter 3: users, roles and the switch are gone; one apply brings all of it back."""
    site.fence()
    site.operation.reset()
    assert ["store-lost"] == kinds(site)

    plan_and_apply = blocks(3)[1]
    assert [2, 0] == [ran.code for ran in follow(site, plan_and_apply)]
    assert ["healthy"] == kinds(site)


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
    """Saves snapshots; ``etcdutl`` beside it restores them."""
    return find("etcdctl").path


def test_a_snapshot_from_before_was_restored(
    tmp_path_factory: pytest.TempPathFactory, etcd: Binary, etcdctl: Path
) -> None:
    """Chapter 4: a snapshot from before the fence; the certificates still fit, and apply brings the rest back."""
    with operation(tmp_path_factory.mktemp("operation"), etcd) as running:
        site = site_of(tmp_path_factory.mktemp("site"), running)
        saved = site.folder / "before.db"
        pki = [f"--{name}={site.pki / file}.pem" for name, file in _TLS]
        save = [str(etcdctl), *pki, f"--endpoints={site.endpoints[0]}", "snapshot", "save", str(saved)]
        subprocess.run(save, check=True, capture_output=True, env={"ETCDCTL_API": "3"})
        site.fence()
        assert ["healthy"] == kinds(site)

        running.cluster.stop()
        for member in running.members:
            _restore(etcdctl.with_name("etcdutl"), saved, member.config)
        running.cluster.start()
        assert {"restored"} <= set(kinds(site))

        (commands,) = blocks(4)
        assert [2, 0, 0] == [ran.code for ran in follow(site, commands)]
        assert ["healthy"] == kinds(site)


_TLS = (("cacert", "ca"), ("cert", "root"), ("key", "root-key"))


def _restore(etcdutl: Path, snapshot: Path, config: Path) -> None:
    settings = json.loads(config.read_text())
    data = Path(settings["data-dir"])
    data.rename(data.with_name(f"{data.name}.old"))
    names = ("name", "initial-cluster", "initial-cluster-token", "initial-advertise-peer-urls", "data-dir")
    command = [str(etcdutl), "snapshot", "restore", str(snapshot), *(f"--{name}={settings[name]}" for name in names)]
    subprocess.run(command, check=True, capture_output=True)
