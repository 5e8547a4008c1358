"""For whom etcd's v2 API takes a client: by a password first, else by a name in its chain of certificates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ringfence.model.names import UserName
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


def caller(state: StateV2, common_names: Iterable[str], basic: Basic | None = None) -> Caller:
    """Who asks, while auth is on.

    A header decides alone, right or wrong; what the certificate says is not looked at then. Without one, the first
    Common Name of the chain that is a user counts, be it the authority's own (v2http ``client_auth.go``
    hasKeyPrefixAccess, userFromClientCertificate). An empty name makes etcd break off the request: it takes the
    folder of all users for one (``v2auth/auth.go`` getUser).

    Args:
        state: the users.
        common_names: of the certificates of the verified chain: the client's own first, the root authority's last.
        basic: what the header says, None without one.
    """
    if basic is not None:
        return Caller(basic.user) if basic.right and basic.user in state.users else NOBODY
    for name in common_names:
        if not name:
            return NOBODY
        if UserName(name) in state.users:
            return Caller(UserName(name))
    return Caller(None)
