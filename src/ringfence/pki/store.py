"""The folder in which certificates and keys lie: ``NAME.pem`` and ``NAME-key.pem``.

It knows names, modes and durability, and not what a certificate says. What it replaces it first moves into
``replaced/<time>/``, so nothing is ever lost and a swap can be taken back by hand. A crash between the two files of a
pair leaves a key that does not fit its certificate; the next run finds that and issues the pair again.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ringfence.errors import FileError, Place, Problem
from ringfence.pki.authority import Issued
from ringfence.pki.file_trouble import file_error
from ringfence.pki.lock import hold
from ringfence.pki.pem import PemFile
from ringfence.pki.writing import PRIVATE, PUBLIC, UNFINISHED, NewFile, write_new

AUTHORITY = "ca"
"""The name of the authority's own pair."""

_KEY = "-key"
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredPair:
    """What there is of a pair; None for a file that is not there."""

    certificate: PemFile | None
    key: PemFile | None


@dataclass(frozen=True, slots=True)
class NewPair:
    """A pair to be written, and the folder for the files that it replaces; None where nothing may be there."""

    name: str
    issued: Issued
    replaced: Path | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """The folder; it need not exist before something is written."""

    directory: Path

    def certificate_path(self, name: str) -> Path:
        """Where the certificate of that name lies or would lie."""
        return self.directory / f"{name}.pem"

    def key_path(self, name: str) -> Path:
        """Where the key of that name lies or would lie."""
        return self.directory / f"{name}{_KEY}.pem"

    def read_certificate(self, name: str) -> PemFile | None:
        """The certificate file of that name, or None.

        Raises:
            FileError: it is there and cannot be read, or it is no plain file.
        """
        return _read(self.certificate_path(name), private=False)

    def read_key(self, name: str) -> PemFile | None:
        """The key file of that name, or None.

        Raises:
            FileError: it is there and cannot be read, is no plain file, or others may read it.
        """
        return _read(self.key_path(name), private=True)

    def read_pair(self, name: str) -> StoredPair:
        """Both files of that name, as far as they are there; raises as the two above, for both at once."""
        problems: list[Problem] = []
        files: list[PemFile | None] = []
        for read in (self.read_certificate, self.read_key):
            try:
                files.append(read(name))
            except FileError as error:
                problems += error.problems
        if problems:
            raise FileError(*problems)
        return StoredPair(*files)

    def names(self) -> tuple[str, ...]:
        """The names of all certificate files, sorted; none where there is no folder.

        Raises:
            FileError: the folder cannot be read.
        """
        try:
            files = [path.name for path in self.directory.iterdir() if path.suffix == ".pem"]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise file_error(error, self.directory, "read the folder") from None
        stems = (name.removesuffix(".pem") for name in files if not name.startswith("."))
        return tuple(sorted(stem for stem in stems if not stem.endswith(_KEY)))

    def check_names(self, names: Iterable[str]) -> None:
        """Refuse names that cannot be file names here, or would be each other's files.

        Raises:
            FileError: with every reason.
        """
        problems = []
        seen = set()
        for name in names:
            place = Place(str(self.directory))
            if not name or name.startswith(".") or "/" in name or "\0" in name:
                hint = "choose an identity without slashes and leading dots"
                problems.append(Problem(f"{name!r} cannot be a file name", place, hint))
            elif name.endswith(_KEY) or name == AUTHORITY:
                hint = "choose another identity"
                problems.append(Problem(f"{name}.pem is kept for the file of another certificate", place, hint))
            elif name in seen:
                problems.append(Problem(f"two certificates would be {name}.pem", place, "give one another identity"))
            seen.add(name)
        if problems:
            raise FileError(*problems)

    @contextmanager
    def locked(self, patience: float = 5.0) -> Iterator[None]:
        """Be the only writer; the folder is created if need be, and what a crash left unfinished is removed.

        Args:
            patience: seconds to wait for another writer.

        Raises:
            FileError: another writer does not end, or the folder cannot be written.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise file_error(error, self.directory, "create the folder") from None
        with hold(self.directory, patience):
            for path in self.directory.glob(f".*.pem{UNFINISHED}"):
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:
                    raise file_error(error, path, "remove an unfinished file") from None
            yield

    def folder_for_replaced(self, now: datetime) -> Path:
        """The name of a folder for what this run will replace: by its time, and not there yet."""
        first = self.directory / "replaced" / f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        folder, count = first, 1
        while os.path.lexists(folder):
            count += 1
            folder = first.with_name(f"{first.name}-{count}")
        return folder

    def write(self, pairs: Sequence[NewPair]) -> None:
        """Write pairs, each key before its certificate; to be called with the lock held.

        Args:
            pairs: some dozens: one batch, in which each file is synced and the folder once.

        Raises:
            FileError: something is in the way, or the file system refuses; no file is left half-written.
        """
        files = []
        for pair in pairs:
            for path, content, mode in (
                (self.key_path(pair.name), pair.issued.key_pem, PRIVATE),
                (self.certificate_path(pair.name), pair.issued.certificate_pem, PUBLIC),
            ):
                aside = None if pair.replaced is None else pair.replaced / path.name
                files.append(NewFile(path=path, content=content, mode=mode, aside=aside))
        write_new(self.directory, files)


def read_file(path: Path, *, private: bool) -> PemFile:
    """A certificate or key file that somebody named; links are followed.

    Raises:
        FileError: it is missing, cannot be read, is no plain file, or is a key that others may read.
    """
    found = _read(path, private=private, follow=True)
    if found is None:
        raise FileError.of("there is no such file", place=Place(str(path)), hint="check the path")
    return found


def _read(path: Path, *, private: bool, follow: bool = False) -> PemFile | None:
    place = Place(str(path))
    # Without O_NONBLOCK a named pipe in the way would be waited for.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            _refuse_odd(status, place, private=private)
            return PemFile(file.read(), place)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise file_error(error, path, "read the key" if private else "read the certificate") from None


def _refuse_odd(status: os.stat_result, place: Place, *, private: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise FileError.of("this is no plain file", place=place, hint="move it away")
    if status.st_size > _LARGEST:
        raise FileError.of(
            f"this file has {status.st_size} bytes, no certificate has", place=place, hint="move it away"
        )
    if private and status.st_mode & 0o077:
        raise FileError.of(
            f"others may read this private key (mode {stat.S_IMODE(status.st_mode):04o})",
            place=place,
            hint=f"if nobody did: `chmod 600 {place.file}`; else move it away and issue the certificate again",
        )
