"""Reading ``roles:``, ``users:`` and ``protect:``: what components alone cannot say."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import Login
from ringfence.spec.components.grants import read_grants
from ringfence.spec.naming import Identity, check_identity
from ringfence.spec.reader import Cursor, nearest, shown
from ringfence.spec.shape import RoleEntry, UserEntry


def read_roles(cursor: Cursor, components: Mapping[str, Cursor]) -> tuple[RoleEntry, ...]:
    """The roles; none is named as the role that a component gets."""
    roles = []
    for name, at in cursor.named():
        grants = read_grants(at)
        if name == ROOT_ROLE:
            at.problem("the role root exists already and may do everything", "choose another name")
        elif name in components:
            holder = components[name]
            at.problem(
                f"{name} is the role of the component {holder.path} on line {holder.line}", "choose another name"
            )
        elif _check_name(at, name):
            roles.append(RoleEntry(name=RoleName(name), grants=grants, place=at.place))
    return tuple(roles)


def read_users(cursor: Cursor, roles: Collection[str]) -> tuple[tuple[UserEntry, Identity], ...]:
    """The users, whose roles must be among ``roles`` (root always is), each with the place of its identity."""
    users = []
    for name, at in cursor.named():
        fields = at.fields(("roles", "auth"))
        login = fields.read("auth", _login) or Login.CERTIFICATE
        listed = fields.need("roles", "list the roles that it holds; [] is none")
        held = () if listed is None else _held(listed, roles)
        if name == ROOT_USER:
            at.problem("root always exists, with the role root", "remove it")
            continue
        if check_identity(at, name) if login is Login.CERTIFICATE else _check_name(at, name):
            users.append((UserEntry(name=UserName(name), roles=held, login=login, place=at.place), Identity(name, at)))
    return tuple(users)


def read_protect(cursor: Cursor) -> frozenset[UserName]:
    """The users that are never deleted; root need not be written."""
    fields = cursor.fields(("users",))
    listed = fields.get("users")
    names = () if listed is None else tuple(name for at, name in listed.texts() if _check_name(at, name))
    return frozenset(UserName(name) for name in names)


def is_name(name: str) -> bool:
    """Whether etcd and every terminal can carry ``name``."""
    return name.strip() == name != "" and name.isprintable()


def _login(cursor: Cursor) -> Login | None:
    written = cursor.word(tuple(login.value for login in Login if login is not Login.UNKNOWN))
    return None if written is None else Login(written)


def _held(cursor: Cursor, roles: Collection[str]) -> tuple[RoleName, ...]:
    held: list[RoleName] = []
    for item, name in cursor.texts():
        if name != ROOT_ROLE and name not in roles:
            item.problem(f"there is no role {shown(name)}", nearest(name, roles) or "add it under roles")
        elif name in held:
            item.problem(f"{name} is listed twice", "keep one of them")
        else:
            held.append(RoleName(name))
    return tuple(held)


def _check_name(cursor: Cursor, name: str) -> bool:
    """Whether ``name`` is one; notes it where it is not."""
    if is_name(name):
        return True
    cursor.problem(f"{shown(name)} is no usable name", "leave out spaces at the ends and control characters")
    return False
