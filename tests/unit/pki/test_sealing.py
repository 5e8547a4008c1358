"""Sealed values, opened with the private key in the way in which the controller opens them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding

from ringfence.errors import CertificateError, Place
from ringfence.pki.pem import PemFile
from ringfence.pki.sealing import content_digest, load_seal, sealed

_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_KEY = rsa.generate_private_key(65537, 2048)
_VALUES = {"etcd-key": b"the key", "etcd-cert": b"c" * 5000, "etcd-ca": b""}


def _file(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = _KEY, *, days: int = 30, times: int = 1, serial: int = 1
) -> PemFile:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "controller")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), serial)
        .not_valid_before(_NOW - timedelta(days=1))
        .not_valid_after(_NOW + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return PemFile(certificate.public_bytes(Encoding.PEM) * times, Place("controller.pem"))


def _opened(text: str, label: bytes, key: rsa.RSAPrivateKey = _KEY) -> bytes:
    """sealed-secrets ``singleDecrypt``: two bytes of length, the wrapped key, then AES-GCM with a nonce of zeros."""
    content = base64.b64decode(text, validate=True)
    length = int.from_bytes(content[:2], "big")
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label)
    session_key = key.decrypt(content[2 : 2 + length], oaep)
    assert 32 == len(session_key)
    return AESGCM(session_key).decrypt(bytes(12), content[2 + length :], None)


def test_what_was_sealed_opens() -> None:
    """Each value by itself, under the name and namespace that it was sealed for."""
    made = sealed(load_seal(_file(), _NOW), _VALUES, namespace="kube-system", name="one")
    assert _VALUES == {name: _opened(text, b"kube-system/one") for name, text in made.items()}


@pytest.mark.parametrize("label", [b"kube-system/other", b"default/one", b"kube-system", b""])
def test_it_opens_nowhere_else(label: bytes) -> None:
    """Under another name, in another namespace, or in one of the wider scopes."""
    made = sealed(load_seal(_file(), _NOW), _VALUES, namespace="kube-system", name="one")
    with pytest.raises((ValueError, InvalidTag)):
        _opened(made["etcd-key"], label)


def test_no_two_are_the_same() -> None:
    """Each value has a session key of its own, each time: that is what allows a nonce of zeros."""
    seal = load_seal(_file(), _NOW)
    texts = [sealed(seal, {"a": b"x", "b": b"x"}, namespace="n", name="s") for _ in range(3)]
    assert 6 == len({text for one in texts for text in one.values()})


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (_file(days=0), "expired"),
        (_file(ec.generate_private_key(ec.SECP256R1())), "no RSA key"),
        (_file(rsa.generate_private_key(65537, 1024)), "2048 bits"),  # noqa: S505 - what is to be refused
        (_file(times=2), "more than one"),
        (PemFile(b"hello", Place("controller.pem")), ""),
        (PemFile(b"", Place("controller.pem")), ""),
    ],
)
def test_certificates_that_nothing_is_sealed_with(file: PemFile, said: str) -> None:
    """One that is good passes (above); each fault is told with the file and what to do."""
    with pytest.raises(CertificateError) as raised:
        load_seal(file, _NOW + timedelta(days=1))
    assert any(said in problem.what for problem in raised.value.problems), raised.value.problems
    assert all(problem.place == Place("controller.pem") and problem.hint for problem in raised.value.problems)


def test_the_digest_tells_content_from_content() -> None:
    """The same for the same content, another where certificate, name, namespace or a value differs."""
    seal, other = load_seal(_file(), _NOW), load_seal(_file(serial=2), _NOW)
    public = {"etcd-cert": b"c", "etcd-ca": b"a"}
    first = content_digest(seal, public, namespace="n", name="s")
    assert first == content_digest(seal, dict(reversed(public.items())), namespace="n", name="s")
    others = {
        content_digest(other, public, namespace="n", name="s"),
        content_digest(seal, public, namespace="m", name="s"),
        content_digest(seal, public, namespace="n", name="t"),
        content_digest(seal, {"etcd-cert": b"ca", "etcd-ca": b""}, namespace="n", name="s"),
    }
    assert 4 == len(others - {first})


def test_nothing_of_the_key_is_shown() -> None:
    """A seal can be printed."""
    assert "key" not in repr(load_seal(_file(), _NOW)).lower()
