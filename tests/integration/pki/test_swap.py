"""Exchanging a pair on a real file system: what readers find at each moment, and what a crash leaves."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from ringfence.errors import FileError
from ringfence.model.certificate import KeyType
from ringfence.pki.folder.store import NewPair, Store
from ringfence.pki.issuing.authority import FileAuthority
from ringfence.pki.keys import same_public_key
from ringfence.pki.pair import load_pair
from ringfence.pki.pem import Issued
from tests.unit.pki.making import CLIENT, DAY, NOW

AUTHORITY, _ = FileAuthority.create(KeyType.ECDSA_P256, DAY, NOW)
PAIRS = tuple(AUTHORITY.issue(CLIENT, DAY, NOW) for _ in range(4))
MATCHED = {(pair.certificate_pem, pair.key_pem) for pair in PAIRS}


def _exchange(store: Store, issued: Issued, *, renewal: bool = True) -> None:
    with store.locked():
        store.write([NewPair("calico", issued, store.folder_for_replaced(NOW), renewal=renewal)])


def _first(store: Store) -> None:
    with store.locked():
        store.write([NewPair("calico", PAIRS[0])])


def _present(store: Store) -> tuple[bytes, bytes]:
    """By the two names, as a program reads them that knows nothing of versions."""
    return store.certificate_path("calico").read_bytes(), store.key_path("calico").read_bytes()


def _by_one_folder(store: Store) -> tuple[bytes, bytes]:
    """As a strict reader does: the folder is opened once, and again where two exchanges have passed since."""
    while True:
        with suppress(FileNotFoundError):
            return _of_this_version(store)


def _of_this_version(store: Store) -> tuple[bytes, bytes]:
    folder = os.open(store.directory / ".pairs" / "calico" / "current", os.O_RDONLY | os.O_DIRECTORY)
    try:
        found = []
        for name in ("cert.pem", "key.pem"):
            with os.fdopen(os.open(name, os.O_RDONLY, dir_fd=folder), "rb") as file:
                found.append(file.read())
    finally:
        os.close(folder)
    return found[0], found[1]


def test_an_exchanged_pair_is_found_under_its_names(store: Store) -> None:
    """By the store and by anybody else; the first exchange and the next ones."""
    _first(store)
    for pair in PAIRS[1:]:
        _exchange(store, pair)
        files = store.read_pair("calico")
        assert files.certificate is not None
        assert files.key is not None
        assert (pair.certificate_pem, pair.key_pem) == (files.certificate.content, files.key.content)
        assert (pair.certificate_pem, pair.key_pem) == _present(store) == _by_one_folder(store)


def test_the_version_before_is_kept_and_no_more(store: Store) -> None:
    """After each exchange there are two, and nothing that was good is moved aside."""
    _first(store)
    for before, pair in pairwise(PAIRS):
        _exchange(store, pair)
        home = store.directory / ".pairs" / "calico"
        versions = [path for path in home.iterdir() if path.name != "current"]
        assert {before.key_pem, pair.key_pem} == {(path / "key.pem").read_bytes() for path in versions}
    assert not (store.directory / "replaced").exists()


def test_what_was_wrong_is_moved_aside(store: Store) -> None:
    """Both files go to the folder of the run, and no version of them stays."""
    _first(store)
    _exchange(store, PAIRS[1], renewal=False)
    _exchange(store, PAIRS[2], renewal=False)
    aside = sorted((store.directory / "replaced").iterdir())
    assert [PAIRS[0].key_pem, PAIRS[1].key_pem] == [(folder / "calico-key.pem").read_bytes() for folder in aside]
    assert [PAIRS[0].certificate_pem, PAIRS[1].certificate_pem] == [(f / "calico.pem").read_bytes() for f in aside]
    assert 2 == len(list((store.directory / ".pairs" / "calico").iterdir()))


def test_files_that_were_put_back_by_hand_count(store: Store) -> None:
    """From a backup, over the links: they are the pair then, and the next exchange begins with them."""
    _first(store)
    _exchange(store, PAIRS[1])
    for path, content in ((store.certificate_path("calico"), PAIRS[2].certificate_pem),):
        path.unlink()
        path.write_bytes(content)
    store.key_path("calico").unlink()
    store.key_path("calico").touch(mode=0o600)
    store.key_path("calico").write_bytes(PAIRS[2].key_pem)
    assert PAIRS[2].certificate_pem == (store.read_pair("calico").certificate or pytest.fail("lost")).content
    _exchange(store, PAIRS[3])
    assert (PAIRS[3].certificate_pem, PAIRS[3].key_pem) == _present(store)
    versions = (store.directory / ".pairs" / "calico").glob("*/key.pem")
    assert {PAIRS[2].key_pem, PAIRS[3].key_pem} == {path.read_bytes() for path in versions}


@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_an_exchange_hides_no_certificate(store: Store, mode: int) -> None:
    """Who could read it before the exchange can read it behind its links."""
    _first(store)
    store.directory.chmod(mode)
    _exchange(store, PAIRS[1])
    folder = store.certificate_path("calico").resolve().parent
    while folder != store.directory.resolve():
        assert mode == folder.stat().st_mode & 0o777
        folder = folder.parent


@pytest.mark.parametrize("target", ["../elsewhere.pem", ".pairs/root/current/cert.pem", ".pairs/calico/x/cert.pem"])
def test_other_links_are_not_followed(store: Store, target: str) -> None:
    """Only the very link that an exchange makes is, and only within its own folder."""
    _first(store)
    _exchange(store, PAIRS[1])
    link = store.certificate_path("calico")
    link.unlink()
    link.symlink_to(target)
    with pytest.raises(FileError, match="a symbolic link"):
        store.read_pair("calico")


def test_a_version_that_lies_elsewhere_is_not_followed(store: Store, tmp_path: Path) -> None:
    """``current`` names a folder beside it, and nothing else."""
    _first(store)
    _exchange(store, PAIRS[1])
    current = store.directory / ".pairs" / "calico" / "current"
    version = current.resolve()
    current.unlink()
    version.rename(tmp_path / "version")
    current.symlink_to(tmp_path / "version")
    assert (None, None) == (store.read_pair("calico").certificate, store.read_pair("calico").key)


@pytest.mark.parametrize("first", [True, False], ids=["the first exchange", "the next one"])
@pytest.mark.parametrize("call", ["write", "fsync", "symlink", "rename", "mkdir"])
def test_a_refusal_at_any_point_leaves_a_whole_pair(
    store: Store, monkeypatch: pytest.MonkeyPatch, call: str, first: bool
) -> None:
    """The disk is full at the first, second, third ... call: one of the two pairs is there, and running again works."""
    _first(store)
    if not first:
        _exchange(store, PAIRS[1])
    old, new = (PAIRS[0], PAIRS[1]) if first else (PAIRS[1], PAIRS[2])
    real = getattr(os, call)
    for number in range(1, 40):
        count = 0

        def refuse(*given: object, at: int = number, **named: object) -> object:
            nonlocal count
            count += 1
            if count == at:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*given, **named)

        with monkeypatch.context() as patch, suppress(FileError):
            patch.setattr(os, call, refuse)
            _exchange(store, new)
        if count < number:
            break
        assert _present(store) in {(old.certificate_pem, old.key_pem), (new.certificate_pem, new.key_pem)}
        assert not list(store.directory.rglob("*.pem.new")), "an unfinished file"
    assert number > 1
    assert (new.certificate_pem, new.key_pem) == _present(store)
    _exchange(store, PAIRS[3])
    assert 3 == len(list((store.directory / ".pairs" / "calico").iterdir())), "what was refused is cleared away"


@pytest.fixture
def renewing(store: Store) -> Iterator[threading.Thread]:
    """Two hundred exchanges in the background, one right after the other."""
    _first(store)
    _exchange(store, PAIRS[1])

    def work() -> None:
        for number in range(200):
            _exchange(store, PAIRS[number % 4])

    thread = threading.Thread(target=work)
    thread.start()
    yield thread
    thread.join()


def test_no_reader_ever_sees_a_mismatch(store: Store, renewing: threading.Thread) -> None:
    """Neither a strict one, nor the store's own, during 200 exchanges."""
    looks = 0
    while renewing.is_alive():
        assert _by_one_folder(store) in MATCHED
        files = store.read_pair("calico")
        assert files.certificate is not None
        assert files.key is not None
        assert (files.certificate.content, files.key.content) in MATCHED
        looks += 1
    assert looks > 50


_RENEW = """
import sys
from pathlib import Path
from datetime import datetime, timedelta, UTC
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType
from ringfence.pki.issuing.authority import FileAuthority
from ringfence.pki.folder.store import NewPair, Store
store, now, day = Store(Path(sys.argv[1])), datetime.now(UTC), timedelta(days=1)
authority, _ = FileAuthority.create(KeyType.ECDSA_P256, day, now)
request = CertificateRequest(name="calico", kind=CertificateKind.CLIENT, common_name="calico")
print("ready", flush=True)
while True:
    with store.locked():
        issued = authority.issue(request, day, now)
        store.write([NewPair("calico", issued, store.folder_for_replaced(now), renewal=True)])
"""


def test_kill_leaves_a_matched_pair(store: Store) -> None:
    """``kill -9`` at many moments of the first and of later exchanges: what lies there belongs together."""

    for number in range(12):
        if number % 4 == 0:
            for path in sorted(store.directory.rglob("*"), reverse=True) if store.directory.exists() else ():
                path.unlink() if path.is_symlink() or path.is_file() else path.rmdir()
            _first(store)
        run = subprocess.Popen([sys.executable, "-c", _RENEW, str(store.directory)], stdout=subprocess.PIPE, text=True)
        assert run.stdout is not None
        assert "ready\n" == run.stdout.readline()
        time.sleep(0.003 * number)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        files = store.read_pair("calico")
        assert files.certificate is not None
        assert files.key is not None
        pair = load_pair(files.certificate, files.key)
        assert same_public_key(pair.certificate.public_key(), pair.key.public_key())
    _exchange(store, PAIRS[2])
    assert (PAIRS[2].certificate_pem, PAIRS[2].key_pem) == _present(store)
    assert not list(store.directory.rglob("*.new"))
