"""For whom etcd's v2 API takes a client: by a password first, else by a name in its chain of certificates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ringfence.model.names import RoleName, UserName
from ringfence.model.v2 import StateV2


@dataclass(frozen=True, slots=True)
class Basic:
    """A header ``Authorization`` that is not empty.

    Args:
        user: the name in it; "" where it is no Basic header that can be read.
        right: whether the password is this user's.
    """

    user: UserName
    right: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who etcd takes a client for: a user, or the guest where ``user`` is None; or nobody, who may do nothing."""

    user: UserName | None
    is_nobody: bool = False


NOBODY = Caller(None, is_nobody=True)

_DIRECTORIES = {(), ("0",), ("1",), ("2",), ("2", "users"), ("2", "roles")}
"""Of etcd's own tree: members, keys, and users and roles."""


def caller(state: StateV2, common_names: Iterable[str], basic: Basic | None = None) -> Caller:
    """Who asks, while auth is on.

    A header decides alone, right or wrong; what the certificate says is not looked at then. Without one, the first
    Common Name of the chain that is a user counts, be it the authority's own (v2http ``client_auth.go``
    hasKeyPrefixAccess, userFromClientCertificate).

    Args:
        state: the users.
        common_names: of the certificates of the verified chain: the client's own first, the root authority's last.
            None of them may be one that ``leads_to_data``: who asks is not computed then.
        basic: what the header says, None without one.
    """
    if basic is not None:
        user = _named(basic.user)
        return Caller(user) if basic.right and user in state.users else NOBODY
    for name in common_names:
        resolved = _resolved(name)
        is_role = resolved[:2] == ("2", "roles") and RoleName("/".join(resolved[2:])) in state.roles
        # A role is read as a user without a name and without roles; of a directory nothing can be read at all.
        if is_role or resolved in _DIRECTORIES:
            return NOBODY
        user = _named(name)
        if user in state.users:
            return Caller(user)
    return Caller(None)


def leads_to_data(common_name: str) -> bool:
    """Whether a name makes etcd read a value of the key space as if it were a user, whoever wrote it.

    Seen on 3.4.23, 3.5.1 and 3.5.35: ``../../1/x`` is the user, and holds the roles, that stand in the key ``/x``.
    """
    return _resolved(common_name)[:1] == ("1",)


def _named(name: str) -> UserName | None:
    """The user that etcd looks for, None where it looks elsewhere.

    It puts the name behind ``/2/users/`` and shortens the path (``v2auth/auth_requests.go`` requestResource), so that
    ``x/../root`` and ``root/`` are root. What is a directory then, as of an empty name, makes it break off the request
    (``v2auth/auth.go`` getUser).
    """
    resolved = _resolved(name)
    return UserName(resolved[2]) if len(resolved) == 3 and resolved[:2] == ("2", "users") else None


def _resolved(name: str) -> tuple[str, ...]:
    parts: list[str] = []
    for part in ("2", "users", *name.split("/")):
        if part == "..":
            parts[-1:] = []
        elif part not in {"", "."}:
            parts.append(part)
    return tuple(parts)
