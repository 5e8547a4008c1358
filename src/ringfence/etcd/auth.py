"""Users, roles and the switch: etcd's Auth service, one method a call."""

from __future__ import annotations

from ringfence.etcd import rpcs
from ringfence.etcd.answers import WirePermission
from ringfence.etcd.channel import Channel
from ringfence.etcd.downgrade import all_know_auth_status
from ringfence.etcd.failure import Failure
from ringfence.etcd.schema import new
from ringfence.model.names import ROOT_ROLE, RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, User

_NUMBERS = {Access.READ: 0, Access.WRITE: 1, Access.READWRITE: 2}
_ACCESS = {number: access for access, number in _NUMBERS.items()}


class Auth:
    """etcd's Auth service on one channel. Every method raises ClusterError, see ``ringfence.errors``.

    Each change but ``enable`` raises the auth revision by one, also where it says nothing new, with the exception of
    granting a role that is held already (etcd ``server/auth/store.go``).
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._all_know_auth_status = False

    async def enabled(self) -> bool:
        """Whether auth is on, on this very member; needs no permission and writes nothing.

        A login without a name is refused in two ways, told apart since etcd 3.2: because auth is off, or because
        there is no such user. AuthStatus does not exist before 3.5 and is for root alone before 3.7.
        """
        failure = await self._channel.ask(rpcs.AUTHENTICATE, new("AuthenticateRequest"))
        if not isinstance(failure, Failure):
            return True
        if failure.text.endswith("authentication is not enabled"):
            return False
        if failure.text.endswith(("user name is empty", "invalid user ID or password")):
            return True
        raise await self._channel.error(failure)

    async def login(self, name: UserName, password: str) -> str:
        """The token of a login by password; auth must be on.

        Raises:
            ClusterError: of the kind that fits, where it is refused.
        """
        request = new("AuthenticateRequest", name=name, password=password)
        return (await self._channel.call(rpcs.AUTHENTICATE, request)).token

    async def revision(self) -> int | None:
        """The auth revision; None where etcd does not tell. Only root may ask before etcd 3.7.

        That is before 3.5, and while any member is older than that: the question would end it, see ``downgrade``.
        """
        if not self._all_know_auth_status:
            self._all_know_auth_status = await all_know_auth_status(self._channel)
        if not self._all_know_auth_status:
            return None
        answer = await self._channel.ask(rpcs.AUTH_STATUS, new("Empty"), leader=True)
        if not isinstance(answer, Failure):
            return answer.authRevision
        raise await self._channel.error(answer)

    async def enable(self) -> None:
        """Switch auth on; does nothing where it is on."""
        await self._channel.call(rpcs.AUTH_ENABLE, new("Empty"))

    async def disable(self) -> None:
        """Switch auth off."""
        await self._channel.call(rpcs.AUTH_DISABLE, new("Empty"))

    async def users(self) -> tuple[UserName, ...]:
        """The names of all users."""
        answer = await self._channel.call(rpcs.USER_LIST, new("Empty"))
        return tuple(UserName(name) for name in answer.users)

    async def user(self, name: UserName) -> User:
        """One user and its roles; anybody may ask for itself. NotThere where it does not exist."""
        answer = await self._channel.call(rpcs.USER_GET, new("UserNamed", name=name))
        return User(name, frozenset(RoleName(role) for role in answer.roles))

    async def add_user(self, name: UserName, password: str | None = None) -> None:
        """Create a user; without a password it can only log in by certificate (etcd 3.4 and newer)."""
        options = new("UserAddOptions", no_password=password is None)
        await self._channel.call(
            rpcs.USER_ADD, new("UserAddRequest", name=name, password=password or "", options=options)
        )

    async def delete_user(self, name: UserName) -> None:
        """Delete a user; watches that it has open go on."""
        await self._channel.call(rpcs.USER_DELETE, new("UserNamed", name=name))

    async def change_password(self, name: UserName, password: str) -> None:
        """Give a user another password; without effect on a user created without one."""
        await self._channel.call(
            rpcs.USER_CHANGE_PASSWORD, new("UserChangePasswordRequest", name=name, password=password)
        )

    async def grant_role(self, user: UserName, role: RoleName) -> None:
        """Give a role to a user. Only the role root may be given before it exists."""
        await self._channel.call(rpcs.USER_GRANT_ROLE, new("UserGrantRoleRequest", user=user, role=role))

    async def revoke_role(self, user: UserName, role: RoleName) -> None:
        """Take a role from a user."""
        await self._channel.call(rpcs.USER_REVOKE_ROLE, new("UserRevokeRoleRequest", name=user, role=role))

    async def roles(self) -> tuple[RoleName, ...]:
        """The names of all roles."""
        answer = await self._channel.call(rpcs.ROLE_LIST, new("Empty"))
        return tuple(RoleName(name) for name in answer.roles)

    async def role(self, name: RoleName) -> Role:
        """One role and its permissions; anybody may ask for a role that it holds. NotThere where it does not exist.

        The role root comes without permissions: etcd shows one on everything, and stores none.
        """
        answer = await self._channel.call(rpcs.ROLE_GET, new("RoleNamed", role=name))
        return Role(name, () if name == ROOT_ROLE else tuple(_permission(one) for one in answer.perm))

    async def add_role(self, name: RoleName) -> None:
        """Create an empty role."""
        await self._channel.call(rpcs.ROLE_ADD, new("RoleAddRequest", name=name))

    async def delete_role(self, name: RoleName) -> None:
        """Delete a role, and take it from all users."""
        await self._channel.call(rpcs.ROLE_DELETE, new("RoleNamed", role=name))

    async def grant(self, role: RoleName, permission: Permission) -> None:
        """Add a permission to a role, or change its access type.

        Trap: where the role has two permissions on one key with different ends, changing the second appends instead
        (etcd issue fixed by 7b8af956e, in no release so far): revoke first, and read the role back.
        """
        wired = new(
            "Permission",
            permType=_NUMBERS[permission.access],
            key=permission.key,
            range_end=permission.range_end,
        )
        await self._channel.call(rpcs.ROLE_GRANT, new("RoleGrantPermissionRequest", name=role, perm=wired))

    async def revoke(self, role: RoleName, permission: Permission) -> None:
        """Remove every entry of a role with this key and range end; the access type is not looked at."""
        request = new("RoleRevokePermissionRequest", role=role, key=permission.key, range_end=permission.range_end)
        await self._channel.call(rpcs.ROLE_REVOKE, request)


def _permission(wired: WirePermission) -> Permission:
    return Permission(_ACCESS[wired.permType], wired.key, wired.range_end)
