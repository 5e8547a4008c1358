"""Users, roles and the switch of v2 on real servers: each call does what it says, and each refusal is one of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from ringfence.errors import AccessDenied, AlreadyThere, ClusterError, NotThere, Refused
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.observe import observe_v2
from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from tests.integration.stage import Stage
from tests.integration.v2.conftest import ROLES

CALICO, READER, GONE = RoleName("calico"), RoleName("reader"), RoleName("gone")
ANN = UserName("ann")

Do = Callable[[ClientV2], Awaitable[object]]


def as_user(stage: Stage, name: str, do: Do) -> object:
    """What a client with that Common Name gets from the first member."""

    async def run() -> object:
        async with ClientV2(stage.members[0].client, stage.as_user(name)) as client:
            return await do(client)

    return asyncio.run(run())


def test_the_whole_state_is_seen(fenced_v2: Stage) -> None:
    """Users with their roles, roles with their patterns, and the switch; not the role root, which is built in."""
    users = [User(UserName("calico"), frozenset({CALICO})), User(UserName("reader"), frozenset({READER}))]
    root = User(UserName("root"), frozenset({ROOT_ROLE}))
    assert StateV2.of([*users, root], ROLES) == as_user(fenced_v2, "root", observe_v2)


def test_changes(fenced_v2: Stage) -> None:
    """Users and roles are made, changed and deleted, one step at a time."""

    async def change(client: ClientV2) -> None:
        auth = client.auth
        await auth.add_user(ANN, "one")
        assert User(ANN) == await auth.user(ANN)
        await auth.change_password(ANN, "two")
        await auth.grant_role(ANN, READER)
        assert {READER} == (await auth.user(ANN)).roles
        await auth.revoke_role(ANN, READER)
        assert User(ANN) == await auth.user(ANN)
        await auth.grant(READER, read=[Pattern("/a"), Pattern("/b*")], write=[Pattern("/c")])
        granted = frozenset({Pattern("/calico/*"), Pattern("/a"), Pattern("/b*")})
        assert PatternRole(READER, granted, frozenset({Pattern("/c")})) == await auth.role(READER)
        await auth.revoke(READER, read=[Pattern("/a"), Pattern("/not there")], write=[Pattern("/c")])
        assert PatternRole(READER, granted - {Pattern("/a")}) == await auth.role(READER)
        await auth.delete_user(ANN)
        await auth.delete_role(READER)
        assert ("calico", "reader", "root") == await auth.users()
        assert ("calico", "guest") == await auth.roles()

    as_user(fenced_v2, "root", change)


def test_a_role_that_is_not_there_is_seen_with_who_holds_it(fenced_v2: Stage) -> None:
    """No list of etcd shows it, and yet it counts as soon as somebody makes the role."""

    async def look(client: ClientV2) -> StateV2:
        await client.auth.add_user(ANN, "a password", [READER, GONE])
        with pytest.raises(NotThere):
            await client.auth.user(ANN)
        return await observe_v2(client)

    state = as_user(fenced_v2, "root", look)
    assert isinstance(state, StateV2)
    assert {READER, GONE} == state.users[ANN].roles
    assert state.reach(ANN) == state.reach(UserName("reader"))


def test_what_etcd_does_not_list(fenced_v2: Stage) -> None:
    """A role whose name begins with _ counts for who holds it; such a user is there if asked for by name."""
    hidden, spy = PatternRole(RoleName("_hidden"), frozenset({Pattern("/registry/*")})), UserName("_spy")

    async def look(client: ClientV2) -> tuple[StateV2, StateV2, str | None]:
        await client.auth.add_role(hidden)
        await client.auth.add_user(ANN, "a password", [hidden.name])
        await client.auth.add_user(spy, "a password", [ROOT_ROLE])
        try:
            async with ClientV2(client.endpoint, fenced_v2.as_user(ANN)) as ann:
                read = await ann.keys.get("/registry/secret")
            asked = await observe_v2(client, [spy, UserName("_none"), UserName("_a/b")])
            return await observe_v2(client), asked, read
        finally:
            await client.auth.delete_user(spy)
            await client.auth.delete_role(hidden.name)

    unasked, asked, read = cast("tuple[StateV2, StateV2, str | None]", as_user(fenced_v2, "root", look))
    assert "value" == read
    assert hidden == unasked.roles[hidden.name]
    assert frozenset({Pattern("/registry/*")}) == unasked.reach(ANN).read
    assert {spy} == set(asked.users) - set(unasked.users)
    assert asked.is_root(spy)


def test_switching_is_done_once(fenced_v2: Stage) -> None:
    """Both ways of the switch do nothing where it stands so already."""

    async def switch(client: ClientV2) -> tuple[bool, ...]:
        seen = []
        for act in (client.auth.enable, client.auth.disable, client.auth.disable, client.auth.enable):
            await act()
            seen.append(await client.auth.enabled())
        return tuple(seen)

    assert (True, False, False, True) == as_user(fenced_v2, "root", switch)


def test_enable_makes_an_open_guest(stage_v2: Stage) -> None:
    """The reason to make a guest without rights before: without one, etcd lets everybody do everything."""

    async def enable(client: ClientV2) -> PatternRole:
        await client.auth.add_user(UserName("root"), "a password")
        await client.auth.enable()
        try:
            return await client.auth.role(GUEST_ROLE)
        finally:
            await client.auth.disable()
            await client.auth.delete_role(GUEST_ROLE)
            await client.auth.delete_user(UserName("root"))

    everything = frozenset({Pattern("/*")})
    assert PatternRole(GUEST_ROLE, everything, everything) == as_user(stage_v2, "root", enable)


REFUSALS: dict[str, tuple[Do, type[ClusterError], str]] = {
    "user twice": (lambda c: c.auth.add_user(UserName("calico"), "x"), AlreadyThere, "a user calico already"),
    "user with roles twice": (lambda c: c.auth.add_user(UserName("calico"), "x", [CALICO]), AlreadyThere, "exists"),
    "no password": (lambda c: c.auth.add_user(ANN, ""), Refused, "with an empty password"),
    "a slash in a name": (lambda c: c.auth.add_user(UserName("a/b"), "x"), Refused, "Invalid path"),
    "no such user": (lambda c: c.auth.user(ANN), NotThere, "User ann does not exist"),
    "no such user to delete": (lambda c: c.auth.delete_user(ANN), NotThere, "User ann does not exist"),
    "no such user to change": (lambda c: c.auth.change_password(ANN, "x"), NotThere, "no user ann"),
    "root user while auth is on": (lambda c: c.auth.delete_user(UserName("root")), Refused, "Cannot delete root user"),
    "role held": (lambda c: c.auth.grant_role(UserName("calico"), CALICO), AlreadyThere, "Granting duplicate role"),
    "role not held": (lambda c: c.auth.revoke_role(UserName("calico"), READER), NotThere, "Revoking ungranted role"),
    "role twice": (lambda c: c.auth.add_role(ROLES[1]), AlreadyThere, "Role calico already exists"),
    "no such role": (lambda c: c.auth.role(GONE), NotThere, "Role gone does not exist"),
    "no such role to delete": (lambda c: c.auth.delete_role(GONE), NotThere, "Role gone doesn't exist"),
    "role root": (lambda c: c.auth.delete_role(ROOT_ROLE), Refused, "Cannot modify role root"),
    "pattern held": (lambda c: c.auth.grant(CALICO, [Pattern("/calico")]), AlreadyThere, "Granting duplicate read"),
    "pattern not held": (lambda c: c.auth.revoke(CALICO, [Pattern("/x")]), Refused, "Role not updated"),
    "no such key": (lambda c: c.keys.delete("/calico/none"), NotThere, "Key not found: /calico/none"),
    "a directory": (lambda c: c.keys.put("/calico/v1", "x"), Refused, "Not a file: /calico/v1"),
}


def test_refusals(fenced_v2: Stage, subtests: pytest.Subtests) -> None:
    """Whatever etcd says no to comes as an exception of the fitting kind, with etcd's words and the place."""
    for case, (do, kind, words) in REFUSALS.items():
        with subtests.test(case):
            with pytest.raises(kind) as caught:
                as_user(fenced_v2, "root", do)
            assert kind is type(caught.value)
            assert words in str(caught.value)
            assert str(caught.value).startswith(fenced_v2.members[0].client)


STRANGERS: dict[str, Do] = {
    "observe": observe_v2,
    "users": lambda c: c.auth.users(),
    "add a user": lambda c: c.auth.add_user(ANN, "x", [CALICO]),
    "disable": lambda c: c.auth.disable(),
    "read": lambda c: c.keys.get("/registry/secret"),
    "write": lambda c: c.keys.put("/registry/secret", "x"),
}


def test_denials(fenced_v2: Stage, subtests: pytest.Subtests) -> None:
    """A user without the role root, and a name that is no user, are told that they may not; root may all of it."""
    for name in ("calico", "stranger"):
        for case, do in STRANGERS.items():
            with subtests.test(f"{name}: {case}"):
                with pytest.raises(AccessDenied) as caught:
                    as_user(fenced_v2, name, do)
                assert caught.value.problems[0].hint
    for case in ("observe", "users", "read", "write"):
        as_user(fenced_v2, "root", STRANGERS[case])


def test_anybody_may_ask_whether_it_is_served_and_on(fenced_v2: Stage) -> None:
    """That takes no right."""
    assert True is as_user(fenced_v2, "stranger", lambda c: c.auth.enabled())
