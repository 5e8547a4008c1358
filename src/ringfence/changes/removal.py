"""Taking away what ringfence manages, and nothing else.

Users go before roles: a user takes its memberships along, so that none has to be revoked by itself, and a role that
nobody holds any more takes nothing away when it goes. Root and the switch stay, so that whoever had a way in keeps it;
where auth is to go too it goes first, because etcd deletes root only while auth is off.
"""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.changes.change import Change, DeleteRole, DeleteUser, DisableAuth
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName, is_spare
from ringfence.model.state import State


def removal(
    managed: State, observed: State, protect: frozenset[UserName] = frozenset(), *, with_auth: bool = False
) -> tuple[tuple[Change, ...], ...]:
    """The changes that delete what is both managed and there, and spare keys of ours that were left.

    Args:
        managed: the users and roles that ringfence answers for.
        observed: what is there.
        protect: users that stay with all of their roles; root needs not be among them.
        with_auth: switch auth off too, and delete root.

    Returns:
        Batches in the order in which they must run; no batch is empty.
    """
    stays = protect - {ROOT_USER} if with_auth else protect | {ROOT_USER}
    users = {name for name in observed.users if name in managed.users or is_spare(name)} - stays
    kept = roles_of(stays, observed)
    if not with_auth or ROOT_ROLE in roles_of(observed.users.keys() - users, observed):
        kept |= {ROOT_ROLE}
    roles = (managed.roles.keys() & observed.roles.keys()) - kept
    batches: list[list[Change]] = [
        [DisableAuth()] if with_auth and observed.auth_enabled else [],
        [DeleteUser(name) for name in sorted(users)],
        [delete_role(name, observed, users) for name in sorted(roles)],
    ]
    return tuple(tuple(batch) for batch in batches if batch)


def delete_role(role: RoleName, observed: State, deleted: Iterable[UserName]) -> DeleteRole:
    """The deletion of a role, with those who lose it although they are not ``deleted`` themselves."""
    gone = frozenset(deleted)
    holders = (user.name for user in observed.users.values() if role in user.roles and user.name not in gone)
    return DeleteRole(role, tuple(sorted(holders)))


def roles_of(users: Iterable[UserName], observed: State) -> frozenset[RoleName]:
    """Every role that one of these users holds."""
    return frozenset(role for name in users if name in observed.users for role in observed.users[name].roles)
