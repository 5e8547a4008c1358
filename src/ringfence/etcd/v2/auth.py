"""Users, roles and the switch of the v2 API, one method a call."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from ringfence.errors import AlreadyThere, NotThere, Place
from ringfence.etcd.v2.answer import AnswerV2
from ringfence.etcd.v2.exchange import Exchange
from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.state import Login, User
from ringfence.model.v2 import Pattern, PatternRole

_AUTH = "/v2/auth"


class AuthV2:
    """``/v2/auth`` of one member. Every method raises ClusterError, see ``ringfence.errors``.

    Answers come from the member's own store: one that lags behind tells of older users (see ``KeysV2.settle``).
    Names with a slash cannot be asked for, so they cannot be made.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def enabled(self) -> bool:
        """Whether v2 auth is on; anybody may ask."""
        return (await self._exchange.call("GET", f"{_AUTH}/enable")).flag("enabled")

    async def enable(self) -> None:
        """Switch v2 auth on; does nothing where it is on. Needs a user root.

        Where there is no role guest, etcd makes one that may do everything.
        """
        if not await self.enabled():
            with suppress(AlreadyThere):
                await self._exchange.call("PUT", f"{_AUTH}/enable")

    async def disable(self) -> None:
        """Switch v2 auth off; does nothing where it is off."""
        if await self.enabled():
            with suppress(AlreadyThere):
                await self._exchange.call("DELETE", f"{_AUTH}/enable")

    async def all_users(self) -> tuple[User, ...]:
        """Every user with those of its roles that exist, by name; one request."""
        answer = await self._exchange.call("GET", f"{_AUTH}/users")
        return tuple(sorted((_user(one) for one in answer.parts("users")), key=lambda user: user.name))

    async def all_roles(self) -> tuple[PatternRole, ...]:
        """Every role by name, without root, which is built in and cannot be changed; one request."""
        answer = await self._exchange.call("GET", f"{_AUTH}/roles")
        roles = (_role(one) for one in answer.parts("roles"))
        return tuple(sorted((role for role in roles if role.name != ROOT_ROLE), key=lambda role: role.name))

    async def users(self) -> tuple[UserName, ...]:
        """The names of all users."""
        return tuple(user.name for user in await self.all_users())

    async def roles(self) -> tuple[RoleName, ...]:
        """The names of all roles, without root, which is built in."""
        return tuple(role.name for role in await self.all_roles())

    async def user(self, name: UserName) -> User:
        """One user and its roles. NotThere where it does not exist, and also where one of its roles does not."""
        return _user(await self._exchange.call("GET", f"{_AUTH}/users/{name}"))

    async def role(self, name: RoleName) -> PatternRole:
        """One role and its patterns. NotThere where it does not exist."""
        return _role(await self._exchange.call("GET", f"{_AUTH}/roles/{name}"))

    async def add_user(self, name: UserName, password: str, roles: Iterable[RoleName] = ()) -> None:
        """Create a user; AlreadyThere where there is one. etcd gives the role root to the user root by itself.

        Args:
            name: the user.
            password: not empty; there are no users without one.
            roles: that it holds from the start; they need not exist yet.
        """
        held = sorted(roles)
        if not held and name in await self.users():
            # Without roles in it etcd takes the same request for a change of the password.
            raise AlreadyThere.of(f"etcd has a user {name} already", place=Place(self._exchange.endpoint))
        body = {"user": name, "password": password, **({"roles": held} if held else {})}
        await self._exchange.call("PUT", f"{_AUTH}/users/{name}", body=body)

    async def change_password(self, name: UserName, password: str) -> None:
        """Give a user another password; NotThere where there is no such user."""
        if name not in await self.users():
            raise NotThere.of(f"etcd has no user {name}", place=Place(self._exchange.endpoint))
        await self._exchange.call("PUT", f"{_AUTH}/users/{name}", body={"user": name, "password": password})

    async def delete_user(self, name: UserName) -> None:
        """Delete a user; root only while auth is off."""
        await self._exchange.call("DELETE", f"{_AUTH}/users/{name}")

    async def grant_role(self, user: UserName, *roles: RoleName) -> None:
        """Give roles to a user, all or none; AlreadyThere where it holds one of them. They need not exist."""
        await self._exchange.call("PUT", f"{_AUTH}/users/{user}", body={"user": user, "grant": roles})

    async def revoke_role(self, user: UserName, *roles: RoleName) -> None:
        """Take roles from a user, all or none; NotThere where it does not hold one of them."""
        await self._exchange.call("PUT", f"{_AUTH}/users/{user}", body={"user": user, "revoke": roles})

    async def add_role(self, role: PatternRole) -> None:
        """Create a role with its patterns; AlreadyThere where there is one."""
        body = {"role": role.name, "permissions": _permissions(role.read, role.write)}
        await self._exchange.call("PUT", f"{_AUTH}/roles/{role.name}", body=body)

    async def delete_role(self, name: RoleName) -> None:
        """Delete a role; users go on holding its name, and have it again when it is made again."""
        await self._exchange.call("DELETE", f"{_AUTH}/roles/{name}")

    async def grant(self, role: RoleName, read: Iterable[Pattern] = (), write: Iterable[Pattern] = ()) -> None:
        """Give patterns to a role, all or none; AlreadyThere where it has one of them. At least one."""
        body = {"role": role, "grant": _permissions(read, write)}
        await self._exchange.call("PUT", f"{_AUTH}/roles/{role}", body=body)

    async def revoke(self, role: RoleName, read: Iterable[Pattern] = (), write: Iterable[Pattern] = ()) -> None:
        """Take patterns from a role, at least one; those that it does not have are passed over."""
        body = {"role": role, "revoke": _permissions(read, write)}
        await self._exchange.call("PUT", f"{_AUTH}/roles/{role}", body=body)


def _permissions(read: Iterable[Pattern], write: Iterable[Pattern]) -> dict[str, dict[str, list[str]]]:
    return {"kv": {"read": sorted(str(each) for each in read), "write": sorted(str(each) for each in write)}}


def _user(answer: AnswerV2) -> User:
    held = frozenset(RoleName(one.name("role")) for one in answer.parts("roles"))
    return User(UserName(answer.name("user")), held, Login.UNKNOWN)


def _role(answer: AnswerV2) -> PatternRole:
    granted = answer.part("permissions").part("kv")
    read, write = (frozenset(Pattern(text) for text in granted.names(kind)) for kind in ("read", "write"))
    return PatternRole(RoleName(answer.name("role")), read, write)
