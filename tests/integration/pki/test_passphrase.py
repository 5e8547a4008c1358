"""``certs issue`` with a passphrase on the authority's key: from a file or a variable, and what is refused."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ringfence.errors import CertificateError, FileError, RingfenceError
from ringfence.model.certificate import KeyType
from ringfence.pki.folder.store import Store
from ringfence.pki.keys import load_key
from ringfence.pki.passphrase import Passphrase
from ringfence.pki.passphrase_source import PassphraseSource
from ringfence.pki.pem import PemFile
from tests.integration.pki.conftest import Issue
from tests.unit.pki.making import LEAVES, make_authority

NAMES = tuple(request.name for request in LEAVES)


@pytest.fixture
def phrase(tmp_path: Path) -> PassphraseSource:
    """A file of mode 0600 with a passphrase in it."""
    path = tmp_path / "phrase"
    path.touch(mode=0o600)
    path.write_text("correct horse\n")
    return PassphraseSource(file=path)


def test_the_key_is_encrypted_from_the_beginning(store: Store, issue: Issue, phrase: PassphraseSource) -> None:
    """Made with the passphrase of a file, used again with it; the keys of others stay as programs need them."""
    assert issue(passphrase=phrase).authority_created
    assert b"ENCRYPTED" in store.key_path("ca").read_bytes()
    assert b"ENCRYPTED" not in store.key_path("calico").read_bytes()
    store.certificate_path("calico").unlink()
    assert ["calico"] == [each.name for each in issue(passphrase=phrase).replaced]


def test_a_variable_serves_as_well(store: Store, issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for only when something is to be issued."""
    source = PassphraseSource(variable="RINGFENCE_TEST_PHRASE")
    with pytest.raises(CertificateError, match="is not set"):
        issue(passphrase=source)
    monkeypatch.setenv("RINGFENCE_TEST_PHRASE", "correct horse")
    assert NAMES == issue(passphrase=source).created
    monkeypatch.delenv("RINGFENCE_TEST_PHRASE")
    assert NAMES == issue(passphrase=source).kept


def test_processes_that_help_need_no_passphrase(store: Store, issue: Issue, phrase: PassphraseSource) -> None:
    """RSA goes to a pool: the key was opened once, here."""
    assert NAMES[:4] == issue(LEAVES[:4], key_type=KeyType.RSA_2048, passphrase=phrase).created
    assert NAMES[:4] == issue(LEAVES[:4], passphrase=phrase).kept


@pytest.mark.parametrize(
    ("content", "mode", "error", "reason"),
    [
        ("battery staple\n", 0o600, CertificateError, "does not open the key"),
        ("", 0o600, CertificateError, "the passphrase is empty"),
        ("\n", 0o600, CertificateError, "the passphrase is empty"),
        ("correct horse\nbattery\n", 0o600, CertificateError, "more than one line"),
        ("correct horse\n", 0o640, FileError, "others may read this passphrase"),
        (None, 0o600, FileError, "there is no such file, which should hold the passphrase"),
    ],
)
def test_a_file_must_hold_the_right_one(
    store: Store,
    issue: Issue,
    phrase: PassphraseSource,
    content: str | None,
    mode: int,
    error: type[RingfenceError],
    reason: str,
) -> None:
    """Each has its own words, nothing is written, and neither passphrase is quoted."""
    issue(LEAVES[:1], passphrase=phrase)
    assert phrase.file is not None
    phrase.file.unlink()
    if content is not None:
        phrase.file.touch(mode=0o600)
        phrase.file.write_text(content)
        phrase.file.chmod(mode)
    with pytest.raises(error, match=reason) as refused:
        issue(passphrase=phrase)
    assert {".lock", "ca.pem", "ca-key.pem", "calico.pem", "calico-key.pem"} == {
        path.name for path in store.directory.iterdir()
    }
    assert not any(secret in str(refused.value.problems) for secret in ("horse", "battery"))
    assert all(problem.hint for problem in refused.value.problems)


@pytest.mark.parametrize(
    "how", [["-v2", "aes-256-cbc"], ["-scrypt"], ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"]]
)
def test_keys_that_openssl_encrypted_open(tmp_path: Path, how: list[str]) -> None:
    """An operator may encrypt a key in any of its ways, scrypt included."""
    openssl = shutil.which("openssl")
    assert openssl is not None, "these tests need the openssl program"
    made = make_authority()
    encrypted = subprocess.run(
        [openssl, "pkcs8", "-topk8", *how, "-passout", "pass:correct horse"],
        input=made.key_pem,
        capture_output=True,
        check=True,
    ).stdout
    (tmp_path / "k.pem").write_bytes(encrypted)
    from ringfence.errors import Place

    key = load_key(PemFile(encrypted, Place("k.pem")), Passphrase(b"correct horse", "it"))
    assert made.key.private_numbers() == key.private_numbers()  # type: ignore[union-attr]  # an ECDSA key
