"""The proof fails right after auth was switched on: it goes off again by itself, and that is said."""

from __future__ import annotations

from ringfence.etcd.client import Client
from ringfence.model.names import ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from tests.integration.site import Site, add_root


async def let_a_stranger_in(client: Client) -> None:
    """A user that the spec does not know reads the keys of Kubernetes."""
    await client.auth.add_role(RoleName("backup"))
    await client.auth.grant(RoleName("backup"), Permission.on_prefix(Access.READ, b"/registry/"))
    await client.auth.add_user(UserName("backup"))
    await client.auth.grant_role(UserName("backup"), RoleName("backup"))


def test_auth_goes_off_again(site: Site) -> None:
    """Exit 2: users and roles are in place, auth is off as before, and the last line says so."""
    site.as_root(let_a_stranger_in)
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


def test_once_the_reason_is_gone_it_stays_on(site: Site) -> None:
    """The same, with the stranger removed before the second try: exit 0."""
    site.as_root(let_a_stranger_in)
    assert site.run("apply", "--yes", "-o", "json").json["switched_off_again"]
    site.as_root(lambda client: client.auth.delete_user(UserName("backup")))
    applied = site.run("apply", "--yes", "-o", "json")
    assert (0, False) == (applied.code, applied.json["switched_off_again"])
    assert ["enable-auth"] == [each["kind"] for each in applied.json["plan"]["changes"]]
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
