"""Check fails, apply, check passes, break one thing by hand, and again: on a real cluster, as an operator does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from ringfence.etcd.client import Client
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from tests.integration.site import IDENTITIES, Site

CALICO = Permission.on_prefix(Access.READWRITE, b"/calico/")
REGISTRY = Permission.on_prefix(Access.READ, b"/registry/")


def test_from_nothing_to_a_fence_and_no_write_the_second_time(site: Site) -> None:
    """plan says what, apply does it and proves it, plan has nothing left, and applying again writes nothing."""
    assert 0 == site.run("check").code
    planned = site.run("plan", "-o", "json")
    assert 2 == planned.code
    assert "enable-auth" == planned.json["changes"][-1]["kind"]
    assert "etcdctl auth enable" == planned.json["changes"][-1]["etcdctl"]
    assert {"add": 16, "change": 0, "destroy": 0} == planned.json["summary"]

    applied = site.run("apply", "--yes", "-o", "json")
    assert 0 == applied.code
    reviewed = {name: value for name, value in planned.json.items() if name not in ("members", "alarms")}
    assert reviewed == applied.json["plan"]
    assert applied.json["verification"]["holds"]
    assert not applied.json["switched_off_again"]

    assert 0 == site.run("plan").code
    before = site.auth_revision()
    again = site.run("apply", "--yes", "-o", "json")
    assert 0 == again.code
    assert ([], None) == (again.json["plan"]["changes"], again.json["verification"])
    assert before == site.auth_revision()
    assert 0 == site.run("verify").code


def test_what_is_data_and_what_is_not(site: Site) -> None:
    """The plan is data of plan and a message of apply; the proof is data of apply."""
    planned, applied = site.run("plan"), site.run("apply", "--yes")
    assert ("", True) == (planned.err, "  + role calico\n      etcdctl role add calico\n" in planned.out)
    assert planned.out == applied.err
    assert applied.out.startswith("identity ")
    assert applied.out.endswith("Applied: 16 changes.\n")


async def revoke_a_permission(client: Client) -> None:
    """Calico loses its keys."""
    await client.auth.revoke(RoleName("calico"), CALICO)


async def add_a_permission(client: Client) -> None:
    """Calico gets to read the keys of Kubernetes."""
    await client.auth.grant(RoleName("calico"), REGISTRY)


async def add_a_role(client: Client) -> None:
    """The tenant gets to be Kubernetes."""
    await client.auth.grant_role(UserName("inventory"), RoleName("kube-apiserver"))


async def take_a_role(client: Client) -> None:
    """The tenant gets to be nobody."""
    await client.auth.revoke_role(UserName("inventory"), RoleName("inventory"))


async def delete_a_user(client: Client) -> None:
    """Calico is no user any more."""
    await client.auth.delete_user(UserName("calico"))


async def delete_a_role(client: Client) -> None:
    """The tenant's role is gone, and with it its membership."""
    await client.auth.delete_role(RoleName("inventory"))


async def switch_auth_off(client: Client) -> None:
    """Everybody may do everything."""
    await client.auth.disable()


@dataclass(frozen=True, slots=True)
class Breakage:
    """One thing broken by hand, the etcdctl commands that mend it, and what the proof says of it."""

    by_hand: Callable[[Client], Awaitable[None]]
    mending: tuple[str, ...]
    violation: tuple[str, str]


BREAKAGES = [
    Breakage(
        revoke_a_permission,
        ("role grant-permission calico readwrite --prefix /calico/",),
        ("calico", "/calico/*"),
    ),
    Breakage(
        add_a_permission,
        ("role revoke-permission calico --prefix /registry/",),
        ("calico", "/registry/*"),
    ),
    Breakage(
        add_a_role,
        ("user revoke-role inventory kube-apiserver",),
        ("inventory", "/registry/*"),
    ),
    Breakage(
        take_a_role,
        ("user grant-role inventory inventory",),
        ("inventory", "/inventory/*"),
    ),
    Breakage(
        delete_a_user,
        ("user add calico --no-password", "user grant-role calico calico"),
        ("calico", "/calico/*"),
    ),
    Breakage(
        delete_a_role,
        (
            "role add inventory",
            "role grant-permission inventory readwrite --prefix /inventory/",
            "user grant-role inventory inventory",
        ),
        ("inventory", "/inventory/*"),
    ),
    Breakage(switch_auth_off, ("auth enable",), ("(anybody)", "every key")),
]


def named(broken: Breakage) -> object:
    """A case by what was done, in each run or, where another shows as much, in the long one."""
    of_long = broken.by_hand in {add_a_role, take_a_role, delete_a_user}
    return pytest.param(broken, id=broken.by_hand.__name__, marks=[pytest.mark.long] if of_long else [])


@pytest.mark.parametrize("broken", [named(each) for each in BREAKAGES])
def test_break_one_thing_by_hand(site: Site, broken: Breakage) -> None:
    """plan names exactly it, verify sees it, apply mends exactly it, and both are content again."""
    site.fence()
    assert (0, 0) == (site.run("plan").code, site.run("verify").code)
    site.as_root(broken.by_hand)

    planned = site.run("plan", "-o", "json")
    assert 2 == planned.code
    assert [f"etcdctl {line}" for line in broken.mending] == [each["etcdctl"] for each in planned.json["changes"]]
    verified = site.run("verify", "-o", "json")
    assert 2 == verified.code
    assert not verified.json["holds"]
    assert broken.violation in {(each["identity"], each["key"]) for each in verified.json["violations"]}

    site.fence()
    assert (0, 0) == (site.run("plan").code, site.run("verify").code)


async def let_a_stranger_in(client: Client) -> None:
    """Somebody whom the spec does not know may write one key of Calico's."""
    await client.auth.add_role(RoleName("legacy"))
    await client.auth.grant(RoleName("legacy"), Permission(Access.WRITE, b"/calico/ipam"))
    await client.auth.add_user(UserName("old-script"))
    await client.auth.grant_role(UserName("old-script"), RoleName("legacy"))


def test_an_unmanaged_user_in_a_segment_is_found_and_left_alone(site: Site) -> None:
    """verify says who reaches in and by which role; plan lists it and removes nothing; by hand it is mended."""
    site.fence()
    site.as_root(let_a_stranger_in)

    planned = site.run("plan")
    assert 0 == planned.code
    assert "  ! left alone, not in the spec: users old-script\n" in planned.out
    assert "  ! left alone, not in the spec: roles legacy\n" in planned.out
    verified = site.run("verify", "-o", "json")
    assert 2 == verified.code
    assert [
        {
            "api": "v3",
            "identity": "old-script",
            "member": "(stored)",
            "operation": "write",
            "key": "/calico/ipam",
            "expected": "denied",
            "observed": "allowed by roles: legacy",
        }
    ] == verified.json["violations"]

    assert 0 == site.run("apply", "--yes").code
    assert "old-script" in site.state().users
    site.as_root(lambda client: client.auth.delete_user(UserName("old-script")))
    assert 0 == site.run("verify").code


def test_a_component_that_leaves_the_spec_keeps_its_user(site: Site) -> None:
    """What is no longer named is unmanaged: it is left alone, and said so."""
    site.fence()
    site.write("  - {use: kube-apiserver, compaction: etcd}\n")
    planned = site.run("plan", "-o", "json")
    assert 0 == planned.code
    assert {"users": ["calico", "inventory"], "roles": ["calico", "inventory"]} == planned.json["unmanaged"]
    assert {"root", *IDENTITIES} == set(site.state().users)
