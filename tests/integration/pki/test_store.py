"""The folder on a real file system: modes, crashes, what is in the way, and two writers at once."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.errors import FileError
from ringfence.model.certificate import KeyType
from ringfence.pki.folder import writing
from ringfence.pki.folder.store import NewPair, Store, read_file
from ringfence.pki.issuing.authority import FileAuthority
from ringfence.pki.pem import Issued
from tests.integration.pki.conftest import Issue
from tests.unit.pki.making import CLIENT, DAY, NOW

AUTHORITY, _ = FileAuthority.create(KeyType.ECDSA_P256, DAY, NOW)
ISSUED = AUTHORITY.issue(CLIENT, DAY, NOW)
OTHER = AUTHORITY.issue(CLIENT, DAY, NOW)


@pytest.fixture
def no_umask() -> Iterator[None]:
    """A process that would give everybody every right."""
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.usefixtures("no_umask")
def test_modes_do_not_depend_on_the_umask(store: Store, issue: Issue) -> None:
    """Keys 0600, certificates 0644, the folder and what is set aside 0700."""
    issue()
    issue(renew=("calico",))
    store.certificate_path("root").write_bytes(b"")
    assert issue().set_aside is not None
    inside = [store.directory, *(path for path in store.directory.rglob("*") if not path.is_symlink())]
    keys = {path for path in inside if path.name.endswith("key.pem")}
    assert len({path.parent for path in keys}) == 5  # the folder itself, two versions, another one, what is set aside
    assert {0o600} == {_mode(path) for path in keys}
    assert {0o644} == {_mode(path) for path in inside if path.suffix == ".pem" and path not in keys}
    assert {0o700} == {_mode(path) for path in inside if path.is_dir()}


@pytest.mark.usefixtures("no_umask")
def test_a_key_is_private_before_its_first_byte(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each write the file it goes to has its final mode already."""
    modes: list[int] = []
    real = os.write

    def watched(descriptor: int, content: memoryview) -> int:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return real(descriptor, content)

    monkeypatch.setattr(os, "write", watched)
    with store.locked():
        store.write([NewPair("calico", ISSUED)])
    assert [0o600, 0o644] == modes


def test_a_strict_umask_does_not_hide_certificates(store: Store, issue: Issue) -> None:
    """Services of other users must be able to read what is public."""
    before = os.umask(0o077)
    try:
        issue()
    finally:
        os.umask(before)
    assert 0o644 == _mode(store.certificate_path("ca"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(store: Store, issue: Issue, mode: int) -> None:
    """With the command that mends it; once that was run, all is well."""
    issue()
    store.key_path("calico").chmod(mode)
    with pytest.raises(FileError, match=f"others may read this private key .mode {mode:04o}") as refused:
        issue()
    assert f"chmod 600 {store.key_path('calico')}" in str(refused.value.problems[0].hint)
    store.key_path("calico").chmod(0o600)
    issue()


def test_all_keys_that_others_may_read_are_named_at_once(store: Store, issue: Issue) -> None:
    """Not one a run."""
    issue()
    for name in ("calico", "root"):
        store.key_path(name).chmod(0o644)
    with pytest.raises(FileError) as refused:
        issue()
    assert [str(store.key_path(name)) for name in ("calico", "root")] == [str(p.place) for p in refused.value.problems]


def test_nothing_is_overwritten_unasked(store: Store) -> None:
    """A pair is in the way: an error, the old content stays, and no unfinished file is left."""
    with store.locked():
        store.write([NewPair("calico", ISSUED)])
        with pytest.raises(FileError, match="something in the way"):
            store.write([NewPair("calico", OTHER)])
        assert ISSUED.key_pem == store.key_path("calico").read_bytes()
        assert [".lock", "calico-key.pem", "calico.pem"] == sorted(path.name for path in store.directory.iterdir())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_leaves_nothing_half_written(
    store: Store, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    """When the system refuses in the middle, none of the pair is there and nothing unfinished is left."""
    real = getattr(os, call)
    count = 0

    def refuse(*given: object) -> object:
        nonlocal count
        count += 1
        if count == 2:
            raise OSError(code, os.strerror(code))
        return real(*given)

    with store.locked():
        monkeypatch.setattr(os, call, refuse)
        with pytest.raises(FileError, match="cannot write") as refused:
            store.write([NewPair("calico", ISSUED)])
    assert str(refused.value.problems[0].place) in {
        str(store.key_path("calico")),
        str(store.certificate_path("calico")),
    }
    assert [".lock"] == [path.name for path in store.directory.iterdir()]


def test_a_crash_between_key_and_certificate_is_repaired(
    store: Store, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the two names of a new pair; the next run finds that and issues the pair again."""
    issue(())

    class Died(BaseException):
        """What kill -9 would be."""

    real = writing._put_in_place

    def die_at_certificate(new: writing.NewFile) -> set[Path]:
        if new.path.name == "calico.pem":
            raise Died
        return real(new)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_put_in_place", die_at_certificate)
        with pytest.raises(Died):
            issue((CLIENT,))
    (replacement,) = issue().replaced
    assert ["its certificate is missing"] == [problem.what for problem in replacement.reasons]
    assert "calico" in issue().kept


def test_what_a_crash_left_unfinished_is_removed(store: Store, issue: Issue) -> None:
    """A key that was never finished does not lie about for ever, nor stand in the way."""
    issue(())
    left = store.directory / ".calico-key.pem.new"
    left.write_bytes(b"half a key")
    issue()
    assert not left.exists()


@pytest.mark.parametrize("name", ["calico.pem", "calico-key.pem", "ca.pem", "ca-key.pem"])
def test_a_symbolic_link_is_refused(store: Store, issue: Issue, name: str, tmp_path: Path) -> None:
    """Neither followed nor replaced."""
    issue()
    path = store.directory / name
    path.rename(tmp_path / name)
    path.symlink_to(tmp_path / name)
    with pytest.raises(FileError, match="a symbolic link"):
        issue(renew=("calico",))
    assert path.is_symlink()


def test_things_that_are_no_files_are_refused(store: Store, issue: Issue) -> None:
    """A folder, and a named pipe, which must not be waited for."""
    issue()
    store.certificate_path("calico").unlink()
    store.certificate_path("calico").mkdir()
    store.certificate_path("root").unlink()
    os.mkfifo(store.certificate_path("root"))
    with pytest.raises(FileError) as refused:
        issue()
    expected = ["cannot read the certificate: a folder is in the way", "this is no plain file"]
    assert expected == [problem.what for problem in refused.value.problems]


def test_a_file_without_end_is_not_read(store: Store, issue: Issue) -> None:
    """Whatever it is, it is no certificate."""
    issue()
    with store.certificate_path("calico").open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(FileError, match="this file has 1099511627776 bytes"):
        issue()


def test_a_file_where_the_folder_should_be(store: Store, issue: Issue) -> None:
    """It is named, with what to do."""
    store.directory.write_text("")
    with pytest.raises(FileError) as refused:
        issue()
    assert refused.value.problems[0].hint


def test_a_missing_file_that_was_named(tmp_path: Path) -> None:
    """Files from the command line must be there."""
    with pytest.raises(FileError, match="there is no such file"):
        read_file(tmp_path / "x.pem", private=True)


def test_the_second_of_two_writers_is_told(store: Store) -> None:
    """While one holds the folder another waits its time and then gives up; after that it may."""
    with store.locked(), pytest.raises(FileError, match="another ringfence is writing"), store.locked(patience=0.1):
        pass
    with store.locked(patience=0):
        pass


def test_a_writer_waits_for_another(store: Store) -> None:
    """Within its patience it gets the folder as soon as that is free."""
    taken, release = threading.Event(), threading.Event()

    def hold() -> None:
        with store.locked():
            taken.set()
            release.wait(10)

    other = threading.Thread(target=hold)
    other.start()
    taken.wait(10)
    threading.Timer(0.2, release.set).start()
    with store.locked(patience=10):
        assert release.is_set()
    other.join()


_RUN = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType, Validity
from ringfence.ops.certs.issuing import issue_certificates
from ringfence.pki.issuing.sources import FileSource
from ringfence.pki.folder.store import Store
from datetime import datetime, UTC
requests = [CertificateRequest(name=f"n{i}", kind=CertificateKind.CLIENT, common_name=f"n{i}") for i in range(40)]
day = timedelta(days=1)
result = asyncio.run(issue_certificates(requests, Store(Path(sys.argv[1])),
    FileSource(key_type=KeyType.ECDSA_P256, lifetime=day), validity=Validity(ca=day, member=day, client=day),
    now=datetime.now(UTC)))
print(result.authority_created, len(result.created), len(result.replaced), len(result.kept))
"""


def test_processes_that_issue_at_once_make_one_authority(store: Store) -> None:
    """Four at the same time: one makes everything, the others find it made."""
    runs = [
        subprocess.Popen([sys.executable, "-c", _RUN, str(store.directory)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outputs = sorted(run.communicate(timeout=60)[0].strip() for run in runs)
    assert ["False 0 0 40"] * 3 + ["True 40 0 0"] == outputs
    assert not (store.directory / "replaced").exists()


def test_a_pair_is_written_key_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate never appears before its key; each file is synced, and the folder once a batch."""
    events: list[str] = []
    real_fsync, real_put = os.fsync, writing._put_in_place

    def fsync(descriptor: int) -> None:
        events.append("sync " + Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real_fsync(descriptor)

    def put(new: writing.NewFile) -> set[Path]:
        events.append("put " + new.path.name)
        return real_put(new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(writing, "_put_in_place", put)
    with store.locked():
        store.write([NewPair("a", ISSUED), NewPair("b", OTHER)])
    files = ["a-key.pem", "a.pem", "b-key.pem", "b.pem"]
    assert sorted(f"sync .{name}.new" for name in files) == sorted(events[:4])
    assert [*(f"put {name}" for name in files), "sync pki"] == events[4:]


def test_an_issued_pair_is_read_back(store: Store) -> None:
    """What was written is what is there."""
    with store.locked():
        store.write([NewPair("calico", ISSUED)])
    files = store.read_pair("calico")
    assert files.certificate is not None
    assert files.key is not None
    assert ISSUED == Issued(files.certificate.content, files.key.content)
