"""Auth is not switched on where that would lock somebody out, or keep nobody out: exit 1, and it stays off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ringfence.local.binary import Binary
from ringfence.model.names import UserName
from ringfence.rules.holes import holes as holes_of
from tests.integration.site import COMPONENTS, Site, operation, site_of


def _without(*names: str, member: str = "etcd-2") -> Callable[[dict[str, Any]], None]:
    """Leaves settings of the client's TLS out of the configuration of each member with ``member`` in its name."""

    def leave_out(config: dict[str, Any]) -> None:
        if member in config["name"]:
            for name in names:
                del config["client-transport-security"][name]

    return leave_out


@contextmanager
def site_with(
    factory: pytest.TempPathFactory, etcd: Binary, leave_out: Callable[[dict[str, Any]], None]
) -> Iterator[Site]:
    """A site for a cluster of its own, of which one member is configured otherwise."""
    with operation(factory.mktemp("operation"), etcd, member_config=leave_out) as running:
        yield site_of(factory.mktemp("site"), running)


@pytest.fixture(scope="module")
def open_door(tmp_path_factory: pytest.TempPathFactory, etcd: Binary) -> Iterator[Site]:
    """The second member asks for no certificate: neither --client-cert-auth nor --trusted-ca-file."""
    with site_with(tmp_path_factory, etcd, _without("client-cert-auth", "trusted-ca-file")) as site:
        yield site


@pytest.fixture(scope="module")
def nameless(tmp_path_factory: pytest.TempPathFactory, etcd: Binary) -> Iterator[Site]:
    """The second member asks for a certificate and takes no name from it: no --client-cert-auth."""
    with site_with(tmp_path_factory, etcd, _without("client-cert-auth")) as site:
        yield site


def test_a_member_that_asks_for_no_certificate(open_door: Site) -> None:
    """Users and roles are made, auth is not switched on, and the member, its URL and the flag are named."""
    ran = open_door.run("apply", "--yes")
    assert (1, "") == (ran.code, ran.out)
    wrong = f"ringfence: member etcd-2 takes clients without a certificate on {open_door.endpoints[1]}"
    assert ran.err.endswith(
        f"{wrong}\n  hint: start it with --client-cert-auth and --trusted-ca-file: without, etcd knows no names\n"
    )
    assert not open_door.state().auth_enabled
    assert ["enable-auth"] == [each["kind"] for each in open_door.run("plan", "-o", "json").json["changes"]]


def test_a_member_that_takes_no_names(nameless: Site) -> None:
    """etcd does not tell it while auth is off: it is seen right after the switch, and auth goes off again."""
    ran = nameless.run("apply", "--yes")
    assert (1, "") == (ran.code, ran.out)
    assert [
        "ringfence: with auth on, root's certificate is not root on member etcd-2: no user name came with the request",
        "ringfence: auth is switched off again: it was on, and the proof could not be made",
    ] == ran.problems[-2:]
    assert "hint: start it with --client-cert-auth: --trusted-ca-file alone ignores the names in cert" in ran.err
    assert not nameless.state().auth_enabled


def test_a_cluster_that_takes_no_names(tmp_path_factory: pytest.TempPathFactory, etcd: Binary) -> None:
    """No member with --client-cert-auth: root's certificate is nobody, and auth must be off again all the same."""
    with site_with(tmp_path_factory, etcd, _without("client-cert-auth", member="")) as site:
        assert 1 == site.run("apply", "--yes").code
        assert not site.state().auth_enabled


def test_holes_of_the_server_that_are_not_accepted(site: Site, etcd: Binary) -> None:
    """Accepted, auth goes on; not accepted, it is refused before the switch, every hole with its hint."""
    site.write(accept=False)
    ran = site.run("apply", "--yes")
    if not holes_of(etcd.version):
        assert 0 == ran.code
        return
    assert (1, "") == (ran.code, ran.out)
    holes = [line for line in ran.problems if "this etcd has a known hole, " in line]
    assert holes
    assert len(holes) == ran.err.count("or accept it for a time: cluster.accept: ")
    assert not site.state().auth_enabled

    site.write(accept=True)
    site.fence()
    assert site.state().auth_enabled


def test_apply_where_auth_is_on_already(site: Site, etcd: Binary) -> None:
    """There is no switch to refuse: the change is made, and exit 2 says that the server does not keep the roles."""
    site.fence()
    site.write(COMPONENTS + "  - {name: shop, grants: [{prefix: /shop/, access: readwrite}]}\n", accept=False)
    ran = site.run("apply", "--yes", "-o", "json")
    verification = ran.json["verification"]
    keeps = not holes_of(etcd.version)
    assert (0 if keeps else 2, True, keeps) == (ran.code, verification["holds"], verification["server"]["sound"])
    assert not ran.json["switched_off_again"]
    assert "shop" in site.state().users


def test_verify_says_that_the_server_does_not_keep_the_roles(site: Site, etcd: Binary) -> None:
    """The roles hold, the server does not: two statements, exit 2, and the holes, tried where that does no harm."""
    site.fence()
    site.write(accept=False)
    ran = site.run("verify", "-o", "json")
    if not holes_of(etcd.version):
        assert (0, True, []) == (ran.code, ran.json["server"]["sound"], ran.json["server"]["holes"])
        return
    how = {hole["id"]: hole["how"] for hole in ran.json["server"]["holes"]}
    tried = {"CVE-2026-33343", "CVE-2026-33413", "GHSA-xg4h-6gfc-h4m8"} & how.keys()
    assert {hole: "confirmed" if hole in tried else "by version" for hole in how} == how
    assert (2, True, False) == (ran.code, ran.json["holds"], ran.json["server"]["sound"])
    assert {False} == {hole["accepted"] for hole in ran.json["server"]["holes"]}
    assert {"etcd-1", "etcd-2", "etcd-3"} == {hole["member"] for hole in ran.json["server"]["holes"]}
    text = site.run("verify").out
    assert {hole for hole in how if f"NOT ACCEPTED: {hole} on " in text} == how.keys()
    assert (
        "The roles fence: every identity reaches its own keys and no others.\nThe server DOES NOT KEEP THEM: " in text
    )


def test_a_certificate_that_is_not_roots(site: Site) -> None:
    """Auth is switched on with root's own certificate only; here it is shown calico's."""
    ran = site.run("apply", "--yes", "--cert", "pki/calico.pem", "--key", "pki/calico-key.pem")
    assert (1, "") == (ran.code, ran.out)
    assert ran.problems[-1] == "ringfence: the certificate in use has the Common Name 'calico', not 'root'"
    assert not site.state().auth_enabled


def test_a_plan_that_takes_root_from_who_carries_it_out(site: Site) -> None:
    """It would stop half-way, with nobody let in: refused before the first change; root's certificate may."""
    roles = "roles:\n  zz: [{prefix: /zz/, access: read}]\nusers:\n  admin: {roles: [%s]}\n"
    site.write(more=roles % "root")
    site.fence()
    site.write(more=roles % "zz")
    before = (site.state(), site.auth_revision())
    ran = site.run("apply", "--yes", "--cert", "pki/admin.pem", "--key", "pki/admin-key.pem")
    assert (1, "") == (ran.code, ran.out)
    assert "ringfence: the plan takes the role root from admin, the user in use" == ran.problems[-1]
    assert before == (site.state(), site.auth_revision())
    site.fence()
    assert not site.state().is_root(UserName("admin"))


def test_a_member_that_is_down(site: Site) -> None:
    """Every member must be seen before the switch: with one of them down it stays off."""
    site.cluster.kill("etcd-3")
    ran = site.run("apply", "--yes")
    assert (1, "") == (ran.code, ran.out)
    assert f"ringfence: member etcd-3 does not answer ({site.endpoints[2]})" == ran.problems[-1]
    assert not site.state().auth_enabled
    site.cluster.restart("etcd-3")
    site.fence()
