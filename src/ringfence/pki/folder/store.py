"""The folder in which certificates and keys lie: ``NAME.pem`` and ``NAME-key.pem``.

It knows names, modes and durability, and not what a certificate says. New pairs are plain files; one that is replaced
is exchanged as a whole (`ringfence.pki.folder.swap`) and from then on lies behind links, the only ones that are
followed here. What was replaced because it was wrong is moved into ``replaced/<time>/``, so nothing is ever lost; of
what was renewed the version before is kept. A crash while a new pair is written can leave a key without its
certificate; the next run finds that and issues the pair again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ringfence.errors import FileError, Place, Problem
from ringfence.pki.folder.file_trouble import file_error
from ringfence.pki.folder.lock import hold
from ringfence.pki.folder.reading import read_pem
from ringfence.pki.folder.swap import CERTIFICATE, KEY, PAIRS, Swap, target_of, version_of
from ringfence.pki.folder.writing import PRIVATE, PUBLIC, UNFINISHED, NewFile, write_new
from ringfence.pki.pem import Issued, PemFile

AUTHORITY = "ca"
"""The name of the authority's own pair."""

_KEY = "-key"


@dataclass(frozen=True, slots=True)
class StoredPair:
    """What there is of a pair; None for a file that is not there."""

    certificate: PemFile | None
    key: PemFile | None


@dataclass(frozen=True, slots=True)
class NewPair:
    """A pair to be written.

    Args:
        name: of the two files.
        issued: what they are to hold.
        replaced: the folder for the files that it replaces; None where nothing may be there.
        renewal: whether what it replaces was good, and is kept as the version before instead of in that folder.
    """

    name: str
    issued: Issued
    replaced: Path | None = None
    renewal: bool = False


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
        return self._read(name, CERTIFICATE)[0]

    def read_key(self, name: str) -> PemFile | None:
        """The key file of that name, or None.

        Raises:
            FileError: it is there and cannot be read, is no plain file, or others may read it.
        """
        return self._read(name, KEY)[0]

    def read_pair(self, name: str) -> StoredPair:
        """Both files of that name, as far as they are there and of one version; raises as the two above, for both."""
        before: Path | None = None
        while True:
            problems: list[Problem] = []
            files: dict[str, PemFile | None] = {CERTIFICATE: None, KEY: None}
            is_exchanged = False
            for file in files:
                try:
                    files[file], is_link = self._read(name, file)
                    is_exchanged |= is_link
                except FileError as error:
                    problems += error.problems
            version = self._version(name) if is_exchanged else None
            if version == before:  # else it may have been exchanged between the two
                break
            before = version
        if problems:
            raise FileError(*problems)
        return StoredPair(files[CERTIFICATE], files[KEY])

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
        swaps = []
        for pair in pairs:
            if pair.replaced is not None and pair.name != AUTHORITY and self._has(pair.name):
                swaps.append(pair)
                continue
            for path, content, mode in (
                (self.key_path(pair.name), pair.issued.key_pem, PRIVATE),
                (self.certificate_path(pair.name), pair.issued.certificate_pem, PUBLIC),
            ):
                aside = None if pair.replaced is None else pair.replaced / path.name
                files.append(NewFile(path=path, content=content, mode=mode, aside=aside))
        if files:
            write_new(self.directory, files)
        for pair in swaps:
            self._swap(pair)

    def _has(self, name: str) -> bool:
        return os.path.lexists(self.certificate_path(name)) or os.path.lexists(self.key_path(name))

    def _swap(self, pair: NewPair) -> None:
        assert pair.replaced is not None
        found = self.read_pair(pair.name)
        present = {CERTIFICATE: found.certificate, KEY: found.key}
        Swap(
            directory=self.directory,
            name=pair.name,
            version=pair.replaced.name,
            aside=None if pair.renewal else pair.replaced,
        ).run(pair.issued, {file: each.content for file, each in present.items() if each is not None})

    def _version(self, name: str) -> Path | None:
        try:
            return version_of(self.directory, name)
        except OSError as error:
            raise file_error(error, self.directory / PAIRS / name, "read the link") from None

    def _read(self, name: str, file: str) -> tuple[PemFile | None, bool]:
        """One of the two files, and whether it lies behind the link that an exchange left."""
        private = file == KEY
        path = f"{self.directory}/{name}{_KEY if private else ''}.pem"
        try:
            return read_pem(path, private=private), False
        except FileError:
            if not self._is_ours(path, name, file):
                raise
        version = self._version(name)
        return None if version is None else read_pem(f"{version}/{file}", private=private), True

    def _is_ours(self, path: str, name: str, file: str) -> bool:
        try:
            return str(Path(path).readlink()) == target_of(name, file)
        except OSError:
            return False

    def write_bundle(self, content: bytes) -> None:
        """Write ``ca.pem`` where there is none; to be called with the lock held.

        Raises:
            FileError: there is one, or the file system refuses; nothing is left half-written.
        """
        write_new(self.directory, [NewFile(path=self.certificate_path(AUTHORITY), content=content, mode=PUBLIC)])


def read_file(path: Path, *, private: bool, what: str = "") -> PemFile:
    """A certificate or key file, or another secret, that somebody named; links are followed.

    Args:
        path: the file.
        private: whether others must not be able to read it.
        what: what it holds, for messages; by itself a private key or a certificate.

    Raises:
        FileError: it is missing, cannot be read, is no plain file, or is private and others may read it.
    """
    found = read_pem(str(path), private=private, follow=True, what=what)
    if found is None:
        what = what or ("private key" if private else "certificate")
        raise FileError.of(
            f"there is no such file, which should hold the {what}", place=Place(str(path)), hint="check the path"
        )
    return found
