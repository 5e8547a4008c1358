"""What each profile allows and refuses, before anything is signed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.errors import CertificateError
from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.pki.profiles import check_request, check_requests
from tests.unit.pki.making import CLIENT, LEAVES, PROXY, ROOT, SERVER


@pytest.mark.parametrize("request_", LEAVES, ids=lambda request: request.kind.value)
def test_the_usual_request_of_each_kind_is_allowed(request_: CertificateRequest) -> None:
    """A request as the spec makes it passes its profile."""
    check_request(request_)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (replace(CLIENT, common_name=None), "needs a Common Name"),
        (replace(CLIENT, common_name=""), "needs a Common Name"),
        (replace(CLIENT, common_name="x" * 65), "has 65 bytes"),
        (replace(CLIENT, common_name="é" * 33), "has 66 bytes"),
        (replace(CLIENT, hosts=("10.0.0.1",)), "has no hosts"),
        (replace(ROOT, common_name="Root"), "etcd's root user"),
        (replace(SERVER, common_name="root"), "would be root's"),
        (replace(SERVER, hosts=()), "needs a host"),
        (replace(PROXY, common_name="edge"), "must not have a Common Name"),
        (replace(CLIENT, kind=CertificateKind.CA, common_name=None), "not issued by an authority"),
    ],
)
def test_a_request_outside_its_profile_is_refused(wrong: CertificateRequest, reason: str) -> None:
    """One change to a good request and it is refused, for that reason alone."""
    with pytest.raises(CertificateError) as refused:
        check_request(wrong)
    (problem,) = refused.value.problems
    assert reason in f"{problem.what} {problem.hint}"


@pytest.mark.parametrize("name", ["x" * 64, "é" * 32])
def test_the_longest_name_is_allowed(name: str) -> None:
    """64 bytes fit, however many characters they are."""
    check_request(replace(CLIENT, common_name=name))


def test_all_requests_are_checked_before_the_first_is_issued() -> None:
    """Problems of several requests come together, hosts included."""
    with pytest.raises(CertificateError) as refused:
        check_requests([CLIENT, replace(ROOT, common_name=None), replace(SERVER, hosts=("exämple", "ok", "a b"))])
    assert [
        "certificate root: a root certificate needs a Common Name",
        "certificate etcd-1-server: host 'exämple' cannot stand in a certificate",
        "certificate etcd-1-server: host 'a b' cannot stand in a certificate",
    ] == [problem.what for problem in refused.value.problems]
