"""Every error of etcd's own table has its exception."""

from __future__ import annotations

import pytest

from ringfence.errors import AccessDenied, AlreadyThere, AuthChanged, ClusterError, NotThere, Refused, Unreachable
from ringfence.etcd.failure import Failure
from ringfence.etcd.refusals import REFUSALS, failure_in, is_denial, refusal, refused

ENDPOINT = "https://127.0.0.1:2379"

DENIED = [
    ("PERMISSION_DENIED", "etcdserver: permission denied"),
    ("UNKNOWN", "etcdserver: permission denied"),
    ("UNKNOWN", "auth: permission denied"),
    ("INVALID_ARGUMENT", "etcdserver: user name is empty"),
    ("UNKNOWN", "auth: user name is empty"),
    ("UNAUTHENTICATED", "etcdserver: invalid auth token"),
    ("INVALID_ARGUMENT", "etcdserver: authentication failed, invalid user ID or password"),
    ("UNKNOWN", "auth: authentication failed, password was given for no password user"),
]
STALE = [
    ("INVALID_ARGUMENT", "etcdserver: revision of auth store is old"),
    ("UNKNOWN", "auth: revision in header is old"),
]
THERE = [
    ("FAILED_PRECONDITION", "etcdserver: user name already exists"),
    ("FAILED_PRECONDITION", "etcdserver: role name already exists"),
]
NOT_THERE = [
    ("FAILED_PRECONDITION", "etcdserver: user name not found"),
    ("UNKNOWN", "auth: user not found"),
    ("FAILED_PRECONDITION", "etcdserver: role name not found"),
    ("FAILED_PRECONDITION", "etcdserver: role is not granted to the user"),
    ("FAILED_PRECONDITION", "etcdserver: permission is not granted to the role"),
]
NO_ANSWER = [
    ("UNAVAILABLE", "etcdserver: no leader"),
    ("UNAVAILABLE", "etcdserver: leader changed"),
    ("UNAVAILABLE", "etcdserver: not capable"),
    ("UNAVAILABLE", "etcdserver: server stopped"),
    ("UNAVAILABLE", "etcdserver: request timed out"),
    ("UNAVAILABLE", "etcdserver: request timed out, possibly due to previous leader failure"),
    ("UNAVAILABLE", "etcdserver: request timed out, possibly due to connection lost"),
    ("UNAVAILABLE", "etcdserver: request timed out, waiting for the applied index took too long"),
    ("UNAVAILABLE", "etcdserver: unhealthy cluster"),
    ("UNAVAILABLE", "etcdserver: rpc not supported for learner"),
    ("RESOURCE_EXHAUSTED", "etcdserver: too many requests"),
]
OTHER = [
    ("INVALID_ARGUMENT", "etcdserver: key is not provided"),
    ("INVALID_ARGUMENT", "etcdserver: key not found"),
    ("INVALID_ARGUMENT", "etcdserver: value is provided"),
    ("INVALID_ARGUMENT", "etcdserver: lease is provided"),
    ("INVALID_ARGUMENT", "etcdserver: ttl is 0"),
    ("INVALID_ARGUMENT", "etcdserver: too many operations in txn request"),
    ("INVALID_ARGUMENT", "etcdserver: duplicate key given in txn request"),
    ("OUT_OF_RANGE", "etcdserver: mvcc: required revision has been compacted"),
    ("OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision"),
    ("RESOURCE_EXHAUSTED", "etcdserver: mvcc: database space exceeded"),
    ("NOT_FOUND", "etcdserver: requested lease not found"),
    ("FAILED_PRECONDITION", "etcdserver: lease already exists"),
    ("OUT_OF_RANGE", "etcdserver: too large lease TTL"),
    ("FAILED_PRECONDITION", "etcdserver: member ID already exist"),
    ("FAILED_PRECONDITION", "etcdserver: Peer URLs already exists"),
    ("FAILED_PRECONDITION", "etcdserver: re-configuration failed due to not enough started members"),
    ("INVALID_ARGUMENT", "etcdserver: given member URLs are invalid"),
    ("NOT_FOUND", "etcdserver: member not found"),
    ("FAILED_PRECONDITION", "etcdserver: can only promote a learner member"),
    ("FAILED_PRECONDITION", "etcdserver: can only promote a learner member which is in sync with leader"),
    ("FAILED_PRECONDITION", "etcdserver: too many learner members in cluster"),
    ("INVALID_ARGUMENT", "etcdserver: request is too large"),
    ("FAILED_PRECONDITION", "etcdserver: root user does not exist"),
    ("FAILED_PRECONDITION", "etcdserver: root user does not have root role"),
    ("INVALID_ARGUMENT", "etcdserver: role name is empty"),
    ("FAILED_PRECONDITION", "etcdserver: authentication is not enabled"),
    ("INVALID_ARGUMENT", "etcdserver: invalid auth management"),
    ("FAILED_PRECONDITION", "etcdserver: not leader"),
    ("DATA_LOSS", "etcdserver: corrupt cluster"),
    ("FAILED_PRECONDITION", "etcdserver: bad leader transferee"),
    ("UNAVAILABLE", "etcdserver: cluster version not found during downgrade"),
    ("INVALID_ARGUMENT", "etcdserver: wrong downgrade target version format"),
    ("INVALID_ARGUMENT", "etcdserver: invalid downgrade target version"),
    ("FAILED_PRECONDITION", "etcdserver: cluster has a downgrade job in progress"),
    ("FAILED_PRECONDITION", "etcdserver: no inflight downgrade job"),
]
GROUPS = [
    (DENIED, AccessDenied),
    (STALE, AuthChanged),
    (THERE, AlreadyThere),
    (NOT_THERE, NotThere),
    (NO_ANSWER, Unreachable),
    (OTHER, Refused),
]
ERRORS = [(code, text, error) for group, error in GROUPS for code, text in group]


@pytest.mark.parametrize(("code", "text", "error"), ERRORS)
def test_an_error_of_etcd_becomes_our_exception(code: str, text: str, error: type[ClusterError]) -> None:
    """Each of etcd's texts becomes an exception of exactly one class, with the endpoint as its place."""
    made = refused(Failure(code, text), ENDPOINT)
    assert error is type(made)
    assert made is not None
    assert ENDPOINT == str(made.problems[0].place)
    assert not made.problems[0].what.endswith(".")


@pytest.mark.parametrize(("code", "text", "error"), ERRORS)
def test_only_denials_count_as_denials(code: str, text: str, error: type[ClusterError]) -> None:
    """What a prober takes for a no is what becomes AccessDenied, and nothing else."""
    assert (error is AccessDenied) == is_denial(Failure(code, text))


def test_the_table_holds_nothing_that_is_not_tested() -> None:
    """Every entry is reached by one of the texts above, up to its raw spelling."""
    reached = {text.removeprefix("etcdserver: ").removeprefix("auth: ") for _, text, _ in ERRORS}
    raw_only = {"user already exists", "role already exists", "role not found", "permission not given"}
    assert reached | raw_only == REFUSALS.keys()


@pytest.mark.parametrize("text", ["", "etcdserver: something new", "failed to connect to all addresses"])
def test_another_text_is_not_taken_for_one_of_etcd(text: str) -> None:
    """What is not in the table is left to others, and is no denial."""
    failure = Failure("UNKNOWN", text)
    assert refusal(failure) is None
    assert refused(failure, ENDPOINT) is None
    assert not is_denial(failure)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (
            "rpc error: code = PermissionDenied desc = etcdserver: permission denied",
            Failure("PermissionDenied", "etcdserver: permission denied"),
        ),
        ("etcdserver: permission denied", Failure("UNKNOWN", "etcdserver: permission denied")),
        ("", Failure("UNKNOWN", "")),
    ],
)
def test_the_cancel_reason_of_a_watch_is_read(reason: str, expected: Failure) -> None:
    """Go's rendering of a status and a bare text both give the failure."""
    assert expected == failure_in(reason)
