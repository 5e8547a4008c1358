"""Every error that etcd itself answers with, as one of our exceptions. Pure: a table and a look-up.

etcd tells its errors apart by text; the code is only a class of them, and the same text comes with another code from
another release or service. Two spellings exist of most errors of auth: ``etcdserver: ...`` as etcd maps them, and the
raw ``auth: ...`` where it forgot to (Maintenance calls of 3.4 and 3.5, stale auth revisions of 3.4.0 and 3.5.1, which
come with code UNKNOWN).

Sources: etcd ``api/v3rpc/rpctypes/error.go`` and ``server/auth/store.go``, releases 3.4 to 3.7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringfence.errors import (
    AccessDenied,
    AlreadyThere,
    AuthChanged,
    ClusterError,
    NotThere,
    Place,
    Refused,
    Unreachable,
)
from ringfence.etcd.failure import Failure

_STATUS_IN_TEXT = re.compile(r"rpc error: code = (?P<code>\w+) desc = (?P<text>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What one text of etcd means to us; ``what`` None keeps etcd's own words."""

    error: type[ClusterError]
    what: str | None = None
    hint: str | None = None


_DENIED = Refusal(
    AccessDenied, "permission denied", "the user of this certificate may not do that; root may do everything"
)
_NO_USER = Refusal(
    AccessDenied,
    "no user name came with the request",
    "the certificate needs a Common Name, and etcd client-cert-auth and TLS on that listener",
)
_STALE = Refusal(AuthChanged, "users or roles were changed while the request was under way", "try again")
_NO_LEADER = Refusal(
    Unreachable, "the member has no leader", "too few members are up, or they cannot reach each other: no quorum"
)
_TIMED_OUT = Refusal(
    Unreachable,
    "etcd gave up on the request",
    "the members are slow, electing a leader, or without a quorum; try again",
)
_LOGIN_FAILED = Refusal(AccessDenied, "user name or password is wrong")
_ROOT_MISSING = "auth needs a user root that holds the role root before it can be switched on"
_ALREADY = Refusal(AlreadyThere)
_ABSENT = Refusal(NotThere)
_OTHER = Refusal(Refused)

REFUSALS: dict[str, Refusal] = {
    "permission denied": _DENIED,
    "user name is empty": _NO_USER,
    "invalid auth token": Refusal(AccessDenied, "the auth token is not valid", "log in again"),
    "authentication failed, invalid user ID or password": _LOGIN_FAILED,
    "authentication failed, password was given for no password user": _LOGIN_FAILED,
    "user name not found": _ABSENT,
    "user not found": _ABSENT,
    "role name not found": _ABSENT,
    "role not found": _ABSENT,
    "role is not granted to the user": _ABSENT,
    "permission is not granted to the role": _ABSENT,
    "user name already exists": _ALREADY,
    "user already exists": _ALREADY,
    "role name already exists": _ALREADY,
    "role already exists": _ALREADY,
    "revision of auth store is old": _STALE,
    "revision in header is old": _STALE,
    "root user does not exist": Refusal(Refused, hint=_ROOT_MISSING),
    "root user does not have root role": Refusal(Refused, hint=_ROOT_MISSING),
    "authentication is not enabled": Refusal(Refused, hint="auth is off on this cluster"),
    "invalid auth management": Refusal(
        Refused, hint="etcd protects the user and role root while auth is on, and refuses empty ranges"
    ),
    "role name is empty": _OTHER,
    "permission not given": _OTHER,
    "no leader": _NO_LEADER,
    "unhealthy cluster": _NO_LEADER,
    "leader changed": _TIMED_OUT,
    "request timed out": _TIMED_OUT,
    "request timed out, possibly due to previous leader failure": _TIMED_OUT,
    "request timed out, possibly due to connection lost": _TIMED_OUT,
    "request timed out, waiting for the applied index took too long": _TIMED_OUT,
    "server stopped": Refusal(Unreachable, "the member is stopping", "try another member"),
    "not capable": Refusal(Unreachable, "the member is still starting", "try again"),
    "rpc not supported for learner": Refusal(Unreachable, "the member is a learner", "ask a voting member"),
    "too many requests": Refusal(Unreachable, "etcd has too many requests waiting", "try again more slowly"),
    "mvcc: database space exceeded": Refusal(
        Refused, "the database is full (NOSPACE)", "compact, defragment and disarm the alarm: etcdctl alarm list"
    ),
    "corrupt cluster": Refusal(Refused, "etcd found its data corrupt", "see etcdctl alarm list"),
    "key is not provided": _OTHER,
    "key not found": _OTHER,
    "value is provided": _OTHER,
    "lease is provided": _OTHER,
    "ttl is 0": _OTHER,
    "too many operations in txn request": _OTHER,
    "duplicate key given in txn request": _OTHER,
    "request is too large": _OTHER,
    "mvcc: required revision has been compacted": _OTHER,
    "mvcc: required revision is a future revision": _OTHER,
    "requested lease not found": _OTHER,
    "lease already exists": _OTHER,
    "too large lease TTL": _OTHER,
    "member ID already exist": _OTHER,
    "Peer URLs already exists": _OTHER,
    "re-configuration failed due to not enough started members": _OTHER,
    "given member URLs are invalid": _OTHER,
    "member not found": _OTHER,
    "can only promote a learner member": _OTHER,
    "can only promote a learner member which is in sync with leader": _OTHER,
    "too many learner members in cluster": _OTHER,
    "not leader": _OTHER,
    "bad leader transferee": _OTHER,
    "cluster version not found during downgrade": _OTHER,
    "wrong downgrade target version format": _OTHER,
    "invalid downgrade target version": _OTHER,
    "cluster has a downgrade job in progress": _OTHER,
    "no inflight downgrade job": _OTHER,
}
"""etcd's texts without the ``etcdserver: `` or ``auth: `` in front."""


def refusal(failure: Failure) -> Refusal | None:
    """What etcd meant, or None where the text is not one of etcd's."""
    return REFUSALS.get(_words(failure.text))


def is_denial(failure: Failure) -> bool:
    """Whether etcd said that this identity may not: the answer that a prober waits for.

    A Common Name that is no etcd user is told "permission denied" by the key space, "user name not found" by the auth
    calls and "user not found" by the maintenance calls; the last two count too only where nobody asked for a user.
    """
    found = refusal(failure)
    return found is not None and found.error is AccessDenied


def is_stale(failure: Failure) -> bool:
    """Whether etcd did not judge at all, because users or roles were changed since the request came in."""
    found = refusal(failure)
    return found is not None and found.error is AuthChanged


def refused(failure: Failure, endpoint: str) -> ClusterError | None:
    """The exception for an error that etcd answered with, or None where the text is not one of etcd's."""
    found = refusal(failure)
    if found is None:
        return None
    what = found.what or f"etcd answered: {_words(failure.text)}"
    return found.error.of(what, place=Place(endpoint), hint=found.hint)


def failure_in(text: str) -> Failure:
    """The failure that a watch's cancel reason tells of: Go's rendering of a status, or a bare text."""
    found = _STATUS_IN_TEXT.search(text)
    return Failure("UNKNOWN", text) if found is None else Failure(found["code"], found["text"])


def _words(text: str) -> str:
    return text.removeprefix("etcdserver: ").removeprefix("auth: ")
