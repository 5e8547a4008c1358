"""A spec from a live cluster: planning it shows no change, whatever is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ringfence.etcd.client import Client
from ringfence.etcd.inflight import each
from ringfence.local.binary import Binary
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import OPEN_END, Access, Permission
from ringfence.rules.holes import holes
from tests.integration.site import Site

ODD = {
    "empty": [],
    "auditor": [Permission(Access.READ, b"\x00", OPEN_END)],
    "bytes": [Permission(Access.WRITE, b"\xf0\x01", b"\xf0\x09"), Permission(Access.READ, b"\x01")],
    "wide": [Permission.on_prefix(Access.READWRITE, b"/wide")],
    "beside-calico": [Permission.on_prefix(Access.READ, b"/calico/ipam/")],
}
"""Roles that no spec of ours would make, each with a user of its name."""

INVERTED = [Permission(Access.READ, b"z", b"y"), Permission.on_prefix(Access.READ, b"/inv/")]
"""And one that etcd takes up to 3.4.24 and 3.5.7: a range that ends before it begins."""


async def make_odd(client: Client, roles: Mapping[str, Sequence[Permission]]) -> None:
    """Make them, and a second administrator."""

    async def one(name: str) -> None:
        await client.auth.add_role(RoleName(name))
        for permission in roles[name]:
            await client.auth.grant(RoleName(name), permission)
        await client.auth.add_user(UserName(name))
        await client.auth.grant_role(UserName(name), RoleName(name))

    await each(roles, one)
    await client.auth.add_user(UserName("admin"))
    await client.auth.grant_role(UserName("admin"), RoleName("root"))


def test_what_was_applied_comes_back(site: Site) -> None:
    """Kubernetes, Calico and the tenant are recognized; the imported spec is in sync and plans nothing."""
    site.fence()
    ran = site.run("import")
    assert (0, "") == (ran.code, ran.err)
    assert ["kube-apiserver", "calico"] == re.findall(r"- use: (.*)", ran.out)
    assert ["inventory"] == re.findall(r"- name: (.*)", ran.out)
    site.spec.write_text(ran.out)
    before = site.auth_revision()
    assert (0, []) == ((done := site.run("plan", "-o", "json")).code, done.json["changes"])
    assert before == site.auth_revision()
    assert site.run("verify", "-o", "json").json["holds"]


def test_what_nobody_would_make_comes_back_too(site: Site, etcd: Binary) -> None:
    """Odd roles, an auditor, a second root: no change either, and what a spec cannot say is named and unmanaged."""
    takes_inverted = "etcd-empty-ranges" in {hole.id for hole in holes(etcd.version)}
    odd = {**ODD, "inverted": INVERTED} if takes_inverted else ODD
    site.fence()
    site.as_root(lambda client: make_odd(client, odd))
    text = site.run("import").out
    assert "DANGER: admin holds the role root" in text
    assert "#   role empty: it allows nothing" in text
    assert "auditor has no certificate in the pki folder" in text
    site.spec.write_text(text)
    planned = site.run("plan", "-o", "json")
    assert (0, []) == (planned.code, planned.json["changes"])
    assert {"users": ["empty"], "roles": ["empty"]} == planned.json["unmanaged"]


def test_without_a_spec_the_options_tell(site: Site) -> None:
    """Only --endpoints is needed beside the pki folder; the other members are found and written."""
    site.fence()
    site.spec.unlink()
    assert ["ringfence: nobody says where the cluster is"] == site.run("import").problems
    ran = site.run("import", "--endpoints", site.endpoints[1])
    assert 0 == ran.code
    site.spec.write_text(ran.out)
    assert 0 == site.run("plan").code
    assert set(site.endpoints) == set(re.findall(r"https://127[^,\]]*", ran.out))


def test_a_spec_that_the_shell_has_emptied(site: Site) -> None:
    """`ringfence import > ringfence.yaml` empties it first: with --endpoints it works, without the reason is said."""
    site.fence()
    site.spec.write_text("")
    ran = site.run("import")
    assert ["ringfence: nobody says where the cluster is"] == ran.problems
    assert "; ringfence.yaml is empty: write to another file with > if it was your spec\n" in ran.err
    assert 0 == site.run("import", "--endpoints", site.endpoints[0]).code


def test_the_command_of_the_readme(site: Site) -> None:
    """As it is typed there, in a shell, beside the spec: that stays, and what was imported plans no change."""
    site.fence()
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    (typed,) = re.findall(r"`(ringfence import [^`]*)`", readme)
    words = typed.replace("https://10.0.0.1:2379", site.endpoints[0]).removeprefix("ringfence ")
    spec = site.spec.read_bytes()
    subprocess.run(f"{shlex.quote(sys.executable)} -m ringfence {words}", shell=True, cwd=site.folder, check=True)  # noqa: S602  # a shell is what is tested
    assert spec == site.spec.read_bytes()
    assert 0 == site.run("plan", "-f", typed.rpartition("> ")[2]).code


@pytest.mark.parametrize("name", ["kube-apiserver", "nobody"])
def test_who_is_not_root_may_not_import(site: Site, name: str) -> None:
    """The reason is said, and nothing is written to stdout."""
    site.fence()
    pki = site.pki
    named = (str(pki / f"{name}.pem"), str(pki / f"{name}-key.pem"))
    ran = site.run("import", "--cacert", str(pki / "ca.pem"), "--cert", named[0], "--key", named[1])
    assert (1, "") == (ran.code, ran.out)
    assert 1 == len(ran.problems)


def test_a_cluster_without_auth(site: Site) -> None:
    """It says that auth is off and that root is missing, and that is all that planning it would change."""
    text = site.run("import").out
    assert "# Auth is OFF on this cluster" in text
    site.spec.write_text(text)
    kinds = [change["kind"] for change in site.run("plan", "-o", "json").json["changes"]]
    assert ["add-role", "add-user", "grant-role", "enable-auth"] == kinds
