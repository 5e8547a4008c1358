"""The proof fails right after auth was switched on: it goes off again by itself; what is known before is refused."""

from __future__ import annotations

import pytest

from ringfence.etcd.client import Client
from ringfence.model.names import ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.switch.store import SwitchV3
from tests.integration.site import Site, add_root


async def let_a_stranger_in(client: Client) -> None:
    """A user that the spec does not know reads the keys of Kubernetes."""
    await client.auth.add_role(RoleName("backup"))
    await client.auth.grant(RoleName("backup"), Permission.on_prefix(Access.READ, b"/registry/"))
    await client.auth.add_user(UserName("backup"))
    await client.auth.grant_role(UserName("backup"), RoleName("backup"))


async def open_a_gap(_self: SwitchV3, target: Target) -> None:
    """Auth goes on, and a stranger comes in at the same moment: no check before could know."""
    async with connected(target) as client:
        await let_a_stranger_in(client)
        await client.auth.enable()


def test_auth_goes_off_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2: users and roles are in place, auth is off as before, and the last line says so."""
    monkeypatch.setattr(SwitchV3, "enable", open_a_gap)
    applied = site.run("apply", "--yes")
    assert 2 == applied.code
    assert (
        "The proof failed, so auth is SWITCHED OFF AGAIN. Users and roles are in place; see above."
        == applied.out.splitlines()[-1]
    )
    assert "  backup: read /registry/* on (stored): expected denied, was allowed by roles: backup\n" in applied.out
    state = site.state()
    assert not state.auth_enabled
    assert state.is_root(ROOT_USER)


def test_what_is_known_before_keeps_auth_off(site: Site) -> None:
    """A stranger that is there already: exit 1 with who reaches what, and auth was never on; without it, exit 0."""
    site.as_root(let_a_stranger_in)
    site.as_root(add_root)
    site.as_root(lambda client: client.auth.add_user(UserName("second")))
    site.as_root(lambda client: client.auth.grant_role(UserName("second"), RoleName("root")))
    applied = site.run("apply", "--yes")
    assert (1, "") == (applied.code, applied.out)
    assert [
        "ringfence: user backup may read /registry/* by its roles (backup), and the spec does not say so",
        (
            "ringfence: user second may read /registry/*, read /calico/*, read /inventory/*, write /registry/* and 2 "
            "more by its roles (root), and the spec does not say so"
        ),
    ] == applied.problems[-2:]
    assert "  hint: delete it (apply --prune users), or take the roles from it, or write it under users" in applied.err
    assert not (site.folder / ".ringfence" / "guard.log").exists()  # nobody came as far as the switch
    assert not site.state().auth_enabled
    assert ["enable-auth"] == [each["kind"] for each in site.run("plan", "-o", "json").json["changes"]]

    assert 0 == site.run("apply", "--yes", "--prune", "users").code
    assert site.state().auth_enabled


def test_where_auth_was_on_before_it_stays_on(site: Site) -> None:
    """A fence that does not hold is told with exit 2; auth that ringfence did not switch on is not switched off."""

    async def on(client: Client) -> None:
        await let_a_stranger_in(client)
        await add_root(client)
        await client.auth.enable()

    site.as_root(on)
    applied = site.run("apply", "--yes", "-o", "json")
    assert (2, False) == (applied.code, applied.json["switched_off_again"])
    assert site.state().auth_enabled
