"""Each change as the command that an operator would type."""

from __future__ import annotations

import pytest

from ringfence.changes.change import (
    AddRole,
    AddUser,
    Change,
    EnableAuth,
    GrantPermission,
    GrantRole,
    ReplacePermission,
    RevokePermission,
    RevokeRole,
)
from ringfence.changes.etcdctl import command
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login

ROLE, USER, RW = RoleName("r"), UserName("u"), Access.READWRITE


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (AddRole(ROLE), "role add r"),
        (AddRole(RoleName("it's")), """role add 'it'"'"'s'"""),
        (GrantPermission(ROLE, Permission(Access.READ, b"/a")), "role grant-permission r read /a"),
        (GrantPermission(ROLE, Permission(RW, b"/a/", b"/a0")), "role grant-permission r readwrite --prefix /a/"),
        (GrantPermission(ROLE, Permission(RW, b"/a", b"/c")), "role grant-permission r readwrite /a /c"),
        (GrantPermission(ROLE, Permission(RW, b"/a", b"\x00")), "role grant-permission r readwrite --from-key /a"),
        (GrantPermission(ROLE, Permission(RW, b"\x00", b"\x00")), "role grant-permission r readwrite --from-key ''"),
        (GrantPermission(ROLE, Permission(RW, b"a b")), "role grant-permission r readwrite 'a b'"),
        (GrantPermission(ROLE, Permission(RW, b"\xff'")), r"role grant-permission r readwrite $'\xff\x27'"),
        (RevokePermission(ROLE, Permission(RW, b"/a/", b"/a0")), "role revoke-permission r --prefix /a/"),
        (
            ReplacePermission(ROLE, Permission(Access.READ, b"/a"), RW),
            "role revoke-permission r /a && etcdctl role grant-permission r read /a",
        ),
        (AddUser(USER, Login.CERTIFICATE), "user add u --no-password"),
        (AddUser(USER, Login.PASSWORD), "user add u"),
        (GrantRole(USER, ROLE), "user grant-role u r"),
        (RevokeRole(USER, ROLE), "user revoke-role u r"),
        (EnableAuth(), "auth enable"),
    ],
)
def test_command(change: Change, expected: str) -> None:
    """Quoted for a shell, with etcdctl's own flags for prefixes and open ends."""
    assert f"etcdctl {expected}" == command(change)
