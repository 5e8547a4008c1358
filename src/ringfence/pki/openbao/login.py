"""The three ways to log in. What is secret in them appears in no ``repr`` and no message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TokenLogin:
    """A token that somebody else got and renews."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AppRoleLogin:
    """An AppRole; ``mount`` is the path of the method."""

    mount: str
    role_id: str = field(repr=False)
    secret_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class JwtLogin:
    """A signed token of somebody else, such as a Kubernetes service account's; ``mount`` is the path of the method."""

    mount: str
    role: str
    jwt: str = field(repr=False)


Login = TokenLogin | AppRoleLogin | JwtLogin


def request_of(login: AppRoleLogin | JwtLogin) -> tuple[str, Mapping[str, object]]:
    """The path below ``/v1/`` and the body of the request that logs in."""
    path = f"auth/{login.mount}/login"
    match login:
        case AppRoleLogin():
            return path, {"role_id": login.role_id, "secret_id": login.secret_id}
        case JwtLogin():
            return path, {"role": login.role, "jwt": login.jwt}
