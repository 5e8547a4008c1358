"""What the kernel itself refuses in the middle of issuing: a limit on file sizes, a folder that may not be written."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.pki.folder.store import Store
from tests.integration.pki.conftest import Issue
from tests.unit.pki.making import LEAVES

NAMES = tuple(request.name for request in LEAVES)
NOBODY = 65534
_ISSUE = """
import asyncio, os, sys
from pathlib import Path
from ringfence.errors import RingfenceError
from ringfence.model.certificate import KeyType
from ringfence.ops.certs.issuing import is_not_good, issue_certificates
from ringfence.pki.issuing.sources import FileSource
from ringfence.pki.folder.store import Store
from tests.integration.pki.conftest import VALIDITY
from tests.unit.pki.making import LEAVES, NOW
import ringfence.pki.assess, ringfence.pki.issuing.custody, ringfence.pki.profiles  # while they can be read
user, store, renew = int(sys.argv[1]), Store(Path(sys.argv[2])), sys.argv[3:]
if user:
    os.setuid(user)
source = FileSource(key_type=KeyType.ECDSA_P256, lifetime=VALIDITY.ca)
try:
    asyncio.run(issue_certificates(LEAVES, store, source, validity=VALIDITY, now=NOW,
        choose=lambda found: is_not_good(found) or found.request.name in renew))
except RingfenceError as error:
    print(*error.problems, sep="\\n")
"""
_LARGEST = 400
"""Bytes: more than a key has, and less than a certificate."""


def _issue(directory: Path, *renew: str, limited: bool = False, user: int = 0) -> str:
    """Issue in a process of its own; what it printed."""

    def limit() -> None:
        if limited:
            resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST, _LARGEST))

    ran = subprocess.run(
        [sys.executable, "-B", "-c", _ISSUE, str(user), str(directory), *renew],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
        cwd=Path(__file__).parents[3],
    )
    assert "" == ran.stderr
    return ran.stdout


def test_a_refusal_in_the_middle_of_a_file(store: Store, issue: Issue) -> None:
    """Keys fit and certificates do not: an error says so, nothing is half-written, the next run makes it whole."""
    issue(())
    said = _issue(store.directory, limited=True)
    assert "cannot write: files may not be that large here" in said
    assert {".lock", "ca.pem", "ca-key.pem"} == {path.name for path in store.directory.iterdir()}
    assert NAMES == issue().created


def test_a_refusal_in_the_middle_of_an_exchange(store: Store, issue: Issue) -> None:
    """The pair that was there stays, whole, and the next run exchanges it."""
    issue()
    before = store.read_pair("calico")
    assert "files may not be that large here" in _issue(store.directory, "calico", limited=True)
    after = store.read_pair("calico")
    assert before.certificate is not None
    assert after.certificate is not None
    assert before.certificate.content == after.certificate.content
    assert NAMES == issue().kept
    assert "" == _issue(store.directory, "calico")
    assert before != store.read_pair("calico")


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that an ordinary user reaches, whoever runs the tests."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_folder_that_may_not_be_written(shared: Path) -> None:
    """By an ordinary user: one error with a hint, and what was there is untouched."""
    user = NOBODY if os.geteuid() == 0 else 0
    pki = shared / "pki"
    pki.mkdir(mode=0o700)
    if user:
        os.chown(pki, user, -1)
    assert "" == _issue(pki, user=user)
    (pki / "calico.pem").unlink()
    before = {path.name: path.read_bytes() for path in pki.iterdir()}
    pki.chmod(0o500)
    said = _issue(pki, user=user)
    pki.chmod(0o700)
    assert "cannot prepare the folder: no permission" in said
    assert before == {path.name: path.read_bytes() for path in pki.iterdir()}
    assert "" == _issue(pki, user=user)
    assert (pki / "calico.pem").exists()
