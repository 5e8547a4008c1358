"""What is there in v2: users, roles, patterns and the switch, as one value.

v2 counts no changes of them, so all of it is read twice, and again where the two differ.
"""

from __future__ import annotations

import re

from ringfence.errors import AccessDenied, Interference, NotThere, Place
from ringfence.etcd.inflight import each
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.exchange import AT_ONCE
from ringfence.model.names import RoleName
from ringfence.model.state import User
from ringfence.model.v2 import StateV2

_TRIES = 5
_AS_ROOT = "use the certificate of a v2 user with the role root; etcd takes its Common Name for the user"
_ROLE = re.compile(r"Role (?P<name>.+) does not exist")


async def observe_v2(client: ClientV2) -> StateV2:
    """Users with the roles that they hold, roles without root, which is built in, and whether auth is on.

    A user may hold roles that do not exist, and gets them when they are made. etcd names only the first of these, and
    only that one is in the state.

    Raises:
        AccessDenied: auth is on, and this identity is not root.
        NoV2: the API is not served there.
        Interference: users and roles kept changing while they were read.
        ClusterError: etcd could not be asked.
    """
    try:
        await client.keys.settle()
        before = await _state(client)
        for _ in range(_TRIES):
            after = await _state(client)
            if before == after:
                return after
            before = after
    except AccessDenied:
        raise AccessDenied.of(
            "this identity may not list the users and roles of v2", place=Place(client.endpoint), hint=_AS_ROOT
        ) from None
    raise Interference.of(
        "users and roles of v2 changed each time they were read",
        place=Place(client.endpoint),
        hint="find out who else is changing them, and try again",
    )


async def _state(client: ClientV2) -> StateV2:
    roles = await client.auth.all_roles()
    users = await each(await client.auth.all_users(), lambda user: _whole(client, user), AT_ONCE)
    return StateV2.of(users, roles, auth_enabled=await client.auth.enabled())


async def _whole(client: ClientV2, user: User) -> User:
    """A user with a role that does not exist, where it holds such: no list shows it."""
    try:
        return await client.auth.user(user.name)
    except NotThere as error:
        missing = _ROLE.search(str(error))
        return User(user.name, user.roles | ({RoleName(missing["name"])} if missing else frozenset()))
