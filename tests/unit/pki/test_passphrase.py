"""Keys behind a passphrase, and where a passphrase may come from."""

from __future__ import annotations

import pytest

from ringfence.errors import CertificateError
from ringfence.model.certificate import KeyType
from ringfence.pki.issuing.authority import FileAuthority
from ringfence.pki.keys import generate, key_pem, load_key, same_public_key
from ringfence.pki.passphrase import Passphrase
from ringfence.pki.passphrase_source import PassphraseSource
from tests.unit.pki.making import CLIENT, DAY, NOW, at

SECRET = Passphrase(b"correct horse", "the passphrase in $PHRASE")
WRONG = Passphrase(b"battery staple", "the passphrase in $PHRASE")
SOURCE = PassphraseSource(variable="PHRASE")


@pytest.mark.parametrize("key_type", list(KeyType)[:4], ids=lambda each: each.value)
def test_a_key_opens_with_its_passphrase_alone(key_type: KeyType) -> None:
    """It is written as encrypted PKCS#8; another passphrase does not open it, and is not quoted."""
    key = generate(key_type)
    pem = key_pem(key, SECRET)
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert same_public_key(key.public_key(), load_key(at("k.pem", pem), SECRET).public_key())
    with pytest.raises(CertificateError, match=r"k.pem: the passphrase in \$PHRASE does not open the key") as refused:
        load_key(at("k.pem", pem), WRONG)
    assert "battery" not in str(refused.value.problems)


def test_an_encrypted_key_needs_a_passphrase() -> None:
    """Without one it says where to name it."""
    with pytest.raises(CertificateError, match="protected by a passphrase") as refused:
        load_key(at("k.pem", key_pem(generate(KeyType.ED25519), SECRET)))
    assert "pki.file.passphrase" in str(refused.value.problems[0].hint)


def test_a_plain_key_where_a_passphrase_is_given() -> None:
    """Whoever names a passphrase believes the key encrypted: told, with the command that encrypts it."""
    with pytest.raises(CertificateError, match="the key is not encrypted") as refused:
        load_key(at("k.pem", key_pem(generate(KeyType.ED25519))), SECRET)
    assert "openssl pkcs8 -topk8" in str(refused.value.problems[0].hint)


def test_a_damaged_key_is_refused() -> None:
    """Half of it does not open."""
    pem = key_pem(generate(KeyType.ED25519), SECRET)
    with pytest.raises(CertificateError, match="does not open the key"):
        load_key(at("k.pem", pem[:120]), SECRET)


def test_an_authority_with_a_passphrase_signs() -> None:
    """Made, loaded and handed to another process, which needs no passphrase."""
    _, files = FileAuthority.create(KeyType.ECDSA_P256, DAY, NOW, SECRET)
    files_at = at("ca.pem", files.certificate_pem), at("ca-key.pem", files.key_pem)
    loaded = FileAuthority.load(*files_at, KeyType.ECDSA_P256, NOW, SECRET)
    assert FileAuthority.of(loaded.signer()).issue(CLIENT, DAY, NOW).certificate_pem
    with pytest.raises(CertificateError, match="does not open the key"):
        FileAuthority.load(*files_at, KeyType.ECDSA_P256, NOW, WRONG)


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, r"\$PHRASE: the variable with the passphrase is not set"),
        ({"PHRASE": ""}, r"\$PHRASE: the passphrase is empty"),
        ({"PHRASE": "x" * 1024}, "the passphrase has 1024 bytes, OpenSSL takes 1023"),
    ],
)
def test_a_variable_must_hold_one(environment: dict[str, str], reason: str) -> None:
    """Not set, empty and too long have their own words."""
    assert Passphrase(b"x" * 1023, "the passphrase in $PHRASE") == SOURCE.read({"PHRASE": "x" * 1023})
    with pytest.raises(CertificateError, match=reason):
        SOURCE.read(environment)


def test_nothing_of_it_shows() -> None:
    """Neither the passphrase nor what a process gets to sign with has a telling repr."""
    authority, _ = FileAuthority.create(KeyType.ECDSA_P256, DAY, NOW, SECRET)
    assert "horse" not in repr(SECRET)
    assert "PRIVATE" not in repr(authority.signer())
