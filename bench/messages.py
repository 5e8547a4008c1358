"""The wire messages of the changes that a first plan has, for sending them with nothing around."""

from __future__ import annotations

from collections.abc import Iterator

from bench.bare import Call
from ringfence.changes.change import AddRole, AddUser, Change, EnableAuth, GrantPermission, GrantRole
from ringfence.etcd import rpcs
from ringfence.etcd.schema import new
from ringfence.model.permission import Access

_TYPES = {Access.READ: 0, Access.WRITE: 1, Access.READWRITE: 2}
"""etcd's numbers for access types (``authpb.Permission.Type``)."""


def messages(change: Change) -> Iterator[Call]:
    """The messages of a change that a cluster without users needs; the switch is left out."""
    match change:
        case AddRole(role):
            yield rpcs.ROLE_ADD, new("RoleAddRequest", name=role)
        case GrantPermission(role, permission):
            wired = new(
                "Permission",
                permType=_TYPES[permission.access],
                key=permission.key,
                range_end=permission.range_end,
            )
            yield rpcs.ROLE_GRANT, new("RoleGrantPermissionRequest", name=role, perm=wired)
        case AddUser(user):
            yield rpcs.USER_ADD, new("UserAddRequest", name=user, options=new("UserAddOptions", no_password=True))
        case GrantRole(user, role):
            yield rpcs.USER_GRANT_ROLE, new("UserGrantRoleRequest", user=user, role=role)
        case EnableAuth():
            return
        case _:
            raise ValueError(f"no part of a first plan: {change}")


def expect_all(done: int, wanted: int) -> None:
    """Refuse a figure for work that was not done, which is worse than none."""
    if done != wanted:
        raise SystemExit(f"only {done:,} of {wanted:,} bare RPCs succeeded")
