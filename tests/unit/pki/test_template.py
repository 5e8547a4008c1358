"""The template makes what the library's builder makes, byte for byte, and refuses to be used where it would not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import CertificateError
from ringfence.model.certificate import CertificateKind, KeyType
from ringfence.pki.issuing.authority import FileAuthority
from ringfence.pki.issuing.clients import Clients, clients_of
from ringfence.pki.issuing.leaves import Blank, Leaves
from ringfence.pki.issuing.template import cut, point_of, validity
from ringfence.pki.keys import PrivateKey, generate
from tests.unit.pki.making import CLIENT, DAY, LEAVES, NOW, Made, make_authority

OWN = make_authority()
KEYS = {key_type: generate(key_type) for key_type in (KeyType.ECDSA_P256, KeyType.ECDSA_P384)}
LEAVES_OF = {key_type: Leaves(OWN.certificate, OWN.key, key_type) for key_type in KEYS}
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2120, 1, 1)).map(lambda at: at.replace(microsecond=0))


def _clients(key_type: KeyType, made: Made = OWN) -> Clients:
    clients = clients_of(Leaves(made.certificate, made.key, key_type), made.certificate, made.key, key_type)
    assert clients is not None
    return clients


CLIENTS = {key_type: _clients(key_type) for key_type in KEYS}


def _point(key: PrivateKey) -> bytes:
    return point_of(key.public_key())  # type: ignore[arg-type]  # the keys of these tests are ECDSA


@given(
    key_type=st.sampled_from(sorted(KEYS, key=lambda each: each.value)),
    name=st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: len(name.encode()) <= 64),
    random=st.binary(min_size=16, max_size=16),
    start=MOMENTS,
    life=st.integers(1, 36500),
)
def test_it_makes_what_the_builder_makes(
    key_type: KeyType, name: str, random: bytes, start: datetime, life: int
) -> None:
    """Any name that fits, any serial, dates on both sides of 2050, both curves: what is signed is the same."""
    key, end = KEYS[key_type], start + timedelta(days=life)
    built = LEAVES_OF[key_type].build(
        Blank(replace(CLIENT, common_name=name), key, start, end), int.from_bytes(b"\1" + random, "big")
    )
    template = CLIENTS[key_type].template
    ours = template.to_be_signed(name, _point(key), b"\1" + random, validity(start, end))
    assert built.tbs_certificate_bytes == ours
    assert built == x509.load_pem_x509_certificate(template.certificate(ours, built.signature))


@pytest.mark.parametrize("key_type", [KeyType.ED25519, KeyType.RSA_2048])
def test_other_algorithms_keep_the_builder(key_type: KeyType) -> None:
    """For the clients' keys and for the authority's."""
    assert clients_of(LEAVES_OF[KeyType.ECDSA_P256], OWN.certificate, OWN.key, key_type) is None
    other = generate(KeyType.ED25519)
    assert clients_of(LEAVES_OF[KeyType.ECDSA_P256], OWN.certificate, other, KeyType.ECDSA_P256) is None


@pytest.mark.parametrize("key_type", [KeyType.ECDSA_P256, KeyType.ECDSA_P384])
def test_a_template_of_the_wrong_thing_is_refused(key_type: KeyType) -> None:
    """Where the builder does something with a name that the template does not, nothing is made."""
    key, start, end = KEYS[key_type], NOW.replace(tzinfo=None), (NOW + DAY).replace(tzinfo=None)

    def build(name: str, serial: int) -> x509.Certificate:
        return LEAVES_OF[key_type].build(Blank(replace(CLIENT, common_name=name), key, start, end), serial)

    def build_otherwise(name: str, serial: int) -> x509.Certificate:
        kind = CertificateKind.CLIENT if len(name) < 33 else CertificateKind.SERVER
        request = replace(CLIENT, common_name=name.upper(), kind=kind)
        return LEAVES_OF[key_type].build(Blank(request, key, start, end), serial)

    cut(build, _point(key), validity(start, end))
    for wrong, point, dates in (
        (build_otherwise, _point(key), validity(start, end)),
        (build, _point(key)[::-1], validity(start, end)),
        (build, _point(key), validity(start, end + DAY)),
    ):
        with pytest.raises(CertificateError, match="does not make what the library makes"):
            cut(wrong, point, dates)


def test_a_batch_keeps_its_order() -> None:
    """Clients between others: each request gets its own certificate, and each certificate its own key."""
    authority, _ = FileAuthority.create(KeyType.ECDSA_P256, DAY, NOW)
    requests = [replace(CLIENT, common_name=f"n{at}") if at % 2 else LEAVES[at // 2] for at in range(10)]
    made = authority.issue_all([(request, DAY) for request in requests], NOW)
    certificates = [x509.load_pem_x509_certificate(each.certificate_pem) for each in made]
    names = [[attribute.value for attribute in each.subject] for each in certificates]
    assert [[] if each.common_name is None else [each.common_name] for each in requests] == names
    assert 10 == len({each.serial_number for each in certificates}) == len({each.key_pem for each in made})
