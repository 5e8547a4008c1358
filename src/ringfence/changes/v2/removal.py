"""Taking away what ringfence manages in the v2 store, and nothing else.

The guest's role stays as it is: it has nothing in it, and whoever switches v2 auth on again without it opens
everything. Root and the switch stay too, unless auth is to go.
"""

from __future__ import annotations

from ringfence.changes.v2.change import ChangeV2, DeleteRoleV2, DeleteUserV2, DisableAuthV2, RevokeRolesV2
from ringfence.model.names import ROOT_ROLE, ROOT_USER, UserName, is_spare
from ringfence.model.v2 import GUEST_ROLE, StateV2


def removal_v2(
    managed: StateV2, observed: StateV2, protect: frozenset[UserName] = frozenset(), *, with_auth: bool = False
) -> tuple[tuple[ChangeV2, ...], ...]:
    """The changes that delete what is both managed and there, and spare keys of ours.

    Args: see ``changes.removal``.

    Returns:
        Batches in the order in which they must run; no batch is empty.
    """
    stays = protect - {ROOT_USER} if with_auth else protect | {ROOT_USER}
    users = {name for name in observed.users if name in managed.users or is_spare(name)} - stays
    staying = [user for user in observed.users.values() if user.name not in users]
    kept = {role for user in staying if user.name in protect for role in user.roles} | {ROOT_ROLE, GUEST_ROLE}
    roles = (managed.roles.keys() & observed.roles.keys()) - kept
    batches: list[list[ChangeV2]] = [
        [DisableAuthV2()] if with_auth and observed.auth_enabled else [],
        [DeleteUserV2(name) for name in sorted(users)],
        [RevokeRolesV2(user.name, tuple(sorted(user.roles & roles))) for user in staying if user.roles & roles],
        [DeleteRoleV2(name) for name in sorted(roles)],
    ]
    return tuple(tuple(batch) for batch in batches if batch)
