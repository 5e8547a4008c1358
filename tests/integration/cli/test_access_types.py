"""Changing what a role may do with keys that it has already: in place where etcd can, and right where it cannot."""

from __future__ import annotations

import pytest

from ringfence.etcd.client import Client
from ringfence.model.names import RoleName
from ringfence.model.permission import Access, Permission
from tests.integration.site import Site

NAME = RoleName("inventory")
R, W, RW = Access.READ, Access.WRITE, Access.READWRITE


def component(*grants: str) -> str:
    """The lines of an own component with these grants."""
    return f"  - {{name: inventory, grants: [{', '.join(grants)}]}}\n"


@pytest.mark.parametrize(("before", "after"), [(R, RW), (RW, R)])
def test_another_type_is_one_write(site: Site, before: Access, after: Access) -> None:
    """read to readwrite and back is one change in place, the role says so, and the proof holds."""
    site.write(component(f"{{prefix: /inventory/, access: {before.value}}}"))
    site.fence()
    revision = site.auth_revision()
    site.write(component(f"{{prefix: /inventory/, access: {after.value}}}"))

    planned = site.run("plan", "-o", "json")
    assert {"add": 0, "change": 1, "destroy": 0} == planned.json["summary"]
    assert before.value == planned.json["changes"][0]["was"]
    site.fence()
    assert revision + 1 == site.auth_revision()
    assert (Permission.on_prefix(after, b"/inventory/"),) == site.state().roles[NAME].permissions
    assert (0, 0) == (site.run("plan").code, site.run("verify").code)


KEY, RANGE = (b"/inventory/a", b""), (b"/inventory/a", b"/inventory/c")
"""One key with two range ends: there etcd does not find the second entry again, and appends instead."""


async def granted(client: Client, *permissions: Permission) -> tuple[Permission, ...]:
    """Grant them in order; what the role holds then."""
    for permission in permissions:
        await client.auth.grant(NAME, permission)
    return (await client.auth.role(NAME)).permissions


@pytest.mark.parametrize(("place", "entries"), [(KEY, 2), (RANGE, 3)], ids=["first end", "second end"])
def test_the_trap_is_real(site: Site, place: tuple[bytes, bytes], entries: int) -> None:
    """Granting read over one of two readwrite entries replaces the first, and leaves the second beside a third."""
    site.as_root(lambda client: client.auth.add_role(NAME))
    both = (Permission(RW, *KEY), Permission(RW, *RANGE))
    assert entries == len(site.as_root(lambda client: granted(client, *both, Permission(R, *place))))


FOUND = [
    (Permission(RW, *KEY), Permission(RW, *RANGE)),
    (Permission(R, *KEY), Permission(R, *RANGE)),
    (Permission(RW, *KEY), Permission(RW, *RANGE), Permission(R, *RANGE)),
    (Permission(R, *KEY), Permission(R, *RANGE), Permission(RW, *KEY), Permission(W, *RANGE)),
]


@pytest.mark.parametrize("found", FOUND, ids=["narrow the range", "widen the key", "appended before", "a mess"])
def test_two_ends_of_one_key_come_out_right(site: Site, found: tuple[Permission, ...]) -> None:
    """Whatever was granted on one key with two ends, the role that is read back has exactly the two wanted types."""
    site.write(
        component("{key: /inventory/a, access: readwrite}", "{range: [/inventory/a, /inventory/c], access: read}")
    )
    site.as_root(lambda client: client.auth.add_role(NAME))
    site.as_root(lambda client: granted(client, *found))
    site.fence()
    assert {Permission(RW, *KEY), Permission(R, *RANGE)} == set(site.state().roles[NAME].permissions)
    assert (0, 0) == (site.run("plan").code, site.run("verify").code)
