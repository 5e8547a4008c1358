"""The Ansible module that installs a certificate with its key: what it leaves on the disk."""

from __future__ import annotations

import runpy
import threading
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def pair_type() -> Callable[[dict[str, str | None]], Any]:
    """The class of the module, which is no part of the package that can be imported."""
    library = Path(str(resources.files("ringfence.render.ansible"))) / "data" / "library" / "ringfence_pair.py"
    found: Callable[[dict[str, str | None]], Any] = runpy.run_path(str(library))["Pair"]
    return found


def _params(folder: Path, version: str) -> dict[str, str | None]:
    return {
        "folder": str(folder),
        "name": "calico-node.worker-1",
        "certificate_file": "etcd-cert",
        "key_file": "etcd-key",
        "certificate": f"certificate {version}",
        "key": f"key {version}\n\n",
        "owner": None,
        "group": None,
    }


def test_a_pair_is_installed_once(tmp_path: Path, pair_type: Callable[..., Any]) -> None:
    """Both names read what was given, the key is for its owner alone, and the second time nothing is to be done."""
    pair = pair_type(_params(tmp_path / "etc" / "pki", "1"))
    assert not pair.is_installed()
    pair.install()
    assert pair.is_installed()
    assert pair_type(_params(tmp_path / "etc" / "pki", "1")).is_installed()
    certificate, key = (tmp_path / "etc" / "pki" / name for name in ("etcd-cert", "etcd-key"))
    assert ("certificate 1\n", "key 1\n") == (certificate.read_text(), key.read_text())
    assert (0o644, 0o600) == tuple(path.stat().st_mode & 0o777 for path in (certificate, key))


def test_plain_files_become_a_pair(tmp_path: Path, pair_type: Callable[..., Any]) -> None:
    """Files that somebody put there by hand are replaced, key readable by others included."""
    for name in ("etcd-cert", "etcd-key"):
        (tmp_path / name).write_text("old")
    pair = pair_type(_params(tmp_path, "1"))
    assert not pair.is_installed()
    pair.install()
    assert ("key 1\n", 0o600) == ((tmp_path / "etcd-key").read_text(), (tmp_path / "etcd-key").stat().st_mode & 0o777)


def test_a_wrong_mode_is_mended(tmp_path: Path, pair_type: Callable[..., Any]) -> None:
    """A key that others may read is not as it should be, though its content is."""
    pair = pair_type(_params(tmp_path, "1"))
    pair.install()
    (tmp_path / "etcd-key").chmod(0o644)
    assert not pair.is_installed()
    pair.install()
    assert pair.is_installed()


def test_two_versions_are_kept(tmp_path: Path, pair_type: Callable[..., Any]) -> None:
    """The present one and the one before; keys that are older are gone."""
    for version in ("1", "2", "3"):
        pair_type(_params(tmp_path, version)).install()
    keys = {path.read_text() for path in (tmp_path / ".pairs" / "calico-node.worker-1").glob("*/key.pem")}
    assert "key 3\n" == (tmp_path / "etcd-key").read_text()
    assert {"key 2\n", "key 3\n"} >= keys
    assert "key 1\n" not in keys


def test_a_reader_never_finds_halves_of_two_pairs(tmp_path: Path, pair_type: Callable[..., Any]) -> None:
    """Somebody who follows the link once has a certificate with its own key, however often they are exchanged."""
    pair_type(_params(tmp_path, "0")).install()
    current = tmp_path / ".pairs" / "calico-node.worker-1" / "current"
    seen: set[tuple[str, str]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            folder = current.resolve()
            try:
                found = (folder / "cert.pem").read_text(), (folder / "key.pem").read_text()
            except FileNotFoundError:  # two exchanges while it read: that version is gone
                continue
            seen.add(found)

    reader = threading.Thread(target=read)
    reader.start()
    for version in range(1, 51):
        pair_type(_params(tmp_path, str(version))).install()
    done.set()
    reader.join()
    assert seen
    assert all(certificate.removeprefix("certificate ") == key.removeprefix("key ") for certificate, key in seen)
