"""Exchanging a pair of files so that nobody finds the certificate of one pair and the key of another.

A pair that was exchanged once lies in a folder of its version, and its two names lead there by way of one link::

    NAME.pem             -> .pairs/NAME/current/cert.pem
    NAME-key.pem         -> .pairs/NAME/current/key.pem
    .pairs/NAME/current  -> VERSION

The exchange is the renaming of that one link. A reader that follows ``current`` once, and then reads both files, has a
matched pair; one that opens the two names one after the other can be overtaken in between, and finds the rest of its
pair for one more exchange, not under those names. The version before the present one is kept, older ones are removed.
Whatever is interrupted leaves the old pair or the new one. To be called with the folder's lock held.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ringfence.pki.folder.file_trouble import file_error
from ringfence.pki.folder.writing import PRIVATE, PUBLIC, UNFINISHED, NewFile, sync_folders, write_new
from ringfence.pki.pem import Issued

PAIRS, CURRENT = ".pairs", "current"
CERTIFICATE, KEY = "cert.pem", "key.pem"

_MODES = {KEY: PRIVATE, CERTIFICATE: PUBLIC}


def target_of(name: str, file: str) -> str:
    """What the link of an exchanged pair says: ``file`` is ``CERTIFICATE`` or ``KEY``."""
    return f"{PAIRS}/{name}/{CURRENT}/{file}"


def version_of(directory: Path, name: str) -> Path | None:
    """The folder with the present pair of that name; None where ``current`` is missing or leads elsewhere.

    Raises:
        OSError: the link cannot be read.
    """
    home = directory / PAIRS / name
    try:
        version = str((home / CURRENT).readlink())
    except FileNotFoundError:
        return None
    return None if "/" in version or version.startswith(".") else home / version


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """One exchange.

    Args:
        directory: the folder of the two names.
        name: of the pair.
        version: a name for its new version; made unique.
        aside: the folder that the old files go to, because they are not to be used again; None keeps them beside the
            new ones, as the version before.
    """

    directory: Path
    name: str
    version: str
    aside: Path | None

    def run(self, issued: Issued, present: Mapping[str, bytes]) -> None:
        """Exchange the pair.

        Args:
            issued: the new one.
            present: what the two names hold now, by ``CERTIFICATE`` and ``KEY``, as far as they are there.

        Raises:
            FileError: the file system refuses; the old pair is in place then, or already the new one.
        """
        with self._naming(self._home, "prepare the folder"):
            self._make_home()
            old = version_of(self.directory, self.name)
        if old is None or not all(self._is_ours(file) for file in _MODES):
            old = self._write_version(present, "was")
            self._point_to(old)
            for file in _MODES:
                self._lead(file)
            sync_folders({self.directory})
        new = self._write_version({CERTIFICATE: issued.certificate_pem, KEY: issued.key_pem}, "")
        self._point_to(new)
        with self._naming(old, "put aside"):
            if self.aside is not None:
                self._put_aside(old, self.aside)
        for each in set(self._home.iterdir()) - {new, old, self._home / CURRENT}:
            with self._naming(each, "remove"):
                shutil.rmtree(each)

    @property
    def _home(self) -> Path:
        return self.directory / PAIRS / self.name

    def _path(self, file: str) -> Path:
        return self.directory / (f"{self.name}.pem" if file == CERTIFICATE else f"{self.name}-key.pem")

    def _make_home(self) -> None:
        """As open to others as the folder itself: who may read a certificate there must be able to follow its link."""
        mode = stat.S_IMODE(self.directory.stat().st_mode)
        for each in (self._home.parent, self._home):
            if not each.is_dir():
                each.mkdir(mode=mode)
                each.chmod(mode)
                sync_folders({each.parent})
        (self._home / f".{CURRENT}{UNFINISHED}").unlink(missing_ok=True)

    def _is_ours(self, file: str) -> bool:
        path = self._path(file)
        return path.is_symlink() and str(path.readlink()) == target_of(self.name, file)

    def _write_version(self, content: Mapping[str, bytes], suffix: str) -> Path:
        folder = self._free(suffix)
        with self._naming(folder, "create the folder"):
            folder.mkdir(mode=stat.S_IMODE(self._home.stat().st_mode))
        try:
            files = [
                NewFile(path=folder / file, content=content[file], mode=mode)
                for file, mode in _MODES.items()
                if file in content
            ]
            write_new(folder, files)
            self._give_to_the_owner(folder)
        except BaseException:  # Ctrl-C too: no half version stays
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    def _free(self, suffix: str) -> Path:
        first = folder = self._home / "-".join(filter(None, (self.version, suffix)))
        count = 1
        while os.path.lexists(folder):
            count += 1
            folder = first.with_name(f"{first.name}-{count}")
        return folder

    def _give_to_the_owner(self, folder: Path) -> None:
        """Root renews what belongs to a service's user: that one must still be able to read its key."""
        if os.geteuid() != 0:
            return
        for file in _MODES:
            path = self._path(file)
            with self._naming(path, "keep the owner"):
                if path.exists() and (folder / file).exists():
                    owner = path.stat()
                    os.chown(folder / file, owner.st_uid, owner.st_gid)

    def _point_to(self, version: Path) -> None:
        """The exchange itself."""
        self._replace(self._home / CURRENT, version.name)
        sync_folders({self._home})

    def _lead(self, file: str) -> None:
        """Make a name a link to what it holds already."""
        if not self._is_ours(file):
            self._replace(self._path(file), target_of(self.name, file))

    def _replace(self, path: Path, target: str) -> None:
        """Put a link to ``target`` in the place of whatever ``path`` is."""
        with self._naming(path, "exchange"):
            unfinished = path.with_name(f".{path.name}{UNFINISHED}")
            unfinished.symlink_to(target)
            try:
                unfinished.rename(path)
            except BaseException:  # Ctrl-C too: no unfinished link stays
                unfinished.unlink()
                raise

    def _put_aside(self, old: Path, aside: Path) -> None:
        for each in (aside.parent, aside):  # `parents=True` would leave the outer one to the umask
            each.mkdir(mode=0o700, exist_ok=True)
        for file in _MODES:
            if (old / file).exists():
                (old / file).rename(aside / self._path(file).name)
        old.rmdir()
        sync_folders({aside, aside.parent})

    @contextmanager
    def _naming(self, path: Path, doing: str) -> Iterator[None]:
        """Turn what the system refuses into an error that names the file."""
        try:
            yield
        except OSError as error:
            raise file_error(error, path, doing) from None
