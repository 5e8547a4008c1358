"""Stopped anywhere and run again: every half-made state that a killed apply, or a hand, can leave is carried on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ringfence.etcd.client import Client
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access, Permission
from tests.integration.site import Site, add_root

CALICO = RoleName("calico")


async def a_role_without_permissions(client: Client) -> None:
    """The first batch and no more."""
    await client.auth.add_role(CALICO)


async def a_user_without_role(client: Client) -> None:
    """A user before its membership."""
    await client.auth.add_user(UserName("calico"))


async def a_role_with_too_much(client: Client) -> None:
    """Somebody tried before, generously."""
    await client.auth.add_role(CALICO)
    await client.auth.grant(CALICO, Permission.on_prefix(Access.READWRITE, b"/"))


async def root_without_its_role(client: Client) -> None:
    """The user root, holding nothing."""
    await client.auth.add_user(ROOT_USER)


async def root_role_without_root(client: Client) -> None:
    """The role root, held by nobody."""
    await client.auth.add_role(ROOT_ROLE)


async def auth_on_and_nobody_but_root(client: Client) -> None:
    """Auth was switched on by hand, before anything else."""
    await add_root(client)
    await client.auth.enable()


async def auth_on_and_half_of_it(client: Client) -> None:
    """Auth on, a role without permission, a user without role."""
    await a_role_without_permissions(client)
    await client.auth.add_user(UserName("inventory"))
    await auth_on_and_nobody_but_root(client)


SPARE = UserName("ringfence-spare-0badf00d")


async def a_spare_key_that_was_left(client: Client) -> None:
    """The machine died between handing the spare key in and taking it back, before the switch."""
    await add_root(client)
    await client.auth.add_user(SPARE, "x" * 20)
    await client.auth.grant_role(SPARE, ROOT_ROLE)


async def a_spare_key_and_auth_on(client: Client) -> None:
    """The same, right after the switch."""
    await a_spare_key_that_was_left(client)
    await client.auth.enable()


STATES = [
    a_role_without_permissions,
    a_user_without_role,
    a_role_with_too_much,
    root_without_its_role,
    root_role_without_root,
    auth_on_and_nobody_but_root,
    auth_on_and_half_of_it,
    a_spare_key_that_was_left,
    a_spare_key_and_auth_on,
]


@pytest.mark.parametrize("made", STATES, ids=lambda made: made.__name__)
def test_apply_carries_on(site: Site, made: Callable[[Client], Awaitable[None]]) -> None:
    """From each of them one apply reaches the wanted state, with the writes that are missing and no more."""
    site.as_root(made)
    applied = site.run("apply", "--yes", "-o", "json")
    assert 0 == applied.code, applied.err
    assert applied.json["verification"]["holds"]
    assert 0 == site.run("plan").code
    state = site.state()
    assert state.auth_enabled
    assert state.is_root(ROOT_USER)
    assert (Permission.on_prefix(Access.READWRITE, b"/calico/"),) == state.roles[CALICO].permissions


def test_a_certificate_of_another_user_cannot_plan_once_auth_is_on(site: Site) -> None:
    """Auth on, and the spec applied with a tenant's certificate: it is told that root is needed."""
    site.as_root(auth_on_and_half_of_it)
    ran = site.run("apply", "--yes", "--cert", "pki/inventory.pem", "--key", "pki/inventory-key.pem")
    assert 1 == ran.code
    assert [f"{site.endpoints[0]}: this identity may not list users and roles"] == ran.problems


@pytest.mark.parametrize("made", [a_spare_key_that_was_left, a_spare_key_and_auth_on], ids=lambda made: made.__name__)
def test_a_spare_key_that_was_left_is_named(site: Site, made: Callable[[Client], Awaitable[None]]) -> None:
    """By auth status as a condition, by plan as ours to delete, by import as no part of the spec."""
    site.fence()
    site.as_root(lambda client: client.auth.disable())
    site.as_root(made_again(made))
    status = site.run("auth", "status", "-o", "json")
    assert 2 == status.code
    assert "spare-key" in [finding["kind"] for finding in status.json["findings"]]
    planned = site.run("plan")
    assert 2 == planned.code
    deleted = f"  - user {SPARE} is deleted: a spare key of ringfence, left from an apply that was cut off"
    assert deleted in planned.out.splitlines()
    assert f"# {SPARE} is a spare key of ringfence" in site.run("import").out
    assert 0 == site.run("apply", "--yes").code
    assert SPARE not in site.state().users
    assert 0 == site.run("auth", "status").code


def made_again(made: Callable[[Client], Awaitable[None]]) -> Callable[[Client], Awaitable[None]]:
    """The same where root is there already."""

    async def make(client: Client) -> None:
        await client.auth.delete_user(ROOT_USER)
        await client.auth.delete_role(ROOT_ROLE)
        await made(client)

    return make
