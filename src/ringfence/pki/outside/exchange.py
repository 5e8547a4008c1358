"""What lies between ringfence and an authority elsewhere: keys that wait here, requests that wait there.

``pending/NAME-key.pem`` in the store is a key without a certificate yet; nothing uses it before the certificate is
there. The folder of requests holds nothing secret and may be copied as it is: ``NAME.csr``, ``manifest.json``, scripts
for nodes, and what comes back. Everything here is to be called with the store's lock held.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ringfence.pki.folder.file_trouble import file_error
from ringfence.pki.folder.store import NewPair, Store, read_file
from ringfence.pki.folder.writing import PRIVATE, PUBLIC, UNFINISHED, NewFile, write_new
from ringfence.pki.pem import Issued, PemFile

PENDING = "pending"
MANIFEST = "manifest.json"
_KEY, _CSR = "-key.pem", ".csr"
_BATCH = 64


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A key and the request for it, to be written; ``key_pem`` is None where the key is there already."""

    name: str
    csr_pem: bytes
    key_pem: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A certificate with its intermediates, and the key that waited for it; None where that is on the node.

    ``renewal`` tells that it takes the place of a pair that is still good.
    """

    name: str
    chain_pem: bytes
    key_pem: bytes | None = field(repr=False)
    renewal: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """The two folders.

    Args:
        store: where the pairs lie, and beside them the keys that wait.
        requests: the folder that goes to the authority.
    """

    store: Store
    requests: Path

    @property
    def pending(self) -> Path:
        """The folder of the keys that wait."""
        return self.store.directory / PENDING

    def key_path(self, name: str) -> Path:
        """Where a key waits or would wait."""
        return self.pending / f"{name}{_KEY}"

    def csr_path(self, name: str) -> Path:
        """Where a request lies or would lie."""
        return self.requests / f"{name}{_CSR}"

    def certificate_path(self, name: str) -> Path:
        """Where the signed certificate is expected."""
        return self.requests / f"{name}.pem"

    def read_key(self, name: str) -> PemFile | None:
        """The key that waits, or None.

        Raises:
            FileError: it cannot be read, or others may read it.
        """
        path = self.key_path(name)
        return read_file(path, private=True) if os.path.lexists(path) else None

    def read_csr(self, name: str) -> PemFile | None:
        """The request that lies there, or None.

        Raises:
            FileError: it cannot be read.
        """
        path = self.csr_path(name)
        return read_file(path, private=False) if os.path.lexists(path) else None

    def pending_names(self) -> tuple[str, ...]:
        """The names of all keys that wait, sorted.

        Raises:
            FileError: the folder cannot be read.
        """
        try:
            found = [each.name for each in self.pending.iterdir() if not each.name.startswith(".")]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise file_error(error, self.pending, "read the folder") from None
        return tuple(sorted(name.removesuffix(_KEY) for name in found if name.endswith(_KEY)))

    def prepare(self) -> None:
        """Create both folders and remove what a crash left unfinished in them.

        Raises:
            FileError: a folder cannot be made or written.
        """
        for folder, mode in ((self.pending, 0o700), (self.requests, 0o755)):
            try:
                folder.mkdir(mode=mode, parents=True, exist_ok=True)
                for path in folder.glob(f".*{UNFINISHED}"):
                    path.unlink(missing_ok=True)
            except OSError as error:
                raise file_error(error, folder, "prepare the folder") from None

    def write(self, batch: Sequence[NewRequest], replaced: Path) -> None:
        """Write requests, every key before the first request, so that none is ever without its key.

        Args:
            batch: some dozens.
            replaced: where to move keys that are in the way; requests in the way are overwritten, having no worth.

        Raises:
            FileError: the file system refuses; no file is left half-written.
        """
        keys = [(self.key_path(each.name), each.key_pem) for each in batch if each.key_pem is not None]
        files = [NewFile(path=path, content=pem, mode=PRIVATE, aside=replaced / path.name) for path, pem in keys]
        if files:
            write_new(self.pending, files)
        self._remove(self.csr_path(each.name) for each in batch)
        requests = [NewFile(path=self.csr_path(each.name), content=each.csr_pem, mode=PUBLIC) for each in batch]
        write_new(self.requests, requests)

    def set_aside(self, names: Iterable[str], replaced: Path) -> None:
        """Move keys that nobody waits for any more out of the way, and remove their requests.

        Raises:
            FileError: the file system refuses.
        """
        for name in names:
            path = self.key_path(name)
            self._make(replaced)
            try:
                path.rename(replaced / path.name)
            except OSError as error:
                raise file_error(error, path, "move the key aside") from None
            self._remove((self.csr_path(name),))

    def install(self, arrivals: Sequence[Arrival], replaced: Path) -> None:
        """Put certificates to use, each with its key, and end the waiting for them.

        Args:
            arrivals: certificates that were judged.
            replaced: where to move the pairs that they replace.

        Raises:
            FileError: the file system refuses; what was not put to use by then still waits.
        """
        for start in range(0, len(arrivals), _BATCH):
            batch = arrivals[start : start + _BATCH]
            pairs = [
                NewPair(each.name, Issued(each.chain_pem, each.key_pem), replaced, renewal=each.renewal)
                for each in batch
                if each.key_pem is not None
            ]
            if pairs:
                self.store.write(pairs)
            self._install_alone([each for each in batch if each.key_pem is None], replaced)
            self.finish(each.name for each in batch)

    def _install_alone(self, batch: Sequence[Arrival], replaced: Path) -> None:
        """Certificates whose keys are elsewhere; nobody here can show one, so a gap between two is no harm."""
        aside: list[NewFile] = []
        paths: list[Path] = []
        for each in batch:
            found = self.store.read_pair(each.name)
            paths += (self.store.key_path(each.name), self.store.certificate_path(each.name))
            for file, path, mode in ((found.key, paths[-2], PRIVATE), (found.certificate, paths[-1], PUBLIC)):
                if file is not None:
                    aside.append(NewFile(path=replaced / path.name, content=file.content, mode=mode))
        if aside:
            self._make(replaced)
            write_new(replaced, aside)
        self._remove(paths)
        if batch:
            new = [(self.store.certificate_path(each.name), each.chain_pem) for each in batch]
            write_new(self.store.directory, [NewFile(path=path, content=pem, mode=PUBLIC) for path, pem in new])

    def finish(self, names: Iterable[str]) -> None:
        """Remove keys that are in a pair by now, and the requests for them.

        Raises:
            FileError: the file system refuses.
        """
        self._remove(path for name in names for path in (self.csr_path(name), self.key_path(name)))

    def _make(self, replaced: Path) -> None:
        for folder in (replaced.parent, replaced):  # `parents=True` would leave the outer one to the umask
            try:
                folder.mkdir(mode=0o700, exist_ok=True)
            except OSError as error:
                raise file_error(error, folder, "create the folder") from None

    def _remove(self, paths: Iterable[Path]) -> None:
        for path in paths:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise file_error(error, path, "remove the file") from None
