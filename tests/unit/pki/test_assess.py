"""A pair of files held against a request: missing, wrong with all reasons, due, or good."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.certificate import CertificateRequest
from ringfence.model.issuance import Assessment, Condition
from ringfence.pki.assess import assess, is_due
from ringfence.pki.folder.store import Store, StoredPair
from ringfence.pki.pair import login_problems
from tests.unit.pki.making import CLIENT, DAY, NOW, SERVER, Made, at, make_authority, make_leaf

CA = make_authority()
OTHER_CA = make_authority("somebody else")
GOOD = make_leaf(CA)
SERVER_AUTH, CLIENT_AUTH = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


def _assessed(
    made: Made,
    request: CertificateRequest = CLIENT,
    *,
    key: bytes | None = None,
    extra: bytes = b"",
    first: bytes = b"",
) -> Assessment:
    files = StoredPair(
        at("calico.pem", first + made.certificate_pem + extra),
        at("calico-key.pem", made.key_pem if key is None else key),
    )
    return assess(request, files, Store(Path("pki")), (CA.certificate,), NOW)


def test_a_good_pair_is_good() -> None:
    """Nothing to say, and the certificate is described."""
    found = _assessed(GOOD)
    assert (Condition.GOOD, ()) == (found.condition, found.reasons)
    assert found.certificate is not None
    assert ("calico",) == found.certificate.common_names


def test_no_file_at_all_is_missing() -> None:
    """Missing is no fault."""
    found = assess(CLIENT, StoredPair(None, None), Store(Path("pki")), (CA.certificate,), NOW)
    assert (Condition.MISSING, Path("pki/calico.pem")) == (found.condition, found.path)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (StoredPair(at("calico.pem", GOOD.certificate_pem), None), "calico.pem: its key is missing"),
        (StoredPair(None, at("calico-key.pem", GOOD.key_pem)), "calico-key.pem: its certificate is missing"),
    ],
)
def test_half_a_pair_is_wrong(files: StoredPair, reason: str) -> None:
    """One file of two can serve nobody."""
    found = assess(CLIENT, files, Store(Path("pki")), (CA.certificate,), NOW)
    assert (Condition.WRONG, [reason]) == (found.condition, [str(problem) for problem in found.reasons])


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (make_leaf(CA, names=("Calico",)), "has the Common Name 'Calico' and must have 'calico' alone"),
        (make_leaf(CA, names=("calico ",)), "has the Common Name 'calico ' and must have 'calico' alone"),
        (make_leaf(CA, names=()), "has no Common Name and must have 'calico' alone"),
        (
            make_leaf(CA, names=("calico", "root")),
            "has 2 Common Names ('calico' and 'root') and must have 'calico' alone",
        ),
        (
            make_leaf(CA, names=("root", "calico")),
            "has 2 Common Names ('root' and 'calico') and must have 'calico' alone",
        ),
        (make_leaf(CA, usages=()), "may not be shown by a client: its usages are none"),
        (
            make_leaf(CA, usages=(CLIENT_AUTH, SERVER_AUTH)),
            "may be shown by a server, which a client certificate must not",
        ),
        (make_leaf(CA, ca=True), "is an authority and must be a client certificate"),
        (make_leaf(CA, end=NOW - timedelta(minutes=1)), "expired on 2026-11-22 06:11 UTC"),
        (make_leaf(CA, start=NOW + timedelta(minutes=1)), "is not valid before 2026-11-22 06:13 UTC"),
        (make_leaf(OTHER_CA), "was not signed by the trusted authority (its issuer is O=somebody else)"),
        (make_leaf(make_authority()), "was not signed by the trusted authority (its issuer is O=the authority)"),
    ],
)
def test_one_thing_wrong_is_one_reason(made: Made, reason: str) -> None:
    """The good pair with one change is wrong for that reason alone, at its file and with a hint."""
    found = _assessed(made)
    assert (Condition.WRONG, [f"calico.pem: {reason}"]) == (found.condition, [str(each) for each in found.reasons])
    assert all(each.hint for each in found.reasons)


def test_a_key_of_another_pair_is_wrong() -> None:
    """What a crash between the two files leaves is found."""
    found = _assessed(GOOD, key=make_leaf(CA).key_pem)
    assert ["calico.pem: does not belong to the key in calico-key.pem"] == [str(each) for each in found.reasons]


def test_certificates_in_the_wrong_order_are_named_so() -> None:
    """A bundle with the authority first is told apart from a key that fits nothing."""
    assert Condition.GOOD is _assessed(GOOD, extra=CA.certificate_pem).condition
    found = _assessed(GOOD, first=CA.certificate_pem)
    assert "the certificates are in the wrong order" in [each.what for each in found.reasons]


def test_all_reasons_come_at_once() -> None:
    """Signature, dates, name and usage in one go."""
    found = _assessed(make_leaf(OTHER_CA, names=("x",), usages=(SERVER_AUTH,), end=NOW - timedelta(hours=1)))
    assert 5 == len(found.reasons)


def test_two_unreadable_files_are_two_reasons() -> None:
    """Neither hides the other."""
    files = StoredPair(at("calico.pem", b""), at("calico-key.pem", b""))
    found = assess(CLIENT, files, Store(Path("pki")), (CA.certificate,), NOW)
    assert ["calico.pem", "calico-key.pem"] == [str(each.place) for each in found.reasons]


def test_every_host_must_be_there() -> None:
    """A member's new address makes its certificate wrong; other spellings and further hosts do not."""
    hosts = (x509.DNSName("ETCD-1.internal"), *(x509.IPAddress(a) for a in _addresses("10.0.0.1", "::1", "10.9.9.9")))
    made = make_leaf(CA, names=(), usages=(SERVER_AUTH, CLIENT_AUTH), hosts=hosts)
    assert Condition.GOOD is _assessed(made, SERVER).condition
    found = _assessed(made, replace(SERVER, hosts=(*SERVER.hosts, "10.0.0.2", "etcd-2")))
    assert ["lacks 10.0.0.2, etcd-2 among its hosts"] == [each.what for each in found.reasons]


def test_a_server_that_names_a_user_is_wrong() -> None:
    """Its Common Name would be the user of the JSON gateway."""
    hosts = (x509.DNSName("etcd-1.internal"), *(x509.IPAddress(a) for a in _addresses("10.0.0.1", "::1")))
    found = _assessed(make_leaf(CA, usages=(SERVER_AUTH, CLIENT_AUTH), hosts=hosts), SERVER)
    assert ["has the Common Name 'calico' and must have none"] == [each.what for each in found.reasons]


@given(st.integers(3, 10_000), st.integers(0, 10_000))
def test_a_certificate_is_due_in_the_last_third_of_its_life(life: int, age: int) -> None:
    """Exactly: less than a third of the seconds left."""
    made = make_leaf(CA, start=NOW, end=NOW + timedelta(seconds=life))
    assert (3 * (life - age) < life) == is_due(made.certificate, NOW + timedelta(seconds=age))


def test_a_due_pair_is_due_and_not_wrong() -> None:
    """Renewing in time is no alarm."""
    found = _assessed(make_leaf(CA, start=NOW - 70 * DAY, end=NOW + 20 * DAY))
    assert (Condition.DUE, ()) == (found.condition, found.reasons)


@pytest.mark.parametrize(
    ("made", "reasons"),
    [
        (GOOD, 0),
        (make_leaf(CA, names=()), 0),
        (make_leaf(CA, usages=(CLIENT_AUTH, SERVER_AUTH)), 0),
        (make_leaf(CA, names=("a", "b")), 1),
        (make_leaf(CA, usages=(SERVER_AUTH,)), 1),
    ],
)
def test_whoever_it_names_it_must_be_able_to_log_in(made: Made, reasons: int) -> None:
    """For files that the operator names: at most one Common Name, and usable by a client."""
    assert reasons == len(list(login_problems(made.certificate, at("x.pem", b"").place)))


def _addresses(*texts: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
    return tuple(ipaddress.ip_address(text) for text in texts)
