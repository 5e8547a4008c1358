"""What is there: users, roles, permissions and the switch, as one value, together with what a plan is pinned to.

etcd has no call for all of it, so it is asked name by name, many at a time. Where something changes in between, all
of it is asked again: a state that never was is not returned.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.errors import AccessDenied, Interference, NotThere, Place
from ringfence.etcd.client import Client
from ringfence.etcd.cluster import ListedMember
from ringfence.etcd.inflight import each
from ringfence.model.state import State

_TRIES = 5
_AS_ROOT = "use the certificate of a user with the role root; etcd takes its Common Name for the user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A cluster as it was found.

    Args:
        state: users, roles, and whether auth is on.
        auth_revision: etcd's count of changes to them; None before etcd 3.5, which does not tell.
        cluster_id: the same on all members.
        revision: of the key space.
        members: by name.
        version: the release of the member that was asked.
    """

    state: State
    auth_revision: int | None
    cluster_id: int
    revision: int
    members: tuple[ListedMember, ...]
    version: str


async def observe(client: Client) -> Observed:
    """Everything that ringfence wants to know before it plans.

    Raises:
        AccessDenied: auth is on, and this identity is not root.
        Interference: users and roles kept changing while they were read.
        ClusterError: etcd could not be asked.
    """
    for _ in range(_TRIES):
        try:
            before = await client.auth.revision()
            state = await _state(client)
            after = await client.auth.revision()
        except (AccessDenied, NotThere):
            # To a Common Name that is no user, the auth service says that there is no such user.
            raise AccessDenied.of(
                "this identity may not list users and roles", place=Place(client.endpoint), hint=_AS_ROOT
            ) from None
        if state is None or before != after:
            continue
        status = await client.cluster.status()
        return Observed(
            state=state,
            auth_revision=after,
            cluster_id=status.cluster_id,
            revision=status.revision,
            members=await client.cluster.members(),
            version=status.version,
        )
    raise Interference.of(
        "users and roles changed each time they were read",
        place=Place(client.endpoint),
        hint="find out who else is changing them, and try again",
    )


async def _state(client: Client) -> State | None:
    """Users, roles and the switch; None where one of them vanished after it was listed."""
    auth = client.auth
    user_names, role_names = await auth.users(), await auth.roles()
    try:
        users = await each(user_names, auth.user)
        roles = await each(role_names, auth.role)
    except NotThere:
        return None
    return State.of(users, roles, auth_enabled=await auth.enabled())
