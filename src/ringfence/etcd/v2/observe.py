"""What is there in v2: users, roles, patterns and the switch, as one value.

v2 counts no changes of them, so all of it is read twice, and again where the two differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

from ringfence.errors import AccessDenied, Interference, NotThere, Place
from ringfence.etcd.inflight import each
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.exchange import AT_ONCE
from ringfence.model.names import RoleName, UserName
from ringfence.model.state import User
from ringfence.model.v2 import StateV2

_TRIES = 5
_AS_ROOT = "use the certificate of a v2 user with the role root; etcd takes its Common Name for the user"
_ROLE = re.compile(r"Role (?P<name>.+) does not exist")


def is_unlisted(name: str) -> bool:
    """Whether etcd leaves a user or role of this name out of its lists, as it does with keys: it begins with ``_``.

    It counts all the same (v2store ``node.go`` IsHidden; seen on 3.4.23 and 3.5.1), and who knows the name can ask.
    """
    return name.startswith("_")


async def observe_v2(client: ClientV2, also: Iterable[UserName] = ()) -> StateV2:
    """Users with the roles that they hold, roles without root, which is built in, and whether auth is on.

    A user may hold roles that do not exist, and gets them when they are made. etcd names only the first of these, and
    only that one is in the state. Of what ``is_unlisted`` there are the roles that somebody in the state holds.

    Args:
        client: whom to ask, as root.
        also: users to be asked for by name, because etcd may not list them; they need not exist.

    Raises:
        AccessDenied: auth is on, and this identity is not root.
        NoV2: the API is not served there.
        Interference: users and roles kept changing while they were read.
        ClusterError: etcd could not be asked.
    """
    named = frozenset(name for name in also if is_unlisted(name) and "/" not in name)
    try:
        await client.keys.settle()
        before = await _state(client, named)
        for _ in range(_TRIES):
            after = await _state(client, named)
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


async def _state(client: ClientV2, named: frozenset[UserName]) -> StateV2:
    roles = {role.name: role for role in await client.auth.all_roles()}
    listed = {user.name: user for user in await client.auth.all_users()}
    asked = [listed.get(name, User(name)) for name in sorted(listed.keys() | named)]
    users = [user for user in await each(asked, lambda user: _whole(client, user), AT_ONCE) if user is not None]
    held = {role for user in users for role in user.roles}
    for name in sorted(name for name in held if is_unlisted(name) and name not in roles):
        with suppress(NotThere):
            roles[name] = await client.auth.role(name)
    return StateV2.of(users, roles.values(), auth_enabled=await client.auth.enabled())


async def _whole(client: ClientV2, user: User) -> User | None:
    """A user, with a role that does not exist where it holds such, for no list shows it; None where there is none."""
    try:
        return await client.auth.user(user.name)
    except NotThere as error:
        missing = _ROLE.search(str(error))
        return None if missing is None else User(user.name, user.roles | {RoleName(missing["name"])})
